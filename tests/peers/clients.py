#!/usr/bin/env python3
"""Short clients by the thousand at a multiplexer that may open few descriptors, and clients that stall.

    tests/peers/clients.py target/release/subunit [CLIENTS]

Each client's result must arrive, and never more descriptors be open than the limit of 128 allows. Then ten clients
begin a test and stall: `--idle-timeout` must end each of them, by name. Needs Linux (/proc).
"""

import collections
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "interop"))

import wire  # noqa: E402

LIMIT = 128
STALLED = 10


def packet(test_id, status):
    """A packet of a test and its status."""
    return wire.packet({"id": test_id, "status": status, "runnable": True, "eof": False})


def start(subunit, work, *args):
    """A multiplexer with few descriptors that listens."""
    path = os.path.join(work, "socket")
    command = [subunit, "mux", "--listen", "unix:" + path, *args]
    limits = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))  # noqa: E731
    out = open(os.path.join(work, "out"), "wb")
    mux = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, preexec_fn=limits)
    while not os.path.exists(path):
        time.sleep(0.01)
    return mux, path


def connect(path):
    """A connection; the kernel lets so many wait, and then says so."""
    client = socket.socket(socket.AF_UNIX)
    while True:
        try:
            client.connect(path)
            return client
        except (BlockingIOError, ConnectionRefusedError):
            time.sleep(0.001)


def watch(pid, most):
    """Notes the most descriptors that are open at a time."""
    while True:
        try:
            most.append(len(os.listdir(f"/proc/{pid}/fd")))
        except OSError:
            return
        if len(most) > 2:
            most[:] = [max(most)]


def events(subunit, path):
    with open(path, "rb") as stream:
        done = subprocess.run([subunit, "to-jsonl"], stdin=stream, capture_output=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def short(subunit, work, count):
    mux, path = start(subunit, work, "--connections", str(count))
    most = [0]
    threading.Thread(target=watch, args=(mux.pid, most), daemon=True).start()

    def some(first):
        for n in range(first, count, 8):
            client = connect(path)
            client.sendall(packet(f"test-{n}", "success"))
            client.close()

    threads = [threading.Thread(target=some, args=(n,)) for n in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    errors = mux.communicate(timeout=300)[1]
    seen = collections.Counter(event["test_id"] for event in events(subunit, work + "/out") if "status" in event)
    fine = len(seen) == count and set(seen.values()) == {1} and mux.returncode == 0 and not errors
    print(f"{count} clients: {len(seen)} results, exit status {mux.returncode}, at most {max(most)} descriptors of {LIMIT}")
    return fine and max(most) <= LIMIT


def stalled(subunit, work):
    mux, path = start(subunit, work, "--connections", str(STALLED), "--idle-timeout", "1")
    clients = [connect(path) for _ in range(STALLED)]
    for n, client in enumerate(clients):
        client.sendall(packet(f"stalled-{n}", "inprogress"))
    mux.communicate(timeout=60)
    failed = [event for event in events(subunit, work + "/out") if event.get("status") == "fail"]
    named = {event["test_id"]: event["file_bytes"] for event in failed}
    print(f"{STALLED} clients that stall: {len(named)} failures by name, exit status {mux.returncode}: {failed[0]['file_bytes']!r}")
    return named.keys() == {f"stalled-{n}" for n in range(STALLED)} and mux.returncode == 1


def main():
    subunit = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        fine = [short(subunit, one, count), stalled(subunit, other)]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
