"""Pipes that close, are cut, crawl or stand still, at every byte of a stream."""

import fcntl
import os
import random
import re
import select
import struct
import subprocess
import termios
import time

from disk import words
from ledger import HANG, Done, finish, run
from streams import REPORTS, STREAMS, damage_of, large, small, wire

SEED = 20130228


def closed_output(ledger, subunit, work):
    """The reader goes away after every byte of the input: a quiet end, or the verdict where all was said."""
    given = b"".join(small())
    for verb in ["cat", "filter", "to-jsonl", "watch --brief"]:
        leave(ledger, subunit, work, verb, given, range(len(given) + 1))
    rng = random.Random(SEED)
    for verb in STREAMS + REPORTS:
        leave(ledger, subunit, work, verb, given, rng.sample(range(len(given) + 1), 8))


def leave(ledger, subunit, work, verb, given, places):
    for place in places:
        process = start(words(subunit, verb, work))
        feed(process, given[:place])
        process.stdout.close()
        process.stdout = None
        done = end(process, given[place:])
        ledger.judge("reader closes the output", done, (0, 1), f"{verb} at byte {place}")
        if verb.split()[0] not in ("stats", "watch", "ls") and b"subunit" in done.err:
            ledger.problem("reader closes the output", "dishonest", f"{verb} at {place} is not quiet: {done.err}")


def closed_messages(ledger, subunit, work):
    """Nobody reads the messages: the verdict on a red stream is red all the same."""
    given = b"".join(small())
    for verb in REPORTS:
        process = start(words(subunit, verb, work))
        process.stderr.close()
        process.stderr = None
        done = end(process, given)
        expected = run(words(subunit, verb, work), given).status
        ledger.judge("reader closes the messages", done, (expected,), verb)


def small_pipe(ledger, subunit, work):
    """The reader takes so many bytes of a large output and goes: what it got is a beginning of the output."""
    given, rng = b"".join(large(3000)), random.Random(SEED)
    path = os.path.join(work, "given")
    with open(path, "wb") as output:
        output.write(given)
    for verb in STREAMS:
        whole = run(words(subunit, verb, work), given).out
        for place in [rng.randrange(len(whole)) for _ in range(25)]:
            process = start(words(subunit, verb, work) + [path], stdin=subprocess.DEVNULL)
            with os.fdopen(os.dup(process.stdout.fileno()), "rb") as reader:
                got = reader.read(place)
            process.stdout.close()
            process.stdout = None
            kind = "reader takes a part and closes"
            ledger.judge(kind, finish(process), (0,), f"{verb} at {place}")
            if got != whole[:place]:
                ledger.problem(kind, "lost", f"{verb}: other bytes before {place}")
            if damage := damage_of(got, cut_short=True):
                ledger.problem(kind, "damaged", f"{verb} at {place}: {damage}")


def cut_input(ledger, subunit, work):
    """Input that ends at every byte: the verdict that its whole packets give, and red where one is torn."""
    pieces = small()
    given = b"".join(pieces)
    for place in range(len(given) + 1):
        done = run([subunit, "stats"], given[:place])
        ledger.judge("input ends at every byte", done, (verdict(given[:place]),), f"at byte {place}")


def verdict(data):
    try:
        packets, _ = wire.read(data)
    except (wire.Damaged, IndexError):
        return 1
    open_tests, ended, failed = set(), 0, False
    for made in packets:
        status = made["status"]
        final = status not in (None, "exists", "inprogress")
        (open_tests.discard if final else open_tests.add)(made["id"])
        ended, failed = ended + final, failed or status in ("fail", "uxsuccess")
    return 1 if failed or open_tests else 0 if ended else 4


def byte_by_byte(ledger, subunit, work):
    """Input that comes byte by byte and output that is taken byte by byte: nothing is different."""
    given = b"".join(small())
    for verb in STREAMS + REPORTS:
        command = words(subunit, verb, work)
        plain = run(command, given)
        process = start(command)
        out = bytearray()
        for byte in given:
            feed(process, bytes([byte]))
            take(process, out)
        process.stdin.close()
        while byte := os.read(process.stdout.fileno(), 1):
            out += byte
        err = process.stderr.read()
        done = Done(process.wait(timeout=HANG), bytes(out), err)
        ledger.judge("byte by byte", done, (plain.status,), verb)
        same(ledger, "byte by byte", verb, done, plain)


