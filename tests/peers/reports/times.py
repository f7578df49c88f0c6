#!/usr/bin/env python3
"""No report invents a time: no date before 2001 and no duration above a day that its input does not have.

    tests/peers/reports/times.py SAMPLES [--program SUBUNIT]

Writes each report of each file with results that is below SAMPLES and reads it as its users do: times and durations by
their units, and every word that looks like a date. OTLP takes --start where the input has no clock. Lossless forms
(packets, JSON Lines) keep what the input says and are left out. Prints, in Markdown, how many reports were read and how many
times and durations they had; exits with 1 where one is wrong. SUBUNIT is built where it is not named.
"""

import argparse
import collections
import csv
import io
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime
from pathlib import Path

from common import Command, build, has_results, samples, table

DAY = 24 * 60 * 60
YEAR_2001 = datetime.fromisoformat("2001-01-01T00:00:00+00:00").timestamp()

DATE = re.compile(r"\b(19[0-9]{2}|20[0-9]{2})-[01][0-9]-[0-3][0-9]\b")


class Wrong(Exception):
    pass


def a_time(seconds, name):
    """A time by the calendar, or none."""
    if seconds and seconds < YEAR_2001:
        raise Wrong(f"{name}: {seconds} is before 2001")


def a_duration(seconds, name):
    if not 0 <= seconds <= DAY:
        raise Wrong(f"{name}: {seconds} s")


def iso(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def junit(report, seen):
    for element in ElementTree.fromstring(report).iter():
        if element.get("time") is not None:
            seen("duration", a_duration, float(element.get("time")), "time")
        if element.get("timestamp") is not None:
            seen("time", a_time, iso(element.get("timestamp")), "timestamp")


def ctrf(report, seen):
    report = json.loads(report)["results"]
    summary = report["summary"]
    for when in ("start", "stop"):
        seen("time", a_time, summary[when] / 1000, f"summary.{when}")
    seen("duration", a_duration, summary["stop"] / 1000 - summary["start"] / 1000, "summary")
    for test in report["tests"]:
        seen("duration", a_duration, test["duration"] / 1000, "duration")
        for when in ("start", "stop"):
            if when in test:
                seen("time", a_time, test[when] / 1000, when)
        for retry in test.get("retryAttempts", []):
            seen("duration", a_duration, retry.get("duration", 0) / 1000, "retry")


def otlp(report, seen):
    for line in report.splitlines():
        found = re.finditer(rb'"(\w*[tT]imeUnixNano)":\s*"(\d+)"', line)
        for name, value in ((match[1].decode(), int(match[2]) / 1e9) for match in found):
            seen("time", a_time, value, name)


def trace(report, seen):
    for event in json.loads(report)["traceEvents"]:
        if "ts" in event:
            # It counts from the first event of the run, which need not be its earliest.
            seen("duration", a_duration, abs(event["ts"]) / 1e6, "ts")
        if "dur" in event:
            seen("duration", a_duration, event["dur"] / 1e6, "dur")


def teamcity(report, seen):
    text = report.decode(errors="replace")
    for match in re.finditer(r"^##teamcity.* duration='(\d+)'", text, re.MULTILINE):
        seen("duration", a_duration, int(match[1]) / 1000, "duration")
    for match in re.finditer(r"^##teamcity.* timestamp='([^']+)'", text, re.MULTILINE):
        year = int(match[1][:4])
        if year < 2001:
            raise Wrong(f"timestamp {match[1]}")
        seen("time", lambda *_: None, None, None)


def rows(report, seen):
    for row in csv.DictReader(io.StringIO(report.decode(errors="replace"), newline="")):
        start, stop = row.get("start_time") or row.get("start"), row.get("stop_time") or row.get("stop")
        times = [iso(time) for time in (start, stop) if time]
        for time in times:
            seen("time", a_time, time, "start or stop")
        if len(times) == 2:
            seen("duration", a_duration, times[1] - times[0], "row")


def people(report, seen):
    for match in re.finditer(r"\b(\d+) h(?: |\b)", re.sub(r"<[^>]*>", " ", report.decode(errors="replace"))):
        seen("duration", a_duration, int(match[1]) * 3600, match[0])


REPORTS = {
    "junit": junit, "ctrf": ctrf, "otlp": otlp, "trace": trace, "teamcity": teamcity,
    "html": people, "markdown": people, "csv": rows, "tap": people, "github": people, "gitlab": people,
}


def check(name, report, given):
    """How many times and durations there are, by kind."""
    counts = collections.Counter()

    def seen(kind, rule, *arguments):
        counts[kind] += 1
        rule(*arguments)

    if report:
        REPORTS[name](report, seen)
    for date in DATE.finditer(report.decode(errors="replace")):
        if int(date[1]) < 2001 and date[0] not in given:
            raise Wrong(f"the date {date[0]}")
    return counts


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("samples")
    arguments.add_argument("--program")
    options = arguments.parse_args()
    command = Command(options.program or build()[0])
    wrong, read, counted = [], collections.Counter(), collections.defaultdict(collections.Counter)
    for path in samples(options.samples):
        if not has_results(command.counts(path)[0]):
            continue
        given = path.read_bytes().decode(errors="replace")
        for name in REPORTS:
            more = ["--start", "2024-01-01T00:00:00Z"] if name == "otlp" else []
            run = command(f"to-{name}", *more, path)
            if run.returncode not in (0, 1, 4):
                wrong.append(f"{path}: to-{name}: {run.stderr.decode(errors='replace')[:200]}")
                continue
            try:
                counted[name] += check(name, run.stdout, given)
                read[name] += 1
            except (Wrong, ValueError, KeyError, ElementTree.ParseError) as error:
                wrong.append(f"{Path(path).relative_to(options.samples)}: to-{name}: {type(error).__name__} {error}")
    shown = [(name, read[name], counted[name]["time"], counted[name]["duration"]) for name in REPORTS]
    print(table(("report", "files", "times", "durations"), shown))
    for complaint in wrong:
        print("*", complaint)
    sys.exit(bool(wrong))


main()
