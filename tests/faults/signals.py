"""Signals that interrupt whatever a process waits in: stops and continuations, changed windows, ended children."""

import os
import pty
import random
import re
import select
import signal
import subprocess
import time

from disk import words
from ledger import HANG, Done, run
from pipes import comparable, feed, start, take
from streams import REPORTS, STREAMS, damage_of, small, wire

SEED = 20130228
STORM = [signal.SIGSTOP, signal.SIGCONT]


def stops(ledger, subunit, work):
    """Stopped and continued again between all bytes of the input, which ends waits with EINTR."""
    given = b"".join(small())
    for verb in STREAMS + REPORTS:
        command = words(subunit, verb, work)
        plain = run(command, given)
        process = start(command)
        out = bytearray()
        for byte in given:
            feed(process, bytes([byte]))
            for one in STORM:
                process.send_signal(one)
            take(process, out)
        process.stdin.close()
        while piece := os.read(process.stdout.fileno(), 4096):
            out += piece
            for one in STORM:
                process.send_signal(one)
        done = Done(process.wait(timeout=HANG), bytes(out), process.stderr.read())
        kind = "SIGSTOP and SIGCONT at every byte"
        ledger.judge(kind, done, (plain.status,), verb)
        if comparable(verb, done) != comparable(verb, plain):
            ledger.problem(kind, "lost", f"{verb}: {done.out[-300:]} in place of {plain.out[-300:]}")
        if verb in STREAMS and (damage := damage_of(done.out)):
            ledger.problem(kind, "damaged", f"{verb}: {damage}")


def windows(ledger, subunit, work):
    """`watch` on a terminal that changes its size all the time: it ends with its verdict and its summary."""
    given = b"".join(small())
    for nth in range(10):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([subunit, "watch"], stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, bufsize=0)
        os.close(theirs)
        screen = bytearray()
        for byte in given:
            feed(process, bytes([byte]))
            process.send_signal(signal.SIGWINCH)
            drain(ours, screen)
        process.stdin.close()
        while drain(ours, screen, HANG):
            process.send_signal(signal.SIGWINCH)
        os.close(ours)
        done = Done(process.wait(timeout=HANG), bytes(screen), bytes(screen))
        ledger.judge("SIGWINCH at every byte, watch", done, (1,), f"round {nth}")
        if b"4 tests" not in screen:
            ledger.problem("SIGWINCH at every byte, watch", "lost", f"no summary: {bytes(screen[-300:])}")


def drain(terminal, screen, wait=0):
    """Takes what stands on the terminal; whether it is still open."""
    while select.select([terminal], [], [], wait)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            return False
        screen += piece
        wait = 0
    return True


def children(ledger, subunit, work):
    """A multiplexer at which SIGCHLD, SIGWINCH and stops arrive all the time: every result comes, once."""
    rng = random.Random(SEED)
    path = os.path.join(work, "stream")
    with open(path, "wb") as output:
        output.write(b"".join(small()[:-2]) + small()[-2])
    # Many children end while the storm goes on.
    leaf = f"for n in 1 2 3 4 5 6 7 8; do cat {path}; done"
    for nth in range(10):
        process = start([subunit, "mux"] + [word for _ in range(4) for word in ("--run", leaf)], subprocess.DEVNULL)
        out, deadline = bytearray(), time.monotonic() + HANG
        ended = False
        while not ended and time.monotonic() < deadline:
            for _ in range(rng.randrange(20)):
                process.send_signal(rng.choice([signal.SIGCHLD, signal.SIGWINCH] + STORM))
            process.send_signal(signal.SIGCONT)
            if select.select([process.stdout], [], [], 0.01)[0]:
                piece = os.read(process.stdout.fileno(), rng.choice([1, 100, 4096]))
                ended, out = not piece, out + piece
        kind = "SIGCHLD, SIGWINCH, stops at a mux"
        done = Done(process.wait(timeout=HANG), bytes(out), process.stderr.read(), not ended)
        ledger.judge(kind, done, (1,), f"round {nth}")
        if damage := damage_of(done.out):
            ledger.problem(kind, "damaged", f"round {nth}: {damage}")
            continue
        finals = [made for made in wire.read(done.out)[0] if made["status"] in ("success", "fail", "skip")]
        if len(finals) != 4 * 8 * 4 or re.search(b"panic", done.err):
            ledger.problem(kind, "lost", f"round {nth}: {len(finals)} results in place of {4 * 8 * 4}: {done.err[-300:]}")
