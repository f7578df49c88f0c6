"""unittest as a worker of `subunit run`: `python -m subunit_unittest WORDS`, with this folder in PYTHONPATH.

WORDS are those of `python -m unittest`. With --subunit-list tests are listed. With $SUBUNIT_TEST_FD tests
run one by one, as their ids arrive. Without any of it all tests do.

`PacketResult` is a result for any runner of unittest, and `serve` a feeder for any suite of tests.
"""
import os
import sys
import traceback
import unittest
import warnings

import subunit_packets as packets


class PacketResult(unittest.TestResult):
    """Says in packets how tests end."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.status = None
        self.running = None
        self.ended = set()

    def startTest(self, test):
        super().startTest(test)
        self.status, self.running = None, test.id()
        packets.packet(self.running, packets.INPROGRESS)

    def stopTest(self, test):
        output = [self._stdout_buffer, self._stderr_buffer] if self.buffer else []
        for name, buffer in zip(("stdout", "stderr"), output):
            if buffer is not None and buffer.getvalue():
                packets.attach(self.running, name, buffer.getvalue())
        packets.packet(self.running, self.status or packets.SUCCESS)
        self.ended.add(self.running)
        self.running = None
        self._mirrorOutput = False
        super().stopTest(test)

    def addError(self, test, err):
        super().addError(test, err)
        self.failed(test, "traceback", err)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failed(test, "traceback", err)

    def words(self, test, err):
        """A traceback as unittest prints it, without the output that it may add."""
        buffers, self.buffer = self.buffer, False
        try:
            return self._exc_info_to_string(err, test)
        finally:
            self.buffer = buffers

    def failed(self, test, name, err):
        words = self.words(test, err)
        if self.running is None:
            # setUpClass, tearDownModule and their like cannot be run by themselves.
            packets.end(test.id(), packets.FAIL, name, words, runnable=False)
            return
        packets.attach(self.running, name, words)
        self.status = packets.FAIL

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if self.running is None:
            packets.end(test.id(), packets.SKIP, "reason", reason, runnable=False)
            return
        packets.attach(self.running, "reason", reason)
        if self.status is None:
            self.status = packets.SKIP

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        packets.attach(self.running, "traceback", self.words(test, err))
        if self.status is None:
            self.status = packets.XFAIL

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        if self.status is None:
            self.status = packets.UXSUCCESS

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.failed(test, "traceback %s" % subtest._subDescription(), err)


def each_test(suite):
    """The tests of a suite, in its order."""
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from each_test(one)
        else:
            yield one


def is_broken(test):
    """Whether the loader has put this in place of a module that could not be imported."""
    return type(test).__name__ == "_FailedTest"


def list_tests(suite):
    """Says which tests there are, and which modules could not be imported."""
    listed = set()
    for test in each_test(suite):
        if test.id() in listed:
            continue
        listed.add(test.id())
        if is_broken(test):
            words = "".join(traceback.format_exception_only(type(test._exception), test._exception))
            packets.end(test.id(), packets.FAIL, "traceback", words, runnable=False)
        else:
            packets.packet(test.id(), packets.EXISTS)


def serve(suite, result):
    """Runs the tests of a suite as their ids arrive. Classes and modules are set up while their tests follow
    each other, and what was handed out ends under the id by which it was."""
    tests = {}
    for test in each_test(suite):
        tests.setdefault(test.id(), []).append(test)
    # Who runs one test at a time ends classes and modules.
    result._testRunEntered = True
    runner = unittest.TestSuite()
    runner._cleanup = False
    shared = {}
    for asked in packets.asked():
        found = tests.get(asked)
        if not found:
            packets.packet(asked, packets.INPROGRESS)
            packets.end(asked, packets.FAIL, "reason", "there is no such test\n")
            continue
        before = _lengths(result)
        runner._tests = list(found)
        runner.run(result)
        if asked not in result.ended:
            status, why = _of_shared(result, before, found[0], shared)
            packets.packet(asked, packets.INPROGRESS)
            packets.end(asked, status, "reason", why)
        result.ended.discard(asked)
    runner._tearDownPreviousClass(None, result)
    runner._handleModuleTearDown(result)


def _lengths(result):
    return len(result.errors), len(result.skipped)


def _of_shared(result, before, test, shared):
    """How a test ends whose class or module could not be set up: that is said once, for the first test."""
    places = (type(test), type(test).__module__)
    errors, skipped = _lengths(result)
    if errors > before[0]:
        said = packets.FAIL, result.errors[-1][1]
    elif skipped > before[1]:
        said = packets.SKIP, result.skipped[-1][1]
    else:
        unknown = packets.FAIL, "its class or its module could not be set up\n"
        return next((shared[place] for place in places if place in shared), unknown)
    for place in places:
        shared[place] = said
    return said


class Program(unittest.TestProgram):
    """`python -m unittest`, which runs its tests for us."""

    def __init__(self, lists):
        self.lists = lists
        super().__init__(module=None)

    def runTests(self):
        if self.lists:
            list_tests(self.test)
            sys.exit(0)
        if self.catchbreak:
            unittest.installHandler()
        if self.warnings:
            warnings.simplefilter(self.warnings)
        result = PacketResult()
        result.failfast = bool(self.failfast) and packets.TEST_FD is None
        result.buffer = bool(self.buffer)
        result.tb_locals = self.tb_locals
        if packets.TEST_FD is not None:
            serve(self.test, result)
            # Each result was told.
            sys.exit(0)
        unittest.TestSuite([self.test]).run(result)
        sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    # As `python -m unittest` finds modules.
    sys.path.insert(0, os.getcwd())
    lists = "--subunit-list" in sys.argv
    if lists:
        sys.argv.remove("--subunit-list")
    sys.argv[0] = "python -m unittest"
    Program(lists)
