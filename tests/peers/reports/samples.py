#!/usr/bin/env python3
"""Real outputs of runners: read, written as reports, read back by others, and cut short.

    tests/peers/reports/samples.py SAMPLES [--scratch FOLDER] [--cuts 200] [--seed 1]

SAMPLES has a folder for each runner, with its outputs and a NOTE.md that tells the true counts; what is in
them is in truth.py. Prints, in Markdown:

1. each file, the format that was found, our counts and those of the note: equal, or why they are not;
2. in how many files every report is read back by a reader that is not ours: JUnit XML by Python's XML parser and
   by the crate quick-junit, TAP by perl's TAP::Parser, CTRF by the schema of the npm package ctrf;
3. in how many files the counts, and ids, durations and details, are the same after `to-X` and `from-X`;
4. what became of each file cut at random places: panics, hangs, and red runs that turned green.

Exits with 1 where something is other than it should be. Needs Rust, perl, npm and Python 3 with venv.
FOLDER keeps what is fetched between runs.
"""

import argparse
import collections
import json
import random
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from common import STATUSES, Command, Scratch, build, fail, has_results, need, numbers, results, samples, table
from truth import OURS, PRINTS, TRUTH

WROTE_BACK = ("junit", "tap", "ctrf", "teamcity")

# Streams that have no end of their own: cut between two tests they are whole.
ENDLESS = ("subunit", "subunit-v1")


def shown(counts):
    words = [f"{counts[status]} {status}" for status in (*STATUSES, "exists") if counts.get(status)]
    return ", ".join(words) or "none"


class Shows:
    def __init__(self, folder, command, junit_cases, schema):
        self.folder, self.command, self.junit_cases, self.schema = folder, command, junit_cases, schema
        self.wrong = []
        self.formats = {}
        self.files = []

    def complain(self, what):
        self.wrong.append(what)

    def counts(self):
        """The table of all files with results, and how many have none."""
        truth = {name: (pattern, meaning, reason) for name, pattern, meaning, reason in TRUTH}
        rows, without, kinds = [], 0, collections.Counter()
        for path in samples(self.folder):
            name = path.relative_to(self.folder).as_posix()
            counts, status = self.command.counts(path)
            if not has_results(counts):
                without += 1
                if name in truth:
                    self.complain(f"{name}: no results were found")
                continue
            self.files.append((name, path, counts, status))
            note, verdict = self.judge(name, counts, path, truth.pop(name, None))
            kinds[verdict.split(":")[0]] += 1
            self.formats[name] = self.command.detected(path)
            rows.append((name, self.formats[name], shown(counts), note, verdict))
        for name in truth:
            self.complain(f"{name}: is not among the samples")
        print("## 1. Counts\n")
        print(table(("file", "format", "stats --json", "NOTE.md", "judgement"), rows))
        words = ", ".join(f"{count} {word}" for word, count in kinds.items())
        print(f"\n{len(rows)} files with results: {words}. {without} files without: people's words, or lists.\n")

    def judge(self, name, counts, path, known):
        if name in PRINTS:
            return "-", "no report: what tests have printed into people's words reads as results"
        if known is None:
            return "-", "not in the note"
        pattern, meaning, reason = known
        note_path = self.folder / name.split("/")[0] / "NOTE.md"
        found = numbers(note_path.read_text(), pattern)
        if found is None:
            self.complain(f"{name}: NOTE.md does not say {pattern}")
            return "?", "the note says other things than it did"
        note = meaning(*found)
        ours = {key: counts[key] for key in note}
        if ours == note and not reason:
            return shown_note(note), "equal"
        expected = OURS.get(name, note)
        if any(counts[key] != count for key, count in expected.items()) or not reason:
            self.complain(f"{name}: counted {shown(counts)}, expected {expected or note}")
            return shown_note(note), "WRONG"
        return shown_note(note), f"other: {reason}"

    def reports(self):
        """Every report of every file, read by others."""
        good, names = collections.Counter(), ("XML parser", "quick-junit", "TAP::Parser", "CTRF schema")
        with tempfile.TemporaryDirectory() as folder:
            for name, path, counts, _ in self.files:
                for reader, problem in self.read_back(path, counts, Path(folder)):
                    if problem:
                        self.complain(f"{name}: {reader}: {problem}")
                    else:
                        good[reader] += 1
        print("## 2. Reports read by others\n")
        print(table(("reader", "files"), [(name, f"{good[name]} of {len(self.files)}") for name in names]), "\n")

    def read_back(self, path, counts, folder):
        read = results(counts)
        report = folder / "report.xml"
        report.write_bytes(self.command("to-junit", path).stdout)
        try:
            root = ElementTree.parse(report).getroot()
            cases = len(root.findall("testsuite/testcase"))
            same = cases == read == int(root.get("tests"))
            yield "XML parser", "" if same else f"{cases} cases; {read} results were read"
        except ElementTree.ParseError as error:
            cases = -1
            yield "XML parser", str(error)
        peer = subprocess.run([self.junit_cases, report], capture_output=True, text=True)
        yield "quick-junit", "" if peer.stdout.strip() == str(cases) else peer.stdout + peer.stderr
        tap = self.command("to-tap", "--tap-version", "13", path).stdout
        script = Path(__file__).with_name("tap_points.pl")
        peer = subprocess.run(["perl", script], input=tap, capture_output=True)
        points = peer.stdout.decode().split()
        yield "TAP::Parser", "" if points == [str(read), "0"] else f"{points}; {read} results were read"
        report = folder / "report.json"
        report.write_bytes(self.command("to-ctrf", path).stdout)
        yield "CTRF schema", self.schema(report)

    def ways_back(self):
        """What is the same behind `to-X | from-X`."""
        rows = []
        for form in WROTE_BACK:
            same = collections.Counter()
            for name, path, counts, _ in self.files:
                written = self.command("to-" + form, path).stdout
                back, _ = self.command.counts("--from", form, stdin=written)
                if outcomes(back, form) == outcomes(counts, form):
                    same["counts"] += 1
                else:
                    self.complain(f"{name}: {form}: {back} is not {counts}")
                before = tests(self.command("to-jsonl", path).stdout)
                after = tests(self.command("to-jsonl", "--from", form, stdin=written).stdout)
                found = {what: (there, back) for what, there, back in differences(before, after, form)}
                for what in ("ids", "statuses", "durations", "details"):
                    if what in found or "ids" in found:
                        self.complain(f"{name}: {form}: {what}: {found.get(what)}")
                    else:
                        same[what] += 1
            of = lambda what: f"{same[what]} of {len(self.files)}"
            rows.append((form, *map(of, ("counts", "ids", "statuses", "durations", "details"))))
        print("## 3. There and back\n")
        print("TeamCity has passed, failed and ignored: an expected failure is ignored, an unexpected success failed.\n")
        print(table(("format", "counts", "ids", "statuses", "durations", "details"), rows), "\n")

    def cuts(self, places, seed):
        """Each file cut short at random places."""
        chance = random.Random(seed)
        found, green = collections.Counter(), collections.Counter()
        for name, path, _, status in self.files:
            content = path.read_bytes()
            for _ in range(places):
                cut = content[: chance.randrange(len(content) + 1)]
                found["cuts"] += 1
                try:
                    ended = self.command("stats", "--no-text", "--json", stdin=cut, timeout=20)
                except subprocess.TimeoutExpired:
                    found["hangs"] += 1
                    continue
                found["panics"] += ended.returncode not in (0, 1, 2, 4) or b"panicked" in ended.stderr
                if status == 1 and ended.returncode == 0:
                    green[name] += 1
        rows = [(found["cuts"], found["panics"], found["hangs"], sum(green.values()))]
        print("## 4. Cut short\n")
        print(table(("cuts", "panics", "hangs", "red runs green"), rows), "\n")
        for name, count in green.items():
            is_known = self.formats.get(name) in ENDLESS
            print(f"* {name}: {count}" + (f", between two tests of a stream that has no end" if is_known else ""))
            if not is_known:
                self.complain(f"{name}: {count} cuts of a red run are green")
        if found["panics"] or found["hangs"]:
            self.complain(f"{found['panics']} panics, {found['hangs']} hangs")