def same(ledger, kind, verb, done, plain):
    """The same output; only the cuts of text, durations and what is made up anew each time may differ."""
    if verb in STREAMS and (damage := damage_of(done.out)):
        ledger.problem(kind, "damaged", f"{verb}: {damage}")
    if comparable(verb, done) != comparable(verb, plain):
        ledger.problem(kind, "lost", f"{verb}: another output: {done.out[-300:]} in place of {plain.out[-300:]}")


def comparable(verb, done):
    if verb == "to-jsonl":
        # Text may come in several objects.
        return re.sub(rb'"}\n{"type":"text","bytes":"', b"", done.out)
    if verb == "to-pyunit":
        return re.sub(rb"in [0-9.]+s", b"", done.out)
    if verb in ("to-github", "to-html", "to-otlp"):
        return re.sub(rb"\b[0-9a-f]{16,32}\b", b"made up", done.out)
    return done.out


def slow_reader(ledger, subunit, work):
    """The reader stands still until the writer does, and then takes all: all comes, in little memory."""
    given = b"".join(large(60_000))
    path = os.path.join(work, "given")
    with open(path, "wb") as output:
        output.write(given)
    for verb in STREAMS + ["to-jsonl", "to-tap", "ls", "mux --allow-empty --file"]:
        command = words(subunit, verb, work) + [path]
        plain = run(command).out
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        stalled(process)
        peak = peak_of(process.pid)
        done = finish(process)
        ledger.judge("slow reader", done, (0, 1), verb)
        if sorted_packets(done.out) != sorted_packets(plain):
            ledger.problem("slow reader", "lost", f"{verb}: {len(done.out)} bytes in place of {len(plain)}")
        if peak > 32 * 1024:
            ledger.problem("slow reader", "lost", f"{verb}: {peak} KiB of memory while nobody reads")


def sorted_packets(out):
    """Of a multiplexer's output text may be cut otherwise, and its packets carry times."""
    if not out.startswith(b"\xb3"):
        return out
    packets, text = wire.read(out)
    files = b"".join(made["file"][1] for made in packets if made.get("file"))
    return [(made.get("id"), made["status"]) for made in packets if made["status"]], files, text


def stalled(process):
    """Waits until the process sleeps on a full pipe, or has ended."""
    deadline = time.monotonic() + HANG
    before = None
    while process.poll() is None and time.monotonic() < deadline:
        now = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
        if now[0] == "S" and before == now[11:13] and waiting(process.stdout):
            return
        before = now[11:13]
        select.select([], [], [], 0.02)


def peak_of(pid):
    try:
        status = open(f"/proc/{pid}/status").read()
    except FileNotFoundError:
        return 0
    peak = re.search(r"VmHWM:\s+(\d+)", status)
    return int(peak[1]) if peak else 0


def start(command, stdin=subprocess.PIPE):
    """Starts a command whose output is the smallest pipe there is."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    process = subprocess.Popen(command, stdin=stdin, stdout=writer, stderr=subprocess.PIPE, bufsize=0)
    os.close(writer)
    process.stdout = os.fdopen(reader, "rb", buffering=0)
    return process


def end(process, rest):
    """Writes the rest of the input, unless the process has gone, and waits."""
    try:
        return finish(process, rest)
    except BrokenPipeError:
        return finish(process)


def feed(process, data):
    """Writes and waits until it has been read, so that the next read gets what comes next."""
    try:
        process.stdin.write(data)
    except BrokenPipeError:
        return
    deadline = time.monotonic() + HANG
    while waiting(process.stdin) and process.poll() is None and time.monotonic() < deadline:
        os.sched_yield()


def waiting(pipe):
    """Bytes in a pipe that nobody has read."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0\0\0\0"))[0]


def take(process, out):
    """Takes what is there, byte by byte."""
    while waiting(process.stdout):
        out += os.read(process.stdout.fileno(), 1)


