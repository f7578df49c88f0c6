"""pytest as a worker of `subunit run`: `pytest -p subunit_pytest`, with this folder in PYTHONPATH.

With --collect-only tests are listed. With $SUBUNIT_TEST_FD tests run one by one, as their ids arrive; with $SUBUNIT_LISTS
they are listed first. With --subunit-ids FILE the tests of a list run as pytest always runs them. With --subunit-merge none
runs: what workers have covered is reported as one pytest would that had run all tests. Without any of it all tests do.
"""
import io
import os
import sys

import pytest
from _pytest.runner import CallInfo
from _pytest.terminal import TerminalReporter

try:
    from _pytest._io import TerminalWriter
except ImportError:
    # pytest before 5.4.
    TerminalWriter = None

import subunit_packets as packets
from subunit_coverage import Merge, be_own, keep_when_ended, leave_out

if packets.TEST_FD is None and "--subunit-merge" in sys.argv:
    leave_out()

MAJOR = int(pytest.__version__.split(".")[0])
WORKER, WORKERS = packets.worker()
LISTS = os.environ.pop("SUBUNIT_LISTS", None) is not None

if WORKER is not None:
    # Suites have read these for years.
    os.environ["PYTEST_XDIST_WORKER"] = "gw" + WORKER
    os.environ["PYTEST_XDIST_WORKER_COUNT"] = str(WORKERS)
    os.environ["PYTEST_XDIST_TESTRUNUID"] = os.environ.get("SUBUNIT_RUN_ID", "")
    if packets.TEST_FD is not None and be_own(WORKER):
        pass
    elif WORKERS > 1:
        # Each process measures for itself: `coverage combine` joins what they wrote.
        own = ".coverage.subunit-%s.%d" % (WORKER, os.getpid())
        os.environ.setdefault("COVERAGE_FILE", own)


def pytest_addoption(parser):
    group = parser.getgroup("subunit")
    group.addoption("--subunit-ids", metavar="FILE", help="run the tests of this list, an id a line")
    group.addoption("--subunit-merge", action="store_true", help="report what workers have covered")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    if _is_ours(config):
        # Who runs the workers hands tests out: nothing else does.
        for name, value in (("dist", "no"), ("tx", []), ("numprocesses", 0)):
            if hasattr(config.option, name):
                setattr(config.option, name, value)


def _is_ours(config):
    """Whether this process lists, or runs tests one by one: its console is not for people."""
    if config.option.subunit_merge:
        return False
    return config.option.collectonly or packets.TEST_FD is not None


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    option, register = config.option, config.pluginmanager.register
    if hasattr(config, "workerinput"):
        # A worker of xdist, whose results are told by the process that started it.
        if option.subunit_ids:
            register(Chosen(option.subunit_ids, False), "subunit-chosen")
        return
    if option.subunit_merge:
        register(Merge(), "subunit-merge")
    elif option.collectonly:
        register(Listing(), "subunit-listing")
    elif packets.TEST_FD is not None:
        register(Worker(), "subunit-worker")
        if LISTS:
            register(Listing(), "subunit-listing")
    else:
        register(Results(), "subunit-results")
        if option.subunit_ids:
            # The listing has named the files that cannot be collected.
            option.continue_on_collection_errors = True
            register(Chosen(option.subunit_ids, True), "subunit-chosen")
    if _is_ours(config):
        _take_over(config)


def _take_over(config):
    manager = config.pluginmanager
    if not _needs_console(config.option):
        _silence(config)
    if config.option.collectonly:
        return
    # What was chosen is handed out; and what one worker knows of failures is not what is known of the run.
    for name in ("lfplugin", "nfplugin", "stepwiseplugin"):
        _remove(manager, name)
    keep_when_ended(config)
    if WORKER is not None and manager.hasplugin("django") and not manager.hasplugin("_cov"):
        _be_worker_of_xdist(config)


def _silence(config):
    """Nothing is reported on the console. pytest 8 and plugins ask for its writer all the same."""
    manager = config.pluginmanager
    if manager.hasplugin("terminalreporter"):
        _remove(manager, "terminalreporter")
        manager.register(Silent(config), "terminalreporter")


