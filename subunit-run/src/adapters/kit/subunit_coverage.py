"""Coverage of several workers, by coverage.py and pytest-cov: each measures for itself, and one more pytest reports."""
import faulthandler
import os
import shutil
import signal

import pytest

FOLDER = os.environ.get("SUBUNIT_COVERAGE")

# What standard error was before pytest took it.
_ERRORS = None


def be_own(worker):
    """Lets this process measure into a file of its own. Whether the run measures."""
    global _ERRORS
    file = os.environ.get("COVERAGE_FILE")
    if FOLDER is None or file is None or os.path.dirname(file) != FOLDER:
        return False
    os.environ["COVERAGE_FILE"] = "%s.%s.%d" % (file, worker, os.getpid())
    leave_out()
    _ERRORS = os.dup(2)
    return True


def leave_out():
    """These files are none of the user's. Whoever starts to measure is told, as pytest-cov starts first of all."""
    try:
        from coverage import Coverage
    except ImportError:
        return
    begin, own = Coverage.start, os.path.join(os.path.dirname(os.path.abspath(__file__)), "*")

    def start(self):
        omitted = list(self.get_option("run:omit") or [])
        if own not in omitted:
            self.set_option("run:omit", omitted + [own])
        return begin(self)

    Coverage.start = start


def keep_when_ended(config):
    """A worker of pytest-cov reports nothing, and keeps what it has measured when it is told to end."""
    plugin = config.pluginmanager.get_plugin("_cov")
    controller = getattr(plugin, "cov_controller", None)
    if _ERRORS is None or controller is None:
        return
    plugin.options.cov_report = {}
    plugin.options.cov_fail_under = None
    process = os.getpid()

    def end(number, _):
        if os.getpid() == process:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            controller.cov.stop()
            controller.cov.save()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    # The stacks are written first, and then what comes below.
    faulthandler.disable()
    signal.signal(signal.SIGABRT, end)
    faulthandler.enable(_ERRORS)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, end)


class Merge:
    """Reports what the workers have measured."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session):
        # Its own head and tail are about tests, of which there are none.
        session.config.option.verbose = -2

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session):
        session.items = []
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        plugin = session.config.pluginmanager.get_plugin("_cov")
        controller = getattr(plugin, "cov_controller", None)
        if controller is None:
            # --no-cov
            return True
        coverage = controller.cov
        # This process has run none of it.
        for name in ("no_data", "unimported_source", "preimported_source"):
            setattr(coverage, "_warn_" + name, False)
        # pytest-cov joins all files that begin with the name of its own.
        own = os.path.abspath(coverage.config.data_file)
        for name in sorted(os.listdir(FOLDER)):
            shutil.move(os.path.join(FOLDER, name), own + "." + name.lstrip("."))
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        # That there was no test is no failure.
        if session.exitstatus == 5:
            session.exitstatus = 0
