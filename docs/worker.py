#!/usr/bin/env python3
"""A worker for `subunit run`, to copy: its tests are those of a suite that it makes. docs/workers.md says more.

subunit run --python-worker .subunit-python        # once: what this imports

test_command = "python3 ./worker.py $LISTOPT"
test_list_option = "--list"
incremental = true
console = true
environment = { PYTHONPATH = ".subunit-python" }
"""
import sys
import unittest

import subunit_unittest


class EachNumber(unittest.TestCase):
    def __init__(self, number):
        super().__init__()
        self.number = number

    def id(self):
        return "numbers.%d" % self.number

    def runTest(self):
        self.assertNotEqual(self.number, 3)


suite = unittest.TestSuite(EachNumber(number) for number in range(5))
subunit_unittest.work(suite, lists="--list" in sys.argv)
