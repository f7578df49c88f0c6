#!/usr/bin/env python3
"""Kills workers and supervisors of `subunit run` at random times, and checks what is left.

  killed.py PROGRAMS [ROUNDS]

PROGRAMS is a folder with subunit-run and examples/worker; zstd is needed. Each round has a seed, which is its number.
A killed worker: every test has one result by name, and what failed was running. A killed supervisor: after 2 s no
process of the run is left, and what it wrote to its standard output stands in the run that it kept.
"""
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

programs = pathlib.Path(sys.argv[1]).resolve()
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 100
TESTS = [f"t{n:02}.sleep-{5 + n % 7}" for n in range(40)]
STATUS = ["", "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"]


def number(data, at):
    size = (data[at] >> 6) + 1
    value = int.from_bytes(data[at:at + size], "big") & ((1 << (8 * size - 2)) - 1)
    return value, at + size


def events(data):
    """The ids and statuses of a stream of packets, and where each packet ends."""
    at = 0
    while at + 4 <= len(data):
        assert data[at] == 0xB3, f"no packet at {at}"
        flags = int.from_bytes(data[at + 1:at + 3], "big")
        length, field = number(data, at + 3)
        if at + length > len(data):
            return
        test_id = None
        if flags & 0x200:
            field = number(data, field + 4)[1]
        if flags & 0x800:
            size, field = number(data, field)
            test_id = data[field:field + size].decode()
        at += length
        yield test_id, STATUS[flags & 7], at


def processes(home):
    mark = f"HOME={home}".encode()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            environment = pathlib.Path("/proc", pid, "environ").read_bytes().split(b"\0")
            command = pathlib.Path("/proc", pid, "cmdline").read_bytes()
        except OSError:
            continue
        if mark in environment and command:
            yield int(pid), command.replace(b"\0", b" ").decode()


def start(folder, incremental):
    (folder / "tests.list").write_text("\n".join(TESTS) + "\n")
    worker = programs / "examples" / "worker"
    (folder / "subunit.toml").write_text(
        f"test_command = '{worker} $LISTOPT $IDOPTION'\ntest_list_option = '--list'\n"
        f"test_id_option = '--load-list $IDFILE'\nincremental = {str(incremental).lower()}\n")
    environment = dict(os.environ, HOME=str(folder), XDG_RUNTIME_DIR=str(folder))
    return subprocess.Popen([programs / "subunit-run", "run", "--subunit", "-j", "2"], cwd=folder, env=environment,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def kill_worker(nth):
    chance = random.Random(nth)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        run = start(folder, nth % 2 == 0)
        time.sleep(chance.uniform(0.01, 0.25))
        workers = []
        while not workers and run.poll() is None:
            workers = [pid for pid, command in processes(folder)
                       if "examples/worker" in command and "sh -c" not in command and "--list " not in command]
        if workers:
            try:
                os.kill(chance.choice(workers), signal.SIGKILL)
            except ProcessLookupError:
                workers = []
        said = run.stdout.read()
        run.wait()
        running, results = set(), {}
        for test_id, status, _ in events(said):
            if status == "inprogress":
                running.add(test_id)
            elif status in STATUS[3:]:
                results.setdefault(test_id, []).append(status)
                if status == "fail" and test_id in TESTS:
                    assert test_id in running, f"round {nth}: {test_id} failed and was not running"
        for test_id in TESTS:
            assert len(results.get(test_id, [])) == 1, f"round {nth}: {test_id}: {results.get(test_id)}"
        return bool(workers), sum(results[test_id] == ["fail"] for test_id in TESTS)


def kept_stream(path):
    """What a run file holds: the stream as it is while it is written, packed by zstd once it is whole."""
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dc", path], stdout=subprocess.PIPE, check=True).stdout
    return path.read_bytes()


def kill_supervisor(nth):
    chance = random.Random(nth)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        run = start(folder, nth % 2 == 0)
        time.sleep(chance.uniform(0.01, 0.2))
        run.kill()
        said = run.stdout.read()
        run.wait()
        killed = time.monotonic()
        while list(processes(folder)):
            assert time.monotonic() < killed + 2, f"round {nth}: {list(processes(folder))}"
            time.sleep(0.01)
        kept = b"".join(kept_stream(path) for path in (folder / ".subunit" / "runs").glob("*"))
        whole = max([end for _, _, end in events(said)], default=0)
        assert said[:whole] in kept, f"round {nth}: what was written is not kept"
        return time.monotonic() - killed


hits = [kill_worker(nth) for nth in range(rounds)]
print(f"workers: {rounds} runs, {sum(hit for hit, _ in hits)} killed one, {sum(failed for _, failed in hits)} tests failed, "
      f"each that was running; every test of every run has one result")
times = [kill_supervisor(nth) for nth in range(rounds)]
print(f"supervisors: {rounds} runs, the last process was gone after {max(times):.2f} s; what was written is kept")
