"""What is known of each sample: where its NOTE.md has the numbers, and what they are in our words.

An entry is (file, pattern, meaning, reason). The pattern finds numbers in the NOTE.md of the file's folder; the
meaning makes counts of them. Where there is a reason, our counts are others, and they are in `OURS`: what the
file says, or can say, is not what the note says of the run.
"""


def counts(*names):
    """The numbers are the counts of these names, in their order."""
    return lambda *numbers: dict(zip(names, numbers))


BATS = r"11 tests: (\d+) ok, (\d+) failing .*?, (\d+) skipped"
CARGO = (
    r"lib 16 tests: (\d+) passed (\d+) failed (\d+) ignored; aborts: SIGABRT, .*?; "
    r"integ 3: (\d+)/(\d+) .*?; raw 3: (\d+)/(\d+); doctests 6: (\d+) passed (\d+) failed (\d+) ignored"
)
GO = r"json.jsonl .*?: 29 test runs: (\d+) pass (\d+) fail (\d+) skip, (\d+) never ends"
CHECK = r"(\d+) passed, (\d+) failures, (\d+) errors"
NEXTEST = r"(\d+) passed .*?, (\d+) failed, (\d+) skipped"
NODE = r"# tests 25 suites 3 pass (\d+) fail (\d+) cancelled (\d+) skipped (\d+) todo (\d+)"
PYTEST = r"summary: (\d+) failed, (\d+) passed, (\d+) skipped, (\d+) xfailed, (\d+) xpassed, (\d+) errors, (\d+) rerun"
UNITTEST = r"failures=(\d+) .*?errors=(\d+) .*?skipped=(\d+) .*?expected failures=(\d+) unexpected successes=(\d+)"
SUBUNIT = (
    r" .*?final statuses \(success (\d+), fail (\d+), skip (\d+), xfail (\d+), uxsuccess (\d+)\), (\d+) exists"
)
SUBUNIT_NAMES = counts("success", "fail", "skip", "xfail", "uxsuccess", "exists")


def cargo(p, f, i, p2, f2, p3, f3, p4, f4, i4):
    # The test that aborts never ends, and neither does its suite.
    return {"success": p + p2 + p3 + p4, "fail": f + f2 + f3 + f4 + 1, "skip": i + i4}


def libtest(p, f, i, p2, f2, p3, f3, *_):
    return {"success": p + p2 + p3, "fail": f + f2 + f3 + 1, "skip": i}


def node(passed, failed, cancelled, skipped, todo):
    # One of the two with `todo` passes.
    return {
        "success": passed + 1, "fail": failed + cancelled, "skip": skipped, "xfail": todo - 1,
    }


def pytest(failed, passed, skipped, xfailed, xpassed, errors, _rerun):
    return {
        "success": passed, "fail": failed + errors, "skip": skipped, "xfail": xfailed, "uxsuccess": xpassed,
    }


def unittest(failures, errors, skipped, xfail, uxsuccess):
    return {"fail": failures + errors, "skip": skipped, "xfail": xfail, "uxsuccess": uxsuccess}


FAKE = (
    "13 points, which is more than planned: a test prints `ok 1 fake` and `not ok 5 fake2` where bats writes its own, and the name `todo # TODO "
    "fake` reads as a directive, by any reader of TAP"
)
CLAIMS = "the suite counts 4 failures and shows 3, which is a failure more"
TODO = "`ok # TODO` is a success, as every harness of TAP takes it"