def shown_note(note):
    return ", ".join(f"{count} {name}" for name, count in note.items())


def outcomes(counts, form):
    """Counts as the format can say them: none knows of tests that never ended, they have failed there."""
    if counts is None:
        return None
    bad = counts["fail"] + counts["unfinished"]
    if form == "teamcity":
        return counts["success"], bad + counts["uxsuccess"], counts["skip"] + counts["xfail"]
    if form == "tap":
        return counts["success"], bad + counts["uxsuccess"], counts["skip"], counts["xfail"], 0
    return counts["success"], bad, counts["skip"], counts["xfail"], counts["uxsuccess"]


def word(status, form):
    if form == "teamcity":
        status = {"xfail": "skip", "uxsuccess": "fail"}.get(status, status)
    if form == "tap" and status == "uxsuccess":
        return "fail"
    return "fail" if status == "inprogress" else status


# Files that tell why a test ended as it did.
# Reports keep at least so many bytes of what a test has to say; TAP of each file.
LONGEST = 256 * 1024
DETAILS = ("failure", "error", "traceback", "reason", "message", "details")


def tests(lines):
    """The attempts at each test, in their order, out of JSON Lines."""
    opened, ended = {}, collections.defaultdict(list)
    for line in lines.splitlines():
        event = json.loads(line)
        if event["type"] != "event" or "test_id" not in event or event.get("status") == "exists":
            continue
        key = event.get("route_code"), event["test_id"]
        test = opened.setdefault(key, {"status": "inprogress", "start": None, "stop": None, "files": {}})
        if "file_bytes" in event:
            name = event["file_name"]
            test["files"][name] = test["files"].get(name, "") + event["file_bytes"]
        attempt = next((tag for tag in event.get("tags", []) if tag.startswith("attempt-")), None)
        test["attempt"] = attempt or test.get("attempt")
        status, time = event.get("status"), event.get("timestamp")
        if status and status != "inprogress":
            test["status"], test["stop"] = status, time
            ended[event["test_id"]].append(opened.pop(key))
        else:
            test["start"] = test["start"] or time
    for (_, test_id), test in opened.items():
        ended[test_id].append(test)
    return ended