class Silent:
    """Stands where the reporter of pytest was: it has no hooks, and what is written to it goes nowhere."""

    def __init__(self, config):
        self.reporter = TerminalReporter(config, open(os.devnull, "w"))

    def __getattr__(self, name):
        return getattr(self.reporter, name)


def _be_worker_of_xdist(config):
    config.workerinput = {
        "workerid": "gw" + WORKER,
        "workercount": WORKERS,
        "testrunuid": os.environ["PYTEST_XDIST_TESTRUNUID"],
    }


def _needs_console(option):
    names = ("usepdb", "trace", "setupshow", "setuponly", "setupplan")
    return any(getattr(option, name, False) for name in names)


def _remove(manager, name):
    plugin = manager.get_plugin(name)
    if plugin is not None:
        manager.unregister(plugin)


class Listing:
    """Says which tests there are."""

    def pytest_collectreport(self, report):
        if report.failed:
            test = report.nodeid or "(collection)"
            packets.end(test, packets.FAIL, "traceback", _words(report), runnable=False)
        elif report.skipped:
            reason = _skip_reason(report.longrepr)
            packets.end(report.nodeid, packets.SKIP, "reason", reason, runnable=False)

    def pytest_collection_finish(self, session):
        for item in session.items:
            packets.packet(item.nodeid, packets.EXISTS, tags=_marks(item))
        if LISTS:
            packets.listed(len(session.items))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        # Broken files were named, and no test at all is no error of a listing.
        if session.exitstatus in (1, 2, 5) and not session.shouldstop:
            session.exitstatus = 0


def _marks(item):
    return sorted({mark.name for mark in item.iter_markers()} - {"parametrize", "usefixtures"})


class Chosen:
    """Keeps the tests of a list."""

    def __init__(self, path, tells):
        self.tells = tells
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
            self.wanted = [line.rstrip("\n") for line in lines]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session, config, items):
        wanted = set(self.wanted)
        kept = [item for item in items if item.nodeid in wanted]
        other = [item for item in items if item.nodeid not in wanted]
        if other:
            config.hook.pytest_deselected(items=other)
        for missing in sorted(wanted - {item.nodeid for item in kept}) if self.tells else ():
            packets.end(missing, packets.FAIL, "reason", "pytest has no such test\n")
        items[:] = kept


class State:
    """What is known of a test that runs."""

    def __init__(self):
        self.worst = None
        self.tags = ()
        self.why = []
        self.reruns = []
        self.output = []


class Results:
    """Says how tests end."""

    def __init__(self):
        # Several run at once where xdist runs them.
        self.running = {}

    def pytest_runtest_logstart(self, nodeid):
        self.running[nodeid] = State()
        packets.packet(nodeid, packets.INPROGRESS)

    def pytest_runtest_logreport(self, report):
        state = self.running.get(report.nodeid)
        if state is None:
            return
        if hasattr(report, "context") and report.when == "call":
            return _say_subtest(report)
        if report.when == "teardown":
            state.output = report.sections
        if report.outcome == "rerun":
            state.reruns.append((_words(report), report.sections))
        elif report.failed:
            _note_failure(state, report)
        elif report.skipped and state.worst is None:
            if hasattr(report, "wasxfail"):
                state.worst = packets.XFAIL
                state.why.append(("reason", report.wasxfail))
            else:
                state.worst = packets.SKIP
                state.why.append(("reason", _skip_reason(report.longrepr)))
        elif report.when == "call" and hasattr(report, "wasxfail"):
            # Not strict, so pytest counts it as passed.
            state.tags = ("xpass",)

    def pytest_runtest_logfinish(self, nodeid):
        state = self.running.pop(nodeid, None)
        if state is None:
            return
        for nth, (words, sections) in enumerate(state.reruns, 1):
            tag = "attempt-%d" % nth
            _attach_output(nodeid, sections)
            packets.end(nodeid, packets.FAIL, "traceback", words, tags=(tag,))
            packets.packet(nodeid, packets.INPROGRESS)
        if state.reruns:
            state.tags += ("attempt-%d" % (len(state.reruns) + 1),)
        _attach_output(nodeid, state.output)
        for name, words in state.why:
            packets.attach(nodeid, name, words)
        packets.packet(nodeid, state.worst or packets.SUCCESS, tags=state.tags)


