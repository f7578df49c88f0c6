"""A unittest runner that takes ids one by one on $SUBUNIT_TEST_FD, and lists or runs lists as subunit.run does.

It needs python-subunit and testtools. It is what the supervisor is measured with.
"""
import os
import sys
import unittest

import subunit
from testtools import ExtendedToStreamDecorator


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def main():
    out = sys.stdout.buffer
    stream = subunit.StreamResultToBytes(out)
    tests = {test.id(): test for test in flat(unittest.TestLoader().discover("."))}
    if sys.argv[1:] == ["--list"]:
        for test_id in tests:
            stream.status(test_id=test_id, test_status="exists")
        out.flush()
        return
    result = ExtendedToStreamDecorator(stream)
    result.startTestRun()
    if sys.argv[1:2] == ["--load-list"]:
        with open(sys.argv[2]) as ids:
            chosen = [line.strip() for line in ids]
    else:
        chosen = (line.strip() for line in os.fdopen(int(os.environ["SUBUNIT_TEST_FD"])))
    for test_id in chosen:
        tests[test_id].run(result)
        out.flush()
    result.stopTestRun()
    out.flush()


main()
