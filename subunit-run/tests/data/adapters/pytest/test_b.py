import sys

import pytest


@pytest.fixture(scope="module")
def bad():
    yield
    raise RuntimeError("module teardown broke")


def test_before(bad, pkg):
    pass


@pytest.mark.xfail(reason="known")
def test_xfail():
    assert 0


@pytest.mark.xfail
def test_xpass():
    pass


@pytest.mark.xfail(strict=True, reason="was broken")
def test_strict():
    pass


@pytest.mark.skip(reason="not today")
def test_skip():
    pass


@pytest.fixture
def broken():
    raise OSError("no set-up")


def test_setup(broken):
    pass


@pytest.fixture
def late():
    yield
    raise OSError("no tear-down")


def test_teardown(late):
    pass


def test_output():
    print("x" * 10000)
    sys.stdout.write("no newline")
    sys.stderr.write("on stderr")
    assert 0