TRUTH = [
    ("bats/junit.xml", BATS, counts("success", "fail", "skip"), CLAIMS),
    ("bats/tap.txt", BATS, counts("success", "fail", "skip"), FAKE),
    ("bats/tap-trace.txt", BATS, counts("success", "fail", "skip"), FAKE),
    ("bats/tap-show-output.txt", BATS, counts("success", "fail", "skip"), FAKE),
    ("bats/tap13-timing.txt", BATS, counts("success", "fail", "skip"), FAKE),
    ("cargo-test/human.txt", CARGO, cargo, ""),
    ("cargo-test/human-color.txt", CARGO, cargo, ""),
    ("cargo-test/human-show-output.txt", CARGO, cargo, ""),
    ("cargo-test/human-nocapture.txt", CARGO, cargo, "another run, in which `flaky` passed: the note says on what it depends"),
    ("cargo-test/libtest-json.jsonl", CARGO, libtest, "`after`, in the binary that aborts, had started too: it never ends either"),
    ("cargo-test/libtest-json-doctests.jsonl", r"doctests 6: (\d+) passed (\d+) failed (\d+) ignored", counts("success", "fail", "skip"), ""),
    ("go-test/json.jsonl", GO, lambda p, f, s, u: {"success": p, "fail": f + u, "skip": s}, "one failure more: a package that did not build"),
    ("go-test/json-std.jsonl", r"json-std: (\d+) pass (\d+) skip", counts("success", "skip"), ""),
    ("go-test/json-count3.jsonl", r"TestPass x(\d+) pass, TestSkip x(\d+) skip", counts("success", "skip"), ""),
    ("jest/ctrf.json", r"14 tests: (\d+) passed, (\d+) failed, (\d+) pending, (\d+) todo", lambda p, f, n, t: {"success": p, "fail": f, "skip": n + t}, ""),
    ("jest/jest-junit.xml", r"has (\d+) <testcase> f(\d+) e(\d+) s(\d+)", lambda n, f, e, s: {"success": n - f - e - s, "fail": f + e, "skip": s}, ""),
    ("ktap/nested.ktap", r"leaves 7: pass (\d+), fail (\d+), skip (\d+)", counts("success", "fail", "skip"), ""),
    ("ktap/dmesg-prefixed.ktap", r"leaves 3: pass (\d+) .*?, xfail (\d+)", counts("success", "xfail"), ""),
    ("ktap/kselftest-hash-nested.tap", r"top level 3: fail (\d+) .*?, skip (\d+)", counts("fail", "skip"), ""),
    ("libcheck/check.xml", CHECK, lambda p, f, e: {"success": p, "fail": f + e}, ""),
    ("libcheck/subunit-v1.bin", CHECK, lambda p, f, e: {"success": p, "fail": f + e}, ""),
    ("libcheck/tap.txt", CHECK, lambda p, f, e: {"success": p, "fail": f + e}, ""),
    ("nextest/libtest-json-plus.jsonl", NEXTEST, counts("success", "fail", "skip"), ""),
    ("nextest/libtest-json.jsonl", NEXTEST, counts("success", "fail", "skip"), "the default profile: without retries the flaky test fails"),
    ("nextest/junit-flaky-rerun.xml", NEXTEST, counts("success", "fail", "skip"), "nextest leaves out ignored tests"),
    ("node-test/weird-tap.txt", NODE, node, "node counts a test with subtests as one more: here it passes with them"),
    ("node-test/weird-junit.txt", r"JUnit: (\d+) <testcase>", counts("tests"), ""),
    ("perl-prove/raw-weird.tap", r"prove: failed 2-4,13,15; TODO passed (?:\d+); skipped (\d+) .*?; todo (\d+),", lambda s, _: {"fail": 5, "skip": s, "xfail": 2}, ""),
    ("perl-prove/raw-noplan.tap", r"noplan: 5 planned, (\d+) ran", lambda ran: {"success": ran, "fail": 1}, ""),
    ("perl-prove/raw-signal.tap", r"killed by 9 after (\d+) of 2", lambda ran: {"success": ran, "fail": 1}, ""),
    ("pytest-collection-error/junit-xunit1.xml", r"(\d+) tests ran, (\d+) collection error", counts("success", "fail"), ""),
    ("pytest-collection-error/junit-xunit2.xml", r"(\d+) tests ran, (\d+) collection error", counts("success", "fail"), ""),
    ("pytest-collection-error/reportlog.jsonl", r"(\d+) tests ran, (\d+) collection error", counts("success", "fail"), ""),
    ("pytest-collection-error/teamcity.txt", r"(\d+) tests ran, (\d+) collection error", counts("success", "fail"), ""),
    ("pytest-weird/ctrf.json", PYTEST, pytest, "the reporter leaves out the module that was skipped whole and the test that passed unexpectedly"),
    ("pytest-weird/junit-xdist.xml", r"but (\d+) <testcase> elements", counts("tests"), ""),
    ("pytest-weird/junit-xunit1.xml", r"but (\d+) <testcase> elements", counts("tests"), ""),
    ("pytest-weird/junit-xunit2-logging-all.xml", r"but (\d+) <testcase> elements", counts("tests"), ""),
    ("pytest-weird/reportlog.jsonl", PYTEST, pytest, "4 subtests that passed count; two tests whose tear-down failed are one each, and two with pytest; the unexpected success is strict, and has failed"),
    ("pytest-weird/teamcity.txt", PYTEST, pytest, "the messages do not tell xfail from skip, nor xpass from a pass, and have 4 subtests that passed"),
    ("pytest-weird/tap.txt", PYTEST, pytest, "the plugin crashed: 32 to 54 of the plan are not in the file"),
    ("python-unittest/tap.txt", UNITTEST, unittest, TODO),
    ("python-unittest/xmlrunner.xml", r"xmlrunner.xml: (\d+) testcases f(\d+) e(\d+) s(\d+)", lambda n, f, e, s: {"tests": n, "fail": f + e - 1, "uxsuccess": 1, "skip": s - 1, "xfail": 1}, ""),
    ("python-unittest/teamcity.txt", UNITTEST, unittest, "one item a test: what subtests and tear-downs did is in it, and an unexpected success is said to have failed"),
    ("subunit-python/clean-tt-weird.subunit", r"clean-tt-weird.subunit:" + SUBUNIT, SUBUNIT_NAMES, ""),
    ("subunit-python/mixed-weird_ut-tt.subunit", r"mixed-weird_ut-tt.subunit:" + SUBUNIT, SUBUNIT_NAMES, ""),
    ("subunit-python/list.subunit", r"list.subunit: (\d+) exists, (\d+) results", counts("exists", "tests"), ""),
    ("subunit-python/stestr-last-concurrency2.subunit", r"worker-1, (\d+) ended", counts("tests"), ""),
    ("tape/tap.txt", r"# tests (\d+)`, (\d+) not ok without TODO \+ (\d+) `not ok # TODO` \+ (\d+) ok with", counts("tests", "fail", "xfail", "uxsuccess"), TODO),
]

