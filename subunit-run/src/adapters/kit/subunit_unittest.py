"""unittest as a worker of `subunit run`: `python -m subunit_unittest WORDS`, with this folder in PYTHONPATH.

WORDS are those of `python -m unittest`. With --subunit-list tests are listed. With $SUBUNIT_TEST_FD tests
run one by one, as their ids arrive. Without any of it all tests do.

Other workers use it as a module: `work` lists the tests of a suite of unittest or testtools and runs them, and
`PacketResult` is a result for any runner of such tests. `subunit run --python-worker DIR` writes both modules.
"""
import os
import sys
import traceback
import unittest
import warnings

import subunit_packets as packets


class PacketResult(unittest.TestResult):
    """Says in packets how tests end, each under its `id()`.

    Where they go: to the descriptor $SUBUNIT_RESULT_FD, or else to standard output. It takes what unittest and what
    testtools say: details become files of the test, each with its name and its type; tags become tags.
    """

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.status = None
        self.running = None
        self.ended = set()
        self.all_tags = set()
        self.own_tags = set()

    def tags(self, new_tags, gone_tags):
        """Sets tags: of the test that runs, or of all that follow."""
        if self.running is None:
            self.all_tags = (self.all_tags | set(new_tags)) - set(gone_tags)
        else:
            self.own_tags = (self.own_tags | set(new_tags)) - set(gone_tags)

    def startTest(self, test):
        super().startTest(test)
        self.own_tags = set(self.all_tags)
        self.status, self.running = None, test.id()
        packets.packet(self.running, packets.INPROGRESS)

    def stopTest(self, test):
        output = [self._stdout_buffer, self._stderr_buffer] if self.buffer else []
        for name, buffer in zip(("stdout", "stderr"), output):
            if buffer is not None and buffer.getvalue():
                packets.attach(self.running, name, buffer.getvalue())
        packets.packet(self.running, self.status or packets.SUCCESS, tags=sorted(self.own_tags))
        self.ended.add(self.running)
        self.running = None
        self._mirrorOutput = False
        super().stopTest(test)

    def addSuccess(self, test, details=None):
        super().addSuccess(test)
        self.attach(test, details)

    def addError(self, test, err=None, details=None):
        if details is None:
            super().addError(test, err)
            self.failed(test, "traceback", err)
        else:
            self.failed_with(test, self.errors, details)

    def addFailure(self, test, err=None, details=None):
        if details is None:
            super().addFailure(test, err)
            self.failed(test, "traceback", err)
        else:
            self.failed_with(test, self.failures, details)

    def failed_with(self, test, known, details):
        """As testtools says it."""
        name = self.running or test.id()
        known.append((test, "\n".join(_text_of(one) for one in details.values())))
        self.attach(test, details)
        if self.running is None:
            packets.packet(name, packets.FAIL, runnable=False)
        self.status = packets.FAIL

    def attach(self, test, details):
        """Details of testtools: each has a type, and gives its bytes in pieces."""
        name, runnable = self.running or test.id(), self.running is not None
        for key, content in (details or {}).items():
            data = b"".join(content.iter_bytes())
            packets.attach_bytes(name, key, data, runnable, str(content.content_type))

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

    def addSkip(self, test, reason=None, details=None):
        if reason is None:
            details = dict(details or {})
            reason = _text_of(details.pop("reason", None)) or "no reason is given"
        self.attach(test, details)
        super().addSkip(test, reason)
        if self.running is None:
            packets.end(test.id(), packets.SKIP, "reason", reason, runnable=False)
            return
        packets.attach(self.running, "reason", reason)
        if self.status is None:
            self.status = packets.SKIP

    def addExpectedFailure(self, test, err=None, details=None):
        if details is None:
            super().addExpectedFailure(test, err)
            packets.attach(self.running, "traceback", self.words(test, err))
        else:
            self.expectedFailures.append((test, ""))
            self.attach(test, details)
        if self.status is None:
            self.status = packets.XFAIL

    def addUnexpectedSuccess(self, test, details=None):
        super().addUnexpectedSuccess(test)
        self.attach(test, details)
        if self.status is None:
            self.status = packets.UXSUCCESS

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.failed(test, "traceback %s" % subtest._subDescription(), err)


def _text_of(content):
    """What a detail of testtools says."""
    return "" if content is None else b"".join(content.iter_bytes()).decode("utf-8", "replace")


def work(suite, lists=False, result=None):
    """What a worker does: lists the tests of a suite, or runs those whose ids arrive on $SUBUNIT_TEST_FD; all of
    them without that. Returns the result, a `PacketResult` unless one is given; None for a listing."""
    if lists:
        return list_tests(suite)
    result = PacketResult() if result is None else result
    if packets.TEST_FD is None:
        unittest.TestSuite([suite]).run(result)
    else:
        serve(suite, result)
    return result


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
