"""The suite that each runner gets: 30 tests in 6 files, a few slow ones among quick ones; one fails, one is skipped."""

QUICK = 0.15
SLOW = {(2, 2): 2.5, (4, 1): 1.2, (4, 3): 1.2}
FAILS = (1, 0)
SKIPPED = (3, 4)
FILES, TESTS = 6, 5
SECONDS = sum(SLOW.get((file, test), QUICK) for file in range(FILES) for test in range(TESTS))

# What each runner must count.
COUNTS = {"passed": 28, "failed": 1, "skipped": 1}


def tests(file):
    """The tests of a file: (number, seconds, what becomes of it)."""
    for test in range(TESTS):
        kind = {FAILS: "fails", SKIPPED: "skipped"}.get((file, test), "passes")
        yield test, SLOW.get((file, test), QUICK), kind


def each():
    """All tests: (file, number, seconds, what becomes of it)."""
    for file in range(FILES):
        for test, seconds, kind in tests(file):
            yield file, test, seconds, kind


def files(name, head, test, tail=""):
    """A source a file; `name` and `head` are formatted with the number, `test` is a function of a test."""
    sources = {}
    for file in range(FILES):
        body = "".join(test(file, number, seconds, kind) for number, seconds, kind in tests(file))
        sources[name.format(file)] = head.replace("@", str(file)) + body + tail
    return sources
