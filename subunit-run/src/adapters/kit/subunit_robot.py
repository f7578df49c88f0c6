"""Listens to Robot Framework, beside its output: robot --listener FILE. With --dryrun it can list."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import subunit_results as results  # noqa: E402

sys.path.pop(0)

ROBOT_LISTENER_API_VERSION = 3

STATUSES = {"PASS": "success", "SKIP": "skip"}


def start_test(_, result):
    if results.LISTS:
        results.listed([_name_of(result)])
    results.say(test_id=_name_of(result), status="inprogress")


def end_test(_, result):
    why = f"{result.message}\n" if result.message else ""
    results.ended(_name_of(result), STATUSES.get(result.status, "fail"), why, "reason")


def end_suite(_, result):
    # It turns tests that have passed into failures.
    if result.teardown and result.teardown.status == "FAIL":
        results.ended(f"{_name_of(result)} [teardown]", "fail", f"{result.message}\n", "reason", runnable=False)


def _name_of(item):
    # Versions before 7 have another word.
    return getattr(item, "full_name", None) or item.longname
