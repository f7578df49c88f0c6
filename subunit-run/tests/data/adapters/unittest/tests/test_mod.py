import unittest


def setUpModule():
    raise unittest.SkipTest("module off")


class M(unittest.TestCase):
    def test(self):
        pass


class N(unittest.TestCase):
    def test(self):
        pass