def results_of(attempts):
    """The results among these: of attempts that are marked the last one."""
    marked = [test for test in attempts if test.get("attempt")]
    return [test for test in attempts if not test.get("attempt")] + marked[-1:]


def differences(before, after, form):
    """What of ids, statuses, durations and details is not the same: the kind, and an example."""
    if form == "tap":
        # A point is a result: the attempts before it are comments.
        before = {test_id: results_of(attempts) for test_id, attempts in before.items()}
    counted = lambda tests: collections.Counter({test_id: len(attempts) for test_id, attempts in tests.items()})
    if counted(before) != counted(after):
        yield "ids", dict(counted(before) - counted(after)), dict(counted(after) - counted(before))
        return
    for test_id, attempts in before.items():
        ends = [sorted(word(test["status"], form) for test in side[test_id]) for side in (before, after)]
        if ends[0] != ends[1]:
            yield "statuses", test_id, ends
        times = [sorted(map(milliseconds, side[test_id])) for side in (before, after)]
        # Formats have milliseconds at best; who never ended took no time that is known.
        known = all(test["stop"] for test in attempts)
        if known and any(abs(left - right) > 1.5 for left, right in zip(*times)):
            yield "durations", test_id, times
        told = plain(" ".join(" ".join(test["files"].values()) for test in after[test_id]))
        for test in attempts:
            detail = longest_line(test, form)
            if detail and detail not in told:
                yield "details", test_id, detail


def milliseconds(test):
    start, stop = nanoseconds(test["start"]), nanoseconds(test["stop"])
    return 0 if start is None or stop is None else max(stop - start, 0) / 1_000_000


def nanoseconds(time):
    """Of a time of day."""
    if not time:
        return None
    hours, minutes, rest = time.rstrip("Z").split("T")[1].split(":")
    whole, parts = rest.split(".")
    return ((int(hours) * 60 + int(minutes)) * 60 + int(whole)) * 10**9 + int(parts)


def longest_line(test, form):
    """Of what is told of a failure, or as the reason for something else: every format keeps that line, under
    whatever name. What a report leaves out because a test has too much of it is not looked for."""
    if test["status"] == "success" or (form == "teamcity" and test["status"] in ("xfail", "uxsuccess")):
        return None
    if sum(map(len, test["files"].values())) > LONGEST:
        return None
    lines = (line for name in DETAILS for line in test["files"].get(name, "").splitlines())
    return max(map(plain, lines), key=len, default=None)


def plain(text):
    """Text without what XML and lines have no room for: colours, control characters, the kind of spaces."""
    text = re.sub("\x1b\\[[0-9;]*m", "", text)
    text = re.sub("[\u2400-\u241f\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]", "", text)
    return " ".join(text.split())


def ctrf_checker(python, schema, scratch):
    """Checks a file with the schema; gives what is wrong."""
    path = scratch.path / "ctrf-schema.json"
    path.write_text(json.dumps(schema))
    code = (
        "import json, sys, jsonschema\n"
        "schema = json.load(open(sys.argv[1]))\n"
        "checker = jsonschema.validators.validator_for(schema)(schema)\n"
        "for line in sys.stdin:\n"
        "    errors = list(checker.iter_errors(json.load(open(line.rstrip('\\n')))))\n"
        "    print(errors[0].message[:200].replace('\\n', ' ') if errors else '', flush=True)\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    checker = subprocess.Popen([python, "-c", code, path], **pipes)

    def check(report):
        checker.stdin.write(f"{report}\n")
        checker.stdin.flush()
        return checker.stdout.readline().rstrip("\n")

    return check


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("samples", type=Path)
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not arguments.samples.is_dir():
        fail(f"{arguments.samples} is no folder")
    need("perl", "its TAP::Parser reads what we write")
    scratch = Scratch(arguments.scratch)
    program, junit_cases = build()
    schema = ctrf_checker(scratch.python("jsonschema==4.26.0"), scratch.ctrf_schema(), scratch)
    shows = Shows(arguments.samples.resolve(), Command(program), junit_cases, schema)
    shows.counts()
    shows.reports()
    shows.ways_back()
    shows.cuts(arguments.cuts, arguments.seed)
    if shows.wrong:
        print("\n## Wrong\n")
        print("\n".join(f"* {what}" for what in shows.wrong))
        raise SystemExit(1)


if __name__ == "__main__":
    main()