def _note_failure(state, report):
    if isinstance(report.longrepr, str) and report.longrepr.startswith(UNEXPECTED):
        state.worst = packets.UXSUCCESS
        state.why.append(("reason", report.longrepr))
        return
    state.worst = packets.FAIL
    name = "traceback" if report.when == "call" else report.when + " traceback"
    state.why.append((name, _words(report)))


def _words(report):
    """A failure as pytest prints it. Its own `longreprtext` takes the indentation of the first line away."""
    if TerminalWriter is None:
        return report.longreprtext
    words = io.StringIO()
    writer = TerminalWriter(words)
    writer.hasmarkup = False
    report.toterminal(writer)
    return words.getvalue().strip("\n")


def _say_subtest(report):
    """A part of a test cannot be run by itself."""
    test = "%s %s" % (report.nodeid, _described(report.context))
    if report.failed:
        packets.end(test, packets.FAIL, "traceback", _words(report), runnable=False)
    elif report.skipped:
        packets.end(test, packets.SKIP, "reason", _skip_reason(report.longrepr), runnable=False)
    else:
        packets.end(test, packets.SUCCESS, runnable=False)


UNEXPECTED = ("[XPASS(strict)]", "Unexpected success")


def _attach_output(nodeid, sections):
    for head, words in sections:
        # "Captured stdout setup"
        packets.attach(nodeid, head.replace("Captured ", "").split(" ")[0] or "output", words)


def _skip_reason(longrepr):
    return str(longrepr[2] if isinstance(longrepr, tuple) else longrepr)


def _described(context):
    words = [] if context.msg is None else ["[%s]" % context.msg]
    if context.kwargs:
        values = ", ".join("%s=%r" % value for value in sorted(context.kwargs.items()))
        words.append("(%s)" % values)
    return " ".join(words) or "(<subtest>)"


class Worker(Results):
    """Runs tests as their ids arrive."""

    def __init__(self):
        super().__init__()
        self.broken = {}

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session):
        # pytest-cov would look for the process that started this one.
        manager = session.config.pluginmanager
        if WORKER is not None and manager.hasplugin("django") and manager.hasplugin("_cov"):
            _be_worker_of_xdist(session.config)

    def pytest_collectreport(self, report):
        if report.failed:
            self.broken[report.nodeid] = _words(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        session.config.pluginmanager.register(Fixtures(), "subunit-fixtures")
        items = {item.nodeid: item for item in session.items}
        before = None
        for test in packets.asked():
            item = items.get(test)
            if item is None:
                self.missing(test)
                continue
            if before is not None:
                self.leave(before, item)
            # The next test is not known yet: what is the item's own is torn down, what it shares stays.
            item.ihook.pytest_runtest_protocol(item=item, nextitem=item.parent)
            before = item
            # How many failures are too many is decided for the run, and not in one of its workers.
            session.shouldfail = False
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
        if before is not None:
            self.leave(before, None)
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        # Each result was told, and who has got no test has done no wrong.
        if session.exitstatus in (1, 5):
            session.exitstatus = 0

    def missing(self, test):
        file = test.split("::")[0]
        packets.packet(test, packets.INPROGRESS)
        if file in self.broken:
            packets.end(test, packets.FAIL, "traceback", self.broken[file])
        else:
            packets.end(test, packets.FAIL, "reason", "pytest has no such test\n")

    def leave(self, before, item):
        """Tears down what the next test does not share: classes, modules, at the end the session."""
        state = before.session._setupstate
        arguments = (item,) if MAJOR >= 7 else (before, item)
        call = CallInfo.from_call(lambda: state.teardown_exact(*arguments), when="teardown")
        if not call.excinfo:
            return
        # The test that it belonged to has ended.
        report = before.ihook.pytest_runtest_makereport(item=before, call=call)
        test = report.nodeid + " (teardown of what it shared)"
        packets.end(test, packets.FAIL, "traceback", _words(report), runnable=False)
        before.session.testsfailed += 1


class Fixtures:
    """What xdist gives to tests, by our numbers."""

    @pytest.fixture(scope="session")
    def worker_id(self):
        return "master" if WORKER is None else "gw" + WORKER

    @pytest.fixture(scope="session")
    def testrun_uid(self):
        return os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
