#!/usr/bin/env python3
"""Hands ids without routes to four workers, of which one takes two and ends, and one is killed.

    tests/peers/queue.py target/release/subunit [RUNS]

Each id must have one result, by name; the killed worker may fail one test, and the one that ended none. Every
fourth run kills all workers after a while: then the rest are failures that say they were never run.
"""

import collections
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "interop"))

import wire  # noqa: E402

IDS = 1000

def packet(test_id, status):
    """A packet of a test and its status."""
    return wire.packet({"id": test_id, "status": status, "runnable": True, "eof": False})


def work(kind, seed):
    """A command under `subunit worker`: runs what it reads, and may come to an end before that does."""
    chance = random.Random(seed)
    left = {"all": IDS + 1, "two": 2}.get(kind, chance.randrange(1, 40))
    moment = chance.choice(["before", "running", "torn", "after"])
    victim = chance.choice([os.getpid(), os.getppid()])

    def die(now):
        if kind == "killed" and left == 0 and moment == now:
            os.kill(victim, signal.SIGKILL)
            signal.pause()

    with open(int(os.environ["SUBUNIT_TEST_FD"]), encoding="utf-8") as tests:
        while line := tests.readline():
            left -= 1
            test_id = line.rstrip("\n")
            die("before")
            os.write(1, packet(test_id, "inprogress"))
            die("running")
            ended = packet(test_id, "success")
            if kind == "killed" and left == 0 and moment == "torn":
                os.write(1, ended[:5])
                die("torn")
            os.write(1, ended)
            die("after")
            if left == 0:
                return


def commands(subunit, kinds, seed):
    """The workers as arguments of `subunit mux`."""
    args = []
    for nth, kind in enumerate(kinds):
        command = [sys.executable, os.path.abspath(__file__), "--worker", kind, str(seed * 10 + nth)]
        args += ["--run", "exec " + shlex.join([subunit, "worker", "--", *command])]
    return args


def results(subunit, stream):
    """The ends of all tests, and of what is none: (id, status, route, reason) each."""
    done = subprocess.run([subunit, "to-jsonl"], input=stream, capture_output=True, check=False)
    tests, others = [], []
    for line in done.stdout.splitlines():
        event = json.loads(line)
        if event.get("status") in ("success", "fail", "skip", "xfail", "uxsuccess"):
            keys = ("test_id", "status", "route_code", "file_bytes")
            end = tuple(event.get(key, "") for key in keys)
            (tests if event["runnable"] else others).append(end)
    return tests, others


def judge(kinds, status, tests, others):
    """What is wrong with a run."""
    wrong = []
    counts = collections.Counter(test_id for test_id, *_ in tests)
    ids = {f"test-{n}" for n in range(IDS)}
    if set(counts) != ids:
        wrong.append(f"{len(ids - set(counts))} ids without a result, {len(set(counts) - ids)} unknown")
    wrong += [f"{test_id} has {count} results" for test_id, count in counts.items() if count != 1]
    failed = [end for end in tests + others if end[1] != "success"]
    never = [end for end in failed if end[3].startswith("never run: ")]
    for nth, kind in enumerate(kinds):
        of_worker = [end for end in failed if end[2] == str(nth)]
        if len(of_worker) > (kind == "killed"):
            wrong.append(f"worker {nth} ({kind}) has {len(of_worker)} failures: {of_worker[:3]}")
    if "all" in kinds and never:
        wrong.append(f"{len(never)} never run though a worker is left: {never[0]}")
    if "all" not in kinds and len(never) < IDS - 200:
        wrong.append(f"only {len(never)} never run")
    if status != bool(failed):
        wrong.append(f"exit status {status} with {len(failed)} failures")
    return wrong


def main():
    if sys.argv[1] == "--worker":
        return work(sys.argv[2], int(sys.argv[3]))
    subunit = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    asked = b"".join(packet(f"test-{n}", "exists") for n in range(IDS))
    exceptions = failures = given_up = 0
    for run in range(runs):
        kinds = ["killed", "two", "killed", "killed"] if run % 4 == 3 else ["all", "two", "killed", "all"]
        with tempfile.TemporaryFile() as errors:
            command = [subunit, "mux", *commands(subunit, kinds, run)]
            done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, stderr=errors, timeout=120, check=False)
        tests, others = results(subunit, done.stdout)
        wrong = judge(kinds, done.returncode, tests, others)
        failures += sum(end[1] == "fail" for end in tests)
        given_up += sum(end[3].startswith("never run: ") for end in tests)
        exceptions += bool(wrong)
        for line in wrong:
            print(f"run {run}: {line}")
    print(f"{runs} runs of {IDS} ids: {exceptions} exceptions; {failures} failures by name, {given_up} of them never run")
    return 1 if exceptions else 0


if __name__ == "__main__":
    sys.exit(main())
