#!/usr/bin/env python3
"""Memory and speed of reading formats and writing reports, on made-up runs of two sizes.

    tests/peers/reports/sizes.py [--scratch FOLDER] [--small 10000] [--large 1000000] [--rounds 3]

Prints, in Markdown:

5. peak memory of commands on both sizes: flat, or with the reason why not;
6. how many MB each reader reads in a second of processor time, by `stats --from FORMAT`; and the seconds beside
   quick-junit (JUnit) and python-subunit (TAP, JUnit, go test), which take turns, medians.

Time is that of the processor, user and system, so that other work on the machine matters little. Needs Rust,
Python 3 with venv, and GNU time. FOLDER keeps the runs, which take about 1 GB, and what is fetched.
"""

import argparse
import statistics
import subprocess
from pathlib import Path

from common import Command, Scratch, build, fail, need, table

PYTHON_SUBUNIT = ("python-subunit==1.4.6", "junitxml==0.7")
# The reference is slow: it gets so many times less.
LESS = 20
# Every so many tests fail.
BAD = 97


def junit(tests):
    yield '<?xml version="1.0"?>\n<testsuites><testsuite name="s">\n'
    for test in range(tests):
        inside = '<failure message="boom">trace line</failure>' if test % BAD == 0 else ""
        yield f'<testcase classname="pkg.mod{test % 50}.T" name="test_{test}" time="0.01">{inside}</testcase>\n'
    yield "</testsuite></testsuites>\n"


def gojson(tests):
    at = ""
    for test in range(tests):
        at = f'"Time":"2026-11-20T10:{test // 60 % 60:02d}:{test % 60:02d}.000000001Z"'
        of = f'"Package":"p","Test":"T{test}"'
        yield f'{{{at},"Action":"run",{of}}}\n{{{at},"Action":"output",{of},"Output":"hello\\n"}}\n'
        yield f'{{{at},"Action":"{"fail" if test % BAD == 0 else "pass"}",{of},"Elapsed":0.01}}\n'
    yield f'{{{at},"Action":"fail","Package":"p","Elapsed":1}}\n'


def tap(tests):
    for test in range(tests):
        yield f'{"not ok" if test % BAD == 0 else "ok"} {test + 1} - test {test}\n'
    yield f"1..{tests}\n"


MADE_UP = {"junit": junit, "gojson": gojson, "tap": tap}
# Of streams of these formats the rest is made by our own writers.
WRITTEN = {"subunit": ("from-gojson",), "jsonl": ("to-jsonl",), "ctrf": ("to-ctrf",), "teamcity": ("to-teamcity",), "subunit-v1": ("2to1",)}


def libtest(tests):
    yield f'{{ "type": "suite", "event": "started", "test_count": {tests} }}\n'
    bad = 0
    for test in range(tests):
        is_bad = test % BAD == 0
        bad += is_bad
        yield f'{{ "type": "test", "event": "started", "name": "mod::test_{test}" }}\n'
        yield f'{{ "type": "test", "name": "mod::test_{test}", "event": "{"failed" if is_bad else "ok"}" }}\n'
    yield f'{{ "type": "suite", "event": "failed", "passed": {tests - bad}, "failed": {bad}, "ignored": 0, "measured": 0, "filtered_out": 0 }}\n'


def cargo(tests):
    yield f"running {tests} tests\n"
    bad = len(range(0, tests, BAD))
    for test in range(tests):
        yield f'test mod::test_{test} ... {"FAILED" if test % BAD == 0 else "ok"}\n'
    yield f"\ntest result: FAILED. {tests - bad} passed; {bad} failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n"


def reportlog(tests):
    yield '{"pytest_version": "8.3.0", "$report_type": "SessionStart"}\n'
    for test in range(tests):
        for when in ("setup", "call", "teardown"):
            outcome = "failed" if when == "call" and test % BAD == 0 else "passed"
            yield f'{{"nodeid": "t.py::test_{test}", "outcome": "{outcome}", "longrepr": null, "when": "{when}", "duration": 0.001, "$report_type": "TestReport"}}\n'
    yield '{"exitstatus": 1, "$report_type": "SessionFinish"}\n'


def ktap(tests):
    yield f"KTAP version 1\n1..{tests}\n"
    for test in range(tests):
        yield f'{"not ok" if test % BAD == 0 else "ok"} {test + 1} test_{test}\n'


MADE_UP |= {"libtest": libtest, "cargo": cargo, "reportlog": reportlog, "ktap": ktap}


