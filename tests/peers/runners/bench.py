#!/usr/bin/env python3
"""Compares `subunit run` with testr and stestr on the same suites, side by side in one run.

  bench.py PROGRAMS PEERS [--rounds N] [--only NAME]

PROGRAMS is the folder of our programs, PEERS that of a Python with testrepository, stestr, python-subunit and
testtools. Where `inq` of inquest is in PATH, it takes part. Each round runs every command once, in turns; medians of seconds, of processor seconds of the
command with all it has started, and of its greatest memory are printed.
"""
import argparse
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time

# Seconds after which a contestant is stopped.
LONGEST = 120

HERE = pathlib.Path(__file__).resolve().parent

SLEEPING = """
import os, time, unittest
SPEED = float(os.environ.get("SPEED", "1"))
class Tests(unittest.TestCase):
    pass
for n, seconds in enumerate(%s):
    def test(self, seconds=seconds):
        time.sleep(seconds * SPEED)
    setattr(Tests, f"test_{n:05}", test)
"""

TRIVIAL = """
import unittest
class Tests(unittest.TestCase):
    pass
for n in range(%d):
    setattr(Tests, f"test_{n:05}", lambda self: None)
"""

CHATTER = """
import sys, unittest
class Tests(unittest.TestCase):
    def test_prints(self):
        for n in range(20000):
            sys.__stdout__.write("x" * 94 + "\\n")
        sys.__stdout__.flush()
"""


class Suite:
    def __init__(self, name, tests, workers, instances=None, times=False):
        self.name, self.tests, self.workers = name, tests, workers
        self.instances, self.times = instances, times

    def write(self, folder, incremental, python):
        (folder / "test_all.py").write_text(self.tests)
        shutil.copy(HERE / "worker.py", folder / "worker.py")
        lines = [
            "[DEFAULT]",
            f"test_command={python} ./worker.py $LISTOPT $IDOPTION",
            "test_list_option=--list",
            "test_id_option=--load-list $IDFILE",
            f"test_run_concurrency=echo {self.workers}",
        ]
        if incremental:
            lines.append("incremental=true")
        if self.instances:
            # One by one, $COMMAND is `subunit worker -- ...`.
            execute = "SPEED=$INSTANCE_ID $COMMAND"
            lines += [f"instance_provision=echo {self.instances}", f"instance_execute={execute}"]
        (folder / ".testr.conf").write_text("\n".join(lines) + "\n")
        (folder / ".stestr.conf").write_text("[DEFAULT]\ntest_path=.\n")


SUITES = [
    Suite("40 x 0.25 s, an instance 4 times slower", SLEEPING % ([0.25] * 40), 2, "1 4"),
    Suite("6 s and 24 x 0.5 s, 4 workers, no times", SLEEPING % ([0.5] * 24 + [6]), 4),
    Suite("6 s and 24 x 0.5 s, 4 workers, with times", SLEEPING % ([0.5] * 24 + [6]), 4, times=True),
    Suite("20000 trivial tests, 2 workers", TRIVIAL % 20000, 2),
    Suite("1.9 MB of chatter", CHATTER, 1),
]


def timed(command, folder, env):
    begun = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(folder / "out", "wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            status = process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status = "too long"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - begun, spent, status, (folder / "out").stat().st_size


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs"), parser.add_argument("peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    peers = pathlib.Path(args.peers).resolve()
    programs = pathlib.Path(args.programs).resolve()
    env = dict(os.environ, PATH=f"{programs}:{peers}:{os.environ['PATH']}", PYTHON=str(peers / "python"))
    ours = str(programs / "subunit-run")
    for suite in [suite for suite in SUITES if args.only in suite.name]:
        contestants = {
            "subunit.run alone": (False, ["sh", "-c", f"exec {peers}/python -m subunit.run discover . > /dev/null"]),
            "ours, lists": (False, [ours, "run", "-j", str(suite.workers)]),
            "ours, one by one": (True, [ours, "run", "-j", str(suite.workers)]),
            "testr": (False, ["testr", "run", "--parallel"]),
            "stestr": (False, ["stestr", "run", "--concurrency", str(suite.workers)]),
        }
        if shutil.which("inq", path=env["PATH"]):
            contestants["inquest"] = (False, ["inq", "run", "--parallel", str(suite.workers)])
        if suite.instances:
            del contestants["stestr"], contestants["subunit.run alone"]
        print(f"\n## {suite.name}\n", flush=True)
        results = {name: [] for name in contestants}
        with tempfile.TemporaryDirectory() as scratch:
            folders = {}
            for name, (incremental, command) in contestants.items():
                folder = pathlib.Path(scratch) / name.replace(" ", "_").replace(",", "")
                folder.mkdir()
                suite.write(folder, incremental, peers / "python")
                tool = {"testr": "testr", "stestr": "stestr", "inquest": "inq"}.get(name)
                if tool:
                    subprocess.run([tool, "init"], cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
                if suite.times:
                    timed(command, folder, env)
                folders[name] = folder
            for _ in range(args.rounds):
                for name, (_, command) in contestants.items():
                    folder = folders[name]
                    if not suite.times:
                        for kept in (".testrepository", ".stestr", ".subunit"):
                            if (folder / kept).exists() and name.startswith("ours"):
                                shutil.rmtree(folder / kept)
                    results[name].append(timed(command, folder, env))
        print("| | seconds | processor seconds | exit | bytes out |\n|---|--:|--:|--:|--:|")
        for name, rounds in results.items():
            seconds, spent = (statistics.median(values) for values in list(zip(*rounds))[:2])
            print(f"| {name} | {seconds:.2f} | {spent:.2f} | {rounds[-1][2]} | {rounds[-1][3]} |", flush=True)


main()
