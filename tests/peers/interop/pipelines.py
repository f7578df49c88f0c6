"""Our tools in the pipelines of stestr, testrepository and inquest: they all count the same.

    pipelines.py FOLDER [--inquest]

Expects `subunit`, `stestr`, `testr`, `python` (and `inq`) on the PATH. Makes a project with a test for every
status, runs it with stestr, and sends the stream through pipelines. Prints a row for each; exit status 1 where
one counts something else. Known: testrepository's summary names neither expected failures nor unexpected
successes, and a run whose only fault is an unexpected success is green for it (testtools counts it as a success).
"""

import json
import os
import re
import subprocess
import sys

SUITE = '''import unittest


class All(unittest.TestCase):
    def test_passes(self):
        print("said on standard output")

    def test_fails(self):
        self.fail("as it should")

    def test_breaks(self):
        raise ValueError("broken")

    @unittest.skip("not here")
    def test_skips(self):
        pass

    @unittest.expectedFailure
    def test_known(self):
        self.fail("known")

    @unittest.expectedFailure
    def test_surprises(self):
        pass

    def test_parts(self):
        for part in range(3):
            with self.subTest(part=part):
                self.assertNotEqual(part, 1)
'''
GREEN = "import unittest\n\n\nclass Green(unittest.TestCase):\n    def test_passes(self):\n        pass\n"
RUNNER = "python -m subunit.run discover -t . ./suite"
ALL = {"tests": 7, "success": 1, "fail": 3, "skip": 1, "xfail": 1, "uxsuccess": 1}
NONE = dict.fromkeys(ALL, 0)
ONE = NONE | {"tests": 1, "success": 1}
TAP = "ok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no\n1..3\n"


def project(folder):
    """The project, with the settings of all three, and an empty one to load streams in."""
    for name in ["suite", "other", "inquest"]:
        os.makedirs(os.path.join(folder, name))
    files = {
        "suite/__init__.py": "",
        "suite/test_all.py": SUITE,
        "given.tap": TAP,
        ".stestr.conf": "[DEFAULT]\ntest_path=./suite\ntop_dir=./\n",
        "other/.stestr.conf": "[DEFAULT]\ntest_path=.\ntop_dir=./\n",
        "other/.testr.conf": "[DEFAULT]\ntest_command=false\n",
        # What testrepository runs is a pipeline with our tools in it.
        ".testr.conf": f"[DEFAULT]\ntest_command={RUNNER} $IDOPTION $LISTOPT | subunit cat\n"
        "test_id_option=--load-list $IDFILE\ntest_list_option=--list\n",
        "inquest/inquest.toml": 'test_command = "false"\n',
    }
    for name, content in files.items():
        with open(os.path.join(folder, name), "w") as output:
            output.write(content)


class Pipelines:
    def __init__(self, folder):
        self.folder, self.bad, self.count = folder, 0, 0

    def shell(self, line):
        """The output of a pipeline and the exit status of its last command."""
        done = subprocess.run(["bash", "-c", line], cwd=self.folder, capture_output=True, timeout=120)
        return done.stdout.decode(), done.returncode

    def check(self, line, read, expected, status=None):
        out, code = self.shell(line)
        found = read(out)
        good = found == expected and status in (None, code)
        self.count += 1
        self.bad += not good
        print(f"{'ok' if good else 'NOT OK':7} {line}")
        if not good:
            print(f"    expected {expected}, exit status {status}; found {found}, {code}\n{out[-1500:]}")


def ours(out):
    """The counts of `subunit stats --json`."""
    found = json.loads(out)
    return {name: found[name] for name in ALL}


def stestr(out):
    """stestr's totals."""
    def number(word):
        found = re.search(rf"{word}: (\d+)", out)
        return int(found[1]) if found else -1

    names = {"Ran": "tests", "Passed": "success", "Failed": "fail", "Skipped": "skip",
             "Expected Fail": "xfail", "Unexpected Success": "uxsuccess"}
    return {key: number(word) for word, key in names.items()}


def testr(out):
    """What testrepository says of a run: tests, failures, skips."""
    tests = re.search(r"^Ran (\d+)", out, re.M)
    named = {name: int(value) for name, value in re.findall(r"(failures|skips)=(\d+)", out)}
    return (int(tests[1]) if tests else 0, named.get("failures", 0), named.get("skips", 0))


def inquest(out):
    """Tests and failures that inquest loaded; an unexpected success is a failure for it, as for us."""
    tests, failed = (re.search(rf"(\d+) test\(s\){word}", out) for word in (" as run", " failed"))
    return (int(tests[1]) if tests else 0, int(failed[1]) if failed else 0)