class Runs:
    def __init__(self, scratch, command):
        self.scratch, self.command = scratch, command

    def run(self, form, tests):
        """The path of a run, made at the first call."""
        path = self.scratch.path / f"{form}-{tests}"
        if path.exists():
            return path
        part = path.with_suffix(".part")
        if form in MADE_UP:
            with part.open("w") as file:
                file.writelines(MADE_UP[form](tests))
        else:
            source = self.run("gojson" if form == "subunit" else "subunit", tests)
            with source.open("rb") as stdin, part.open("wb") as stdout:
                subprocess.run([self.command.program, *WRITTEN[form]], stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL)
        part.rename(path)
        return path


def measured(arguments, path):
    """Seconds of processor time and peak memory in MB, by GNU time: a child of ours would begin with our memory."""
    command = ["/usr/bin/time", "-f", "%U %S %M", *map(str, arguments)]
    with path.open("rb") as stdin:
        run = subprocess.run(command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if run.returncode not in (0, 1) or b"Traceback" in run.stderr:
        fail(f"{' '.join(command)}: {run.stderr.decode()[-300:]}")
    user, system, peak = run.stderr.decode().split()[-3:]
    return float(user) + float(system), int(peak) / 1024


def memory(runs, small, large):
    program, folder = runs.command.program, runs.scratch.path
    rows = []
    for form, arguments in (
        ("junit", ("from-junit",)),
        ("gojson", ("from-gojson",)),
        ("subunit", ("to-junit",)),
        ("subunit", ("report", "--no-text", "--junit", folder / "report.xml", "--html", folder / "report.html")),
        ("subunit", ("watch", "--plain")),
    ):
        peaks = [measured((program, *arguments), runs.run(form, tests))[1] for tests in (small, large)]
        words = " ".join(Path(str(word)).name for word in arguments)
        rows.append((words, *(f"{peak:.1f}" for peak in peaks)))
    print("## 5. Peak memory, MB\n")
    print(table(("command", f"{small:,} tests", f"{large:,} tests"), rows), "\n")


def speed(runs, tests, rounds):
    rows = []
    for form in ("subunit", "subunit-v1", "jsonl", "libtest", "cargo", "tap", "ktap", "junit", "gojson", "reportlog", "teamcity", "ctrf"):
        path = runs.run(form, tests)
        stats = (runs.command.program, "stats", "--from", form)
        seconds = statistics.median(measured(stats, path)[0] for _ in range(rounds))
        size = path.stat().st_size / 1e6
        rows.append((form, f"{size:.0f}", f"{seconds:.2f}", f"{size / seconds:.0f}"))
    print(f"## 6. Reading {tests:,} tests\n")
    print(table(("format", "MB", "seconds", "MB a second"), rows), "\n")


def peers(runs, junit_cases, theirs, tests, rounds):
    rows = []
    ours, few = runs.command.program, tests // LESS
    for what, count, mine, peer in (
        ("quick-junit", tests, (ours, "stats", "--from", "junit"), (junit_cases, runs.run("junit", tests))),
        ("tap2subunit", few, (ours, "from-tap"), (theirs / "tap2subunit",)),
        ("gojson2subunit", few, (ours, "from-gojson"), (theirs / "gojson2subunit",)),
        ("junitxml2subunit", few, (ours, "from-junit"), (theirs / "junitxml2subunit", runs.run("junit", few))),
    ):
        form = {"tap2subunit": "tap", "gojson2subunit": "gojson"}.get(what, "junit")
        path = runs.run(form, count)
        turns = [(measured(mine, path), measured(peer, path)) for _ in range(rounds)]
        of = lambda side, value: statistics.median(turn[side][value] for turn in turns)
        rows.append((what, f"{count:,}", f"{of(0, 0):.2f}", f"{of(1, 0):.2f}", f"{of(0, 1):.0f}", f"{of(1, 1):.0f}"))
    print("Beside peers:\n")
    print(table(("peer", "tests", "our seconds", "its seconds", "our MB", "its MB"), rows), "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    need("/usr/bin/time", "it tells the peak memory: install GNU time")
    scratch = Scratch(arguments.scratch)
    program, junit_cases = build()
    runs = Runs(scratch, Command(program))
    memory(runs, arguments.small, arguments.large)
    speed(runs, arguments.large, arguments.rounds)
    theirs = Path(scratch.python(*PYTHON_SUBUNIT)).parent
    peers(runs, junit_cases, theirs, arguments.large, arguments.rounds)


if __name__ == "__main__":
    main()
