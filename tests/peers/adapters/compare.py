#!/usr/bin/env python3
"""Runs one unbalanced suite by each runner: serially, by the runner's own parallel way, and by `subunit run` without a
configuration.

  compare.py PROGRAMS [--path FOLDER]... [--modules FOLDER] [--rounds N] [--only NAME,...] [--folder FOLDER]

PROGRAMS is the folder of our programs; --path folders come first in PATH, such as that of a Python with pytest,
pytest-xdist and unittest-parallel; --modules is a node_modules with jest, vitest and mocha. A runner that is missing is named and
left out. Each round runs every way once, in turns; medians of seconds are printed, and whether counts and verdict are the
runner's own. "first" is `subunit run` in a project without a history; "ours" after it knows its durations.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from runners import ROWS
from suite import COUNTS, SECONDS

# Seconds after which a way is stopped.
LONGEST = 120


def run(command, folder, env, out="out"):
    """Seconds, exit status."""
    begun = time.monotonic()
    with open(folder.parent / out, "wb") as file:
        process = subprocess.Popen(
            ["sh", "-c", command], cwd=folder, env=env, stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            status = process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status = "too long"
    return time.monotonic() - begun, status


def counted(row, text):
    """What the runner says that it counted."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)

    def number(key):
        found = [match for match in re.finditer(row[key], text)]
        if not found:
            return 0
        return sum(int(match[1]) for match in found) if found[0].re.groups else len(found)

    failed, skipped = number("failed"), number("skipped")
    passed = number("passed") if "passed" in row else number("total") - failed - skipped
    return {"passed": passed, "failed": failed, "skipped": skipped}


def ours_counted(programs, command, folder, env):
    """What our stream says of tests; points of TAP, which are parts of them, cannot be run and are no tests."""
    packets = folder.parent / "packets"
    with open(packets, "wb") as file:
        subprocess.run(
            command, shell=True, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.DEVNULL
        )
    told = subprocess.run([programs / "subunit", "to-jsonl", packets], env=env, capture_output=True)
    words = {"success": "passed", "fail": "failed", "skip": "skipped", "xfail": "skipped"}
    counts = dict.fromkeys(COUNTS, 0)
    for line in told.stdout.splitlines():
        event = json.loads(line)
        if event.get("runnable") and event.get("status") in words:
            counts[words[event["status"]]] += 1
    return counts


def measured(name, args, env, scratch):
    row = ROWS[name]
    folder = scratch / name.replace(" ", "-") / "suite"
    shutil.rmtree(folder.parent, ignore_errors=True)
    for path, text in row["write"]().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    if args.modules and (folder / "package.json").exists():
        (folder / "node_modules").symlink_to(args.modules)
    if row["setup"]:
        _, status = run(row["setup"], folder, env)
        if status:
            return None, (folder.parent / "out").read_text(errors="replace")[-300:]
    ours = f"{args.programs / 'subunit-run'} run"
    ways = {
        "serial": row["serial"],
        "parallel": row["parallel"],
        "first": f"rm -rf .subunit; {ours} {row['ours']}",
        "ours": f"{ours} {row['ours']}",
    }
    ways = {way: command for way, command in ways.items() if command}
    statuses, seconds = {}, {way: [] for way in ways}
    # What is compiled and kept once is not measured.
    for way, command in ways.items():
        _, statuses[way] = run(command, folder, env, out=way)
    if statuses["serial"] in (126, 127):
        return None, (folder.parent / "serial").read_text(errors="replace")[-300:]
    own = counted(row, (folder.parent / "serial").read_text(errors="replace"))
    command = f"{ours} --subunit --no-history {row['ours']}"
    counts = ours_counted(args.programs, command, folder, env)
    for _ in range(args.rounds):
        for way, command in ways.items():
            took, status = run(command, folder, env)
            seconds[way].append(took)
            statuses[way] = status
    medians = {way: statistics.median(values) for way, values in seconds.items()}
    return (own, counts, statuses, medians, seconds), None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--path", action="append", default=[]), parser.add_argument("--modules", type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=5), parser.add_argument("--only", default="")
    parser.add_argument("--folder", type=pathlib.Path)
    args = parser.parse_args()
    args.programs = args.programs.resolve()
    path = [os.path.abspath(folder) for folder in args.path]
    env = dict(os.environ, PATH=":".join([*path, os.environ["PATH"]]))
    for name in ("CI", "FORCE_COLOR", "NODE_OPTIONS", "RUSTFLAGS"):
        env.pop(name, None)
    names = args.only.split(",") if args.only else list(ROWS)
    scratch = args.folder or pathlib.Path(tempfile.mkdtemp())
    print(f"Sum of the tests' seconds: {SECONDS:.1f}; medians of {args.rounds}, two workers.\n")
    print("| runner | passed, failed, skipped | exit | serial | its parallel | ours | ours, first | ours / faster | parallel part |")
    print("|---|---|---|--:|--:|--:|--:|--:|---|", flush=True)
    wrong = 0
    for name in names:
        result, missing = measured(name, args, env, scratch)
        if result is None:
            print(f"| {name} | not measured: {' '.join(missing.split())} |", flush=True)
            continue
        own, counts, statuses, medians, seconds = result
        told = ", ".join(str(own[key]) for key in COUNTS)
        is_equal = own == counts == COUNTS
        if not is_equal:
            told += " (ours " + ", ".join(str(counts[key]) for key in COUNTS) + ")"
        # One test fails: every way must say so.
        is_red = all(status not in (0, "too long") for status in statuses.values())
        wrong += not (is_equal and is_red)
        status = f"{statuses['serial']} / {statuses['ours']}"
        own_parallel = f"{medians['parallel']:.2f}" if "parallel" in medians else "-"
        faster = min(medians[way] for way in ("serial", "parallel") if way in medians)
        print(
            f"| {name} | {told} | {status} | {medians['serial']:.2f} | {own_parallel} | {medians['ours']:.2f} "
            f"| {medians['first']:.2f} | {medians['ours'] / faster:.2f} | {ROWS[name]['part']} |",
            flush=True,
        )
        ranges = ", ".join(f"{way} {min(values):.2f}-{max(values):.2f}" for way, values in seconds.items())
        print(f"{name}: {ranges}", file=sys.stderr, flush=True)
    if not args.folder:
        shutil.rmtree(scratch)
    sys.exit(1 if wrong else 0)


main()