# `stestr load` ends with 0 whatever it read; `stestr last` does not.
STESTR = "(cd other; stestr load --force-init > loaded; stestr last)"
TESTR = "(cd other; [ -d .testrepository ] || testr init; testr load)"
STATS = "subunit stats --json --no-text"


def python_peers(lines):
    lines.check("stestr run", stestr, ALL, 1)
    lines.check(f"stestr last --subunit | {STATS}", ours, ALL, 1)
    lines.check(f"stestr run --subunit | {STATS}", ours, ALL, 1)
    lines.check(f"{RUNNER} | {STATS}", ours, ALL, 1)
    lines.check("testr init; testr run", testr, (7, 3, 1), 1)
    lines.check(f"testr last --subunit | {STATS}", ours, ALL, 1)
    lines.check("testr failing --list | wc -l", str.strip, "3", 0)
    # The streams of stestr and testrepository are changed by our tools and go back to them.
    for change in ["subunit cat", "subunit 2to1 | subunit 1to2", "subunit to-jsonl | subunit from-jsonl",
                   "subunit tags --add night", "subunit filter --tests-only"]:
        lines.check(f"stestr last --subunit | {change} | {STESTR}", stestr, ALL, 1)
        lines.check(f"testr last --subunit | {change} | {TESTR}", testr, (7, 3, 1), 1)
    failed = "subunit filter --status fail"
    lines.check(f"stestr last --subunit | {failed} | {STATS}", ours, NONE | {"tests": 3, "fail": 3}, 1)
    lines.check(f"stestr last --subunit | {failed} | {TESTR}", testr, (3, 3, 0), 1)
    tap = NONE | {"tests": 3, "success": 1, "fail": 1, "skip": 1}
    lines.check(f"subunit from-tap given.tap | {STATS}", ours, tap, 1)
    lines.check(f"subunit from-tap given.tap | {STESTR}", stestr, tap, 1)
    lines.check(f"subunit from-tap given.tap | {TESTR}", testr, (3, 1, 1), 1)
    for name in ["junit", "tap", "ctrf"]:
        lines.check(f"stestr last --subunit | subunit to-{name} | {STATS} --from {name}", ours, ALL, 1)
    # Two runs side by side are two routes; their tests have the same ids.
    twice = {name: 2 * value for name, value in ALL.items()}
    mux = f"subunit mux --run '{RUNNER}' --run '{RUNNER}'"
    lines.check(f"{mux} | {STATS}", ours, twice, 1)
    lines.check(f"{mux} | {STESTR}", stestr, twice, 1)
    lines.check(f"{mux} | {TESTR}", testr, (14, 6, 2), 1)


INQUEST = "(cd inquest; [ -d .inquest ] || inq init > made; inq load 2>&1)"


def inquest_peer(lines):
    for change in ["subunit cat", "subunit 2to1 | subunit 1to2", "subunit to-jsonl | subunit from-jsonl"]:
        lines.check(f"stestr last --subunit | {change} | {INQUEST}", inquest, (7, 4), 1)
    lines.check(f"(cd inquest; inq last --subunit) | {STATS}", ours, ALL, 1)
    lines.check(f"subunit from-tap given.tap | {INQUEST}", inquest, (3, 1), 1)
    lines.check(f"(cd inquest; inq last --subunit) | {STATS}", lambda out: ours(out)["fail"], 1, 1)
    lines.check(f"stestr last --subunit | subunit filter --status success | {INQUEST}", inquest, (1, 0), 0)


def green(lines):
    """The same with nothing but a passed test: nobody is red."""
    with open(os.path.join(lines.folder, "suite/test_all.py"), "w") as output:
        output.write(GREEN)
    lines.check("stestr run", stestr, ONE, 0)
    lines.check(f"stestr last --subunit | {STATS}", ours, ONE, 0)
    lines.check(f"stestr last --subunit | subunit 2to1 | subunit 1to2 | {STESTR}", stestr, ONE, 0)
    lines.check(f"stestr last --subunit | subunit 2to1 | subunit 1to2 | {TESTR}", testr, (1, 0, 0), 0)


def main():
    folder = os.path.join(sys.argv[1], "project")
    subprocess.run(["rm", "-rf", folder], check=True)
    project(folder)
    lines = Pipelines(folder)
    python_peers(lines)
    if "--inquest" in sys.argv:
        inquest_peer(lines)
    green(lines)
    print(f"{lines.count} pipelines, {lines.bad} disagree")
    sys.exit(1 if lines.bad else 0)


if __name__ == "__main__":
    main()