# Our counts where there is a reason for them.
OURS = {
    "bats/junit.xml": {"success": 6, "fail": 4, "skip": 2},
    "python-unittest/tap.txt": {"success": 6, "fail": 8, "skip": 3, "xfail": 1, "uxsuccess": 0},
    "tape/tap.txt": {"success": 4, "fail": 4, "skip": 1, "xfail": 1, "uxsuccess": 0},
    "bats/tap.txt": {"success": 7, "fail": 5, "skip": 2, "uxsuccess": 0},
    "bats/tap-trace.txt": {"success": 7, "fail": 5, "skip": 2, "uxsuccess": 0},
    "bats/tap-show-output.txt": {"success": 7, "fail": 5, "skip": 2, "uxsuccess": 0},
    "bats/tap13-timing.txt": {"success": 7, "fail": 5, "skip": 2, "uxsuccess": 0},
    "cargo-test/human-nocapture.txt": {"success": 15, "fail": 11, "skip": 3},
    "cargo-test/libtest-json.jsonl": {"success": 10, "fail": 12, "skip": 2},
    "go-test/json.jsonl": {"success": 17, "fail": 10, "skip": 3},
    "nextest/libtest-json.jsonl": {"success": 12, "fail": 11, "skip": 2},
    "nextest/junit-flaky-rerun.xml": {"success": 13, "fail": 10, "skip": 0},
    "node-test/weird-tap.txt": {"success": 12, "fail": 9, "skip": 2, "xfail": 1, "uxsuccess": 0},
    "pytest-weird/ctrf.json": {"success": 33, "fail": 16, "skip": 3, "xfail": 2, "uxsuccess": 0},
    "pytest-weird/reportlog.jsonl": {"success": 37, "fail": 19, "skip": 4, "xfail": 2, "uxsuccess": 0},
    "pytest-weird/teamcity.txt": {"success": 38, "fail": 20, "skip": 6, "xfail": 0, "uxsuccess": 0},
    "pytest-weird/tap.txt": {"success": 26, "fail": 5, "skip": 1, "xfail": 0, "uxsuccess": 0},
    "python-unittest/teamcity.txt": {"fail": 7, "skip": 1, "xfail": 1, "uxsuccess": 0},
}

# Files of people's words in which something reads as results: what tests have printed, and no report.
PRINTS = (
    "node-test/weird-spec.txt", "node-test/weird-spec-color.txt", "pytest-weird/stdout-color.txt",
    "pytest-weird/stdout-nocapture.txt",
)
