"""Each set-up and tear-down is a line of order.log."""
import pytest

LOG = open("order.log", "a")


def log(*words):
    LOG.write(" ".join(map(str, words)) + "\n")
    LOG.flush()


def fixture(name, scope):
    def both(request):
        log("+" + name, request.node.name)
        yield
        log("-" + name, request.node.name)

    return pytest.fixture(both, name=name, scope=scope)


ses = fixture("ses", "session")
pkg = fixture("pkg", "package")
mod = fixture("mod", "module")
cls = fixture("cls", "class")
fun = fixture("fun", "function")


@pytest.fixture
def out():
    return log
