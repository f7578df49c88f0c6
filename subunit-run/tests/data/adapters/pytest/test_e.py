import os


def test_package(pkg):
    pass


def test_variables():
    assert os.environ["PYTEST_XDIST_WORKER"] == "gw" + os.environ["SUBUNIT_WORKER"]
    for name in ("PYTHONPATH", "SUBUNIT_TEST_FD", "SUBUNIT_RESULT_FD"):
        assert name not in os.environ
