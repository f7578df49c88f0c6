import pytest


def setup_module(module):
    from conftest import log

    log("setup_module")


def teardown_module(module):
    from conftest import log

    log("teardown_module")


class TestK:
    def test_1(self, ses, pkg, mod, cls, fun, out):
        out("body 1")

    def test_2(self, ses, pkg, mod, cls, fun, out):
        out("body 2")


def test_3(ses, pkg, mod, fun, out):
    out("body 3")


@pytest.mark.parametrize("word", ["a b", "x/y", "$IDLIST"])
def test_word(mod, word, out):
    out("body", word)
    assert word != "x/y"
