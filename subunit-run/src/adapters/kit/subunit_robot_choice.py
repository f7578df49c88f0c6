"""Leaves out tests of Robot Framework that are not asked for: robot --prerunmodifier FILE. Its own options choose afterwards."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import subunit_results as results  # noqa: E402
from robot.api import SuiteVisitor  # noqa: E402

sys.path.pop(0)


class subunit_robot_choice(SuiteVisitor):  # noqa: N801: robot takes the class by the name of its file
    def start_suite(self, suite):
        suite.tests = [test for test in suite.tests if results.is_asked(_name_of(test))]

    def end_suite(self, suite):
        # What has no test left is not set up.
        suite.suites = [below for below in suite.suites if below.test_count]

    def visit_test(self, test):
        pass


def _name_of(item):
    # Versions before 7 have another word.
    return getattr(item, "full_name", None) or item.longname
