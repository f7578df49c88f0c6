"""Streams that must not be green, and files that must not be written: exit statuses that claim too much."""

import os

from disk import words
from ledger import run
from streams import REPORTS, STREAMS, packet


def passed(count=4):
    """Packets of tests that passed, whole each."""
    return [packet(f"pkg.test_{nth}", "success") for nth in range(count)]


def damaged():
    """Streams whose only fault is damage, by its kind."""
    pieces = passed()
    flipped = bytearray(pieces[1])
    flipped[9] ^= 1
    torn = packet("pkg.torn", "success")
    half = len(torn) // 2
    yield "a flipped bit", b"".join([pieces[0], bytes(flipped), *pieces[2:]])
    yield "torn by text", b"".join([pieces[0], torn[:half], b"\nprinted\n", torn[half:], *pieces[1:]])
    yield "torn by a packet", b"".join([pieces[0], torn[:half], pieces[1], torn[half:], *pieces[2:]])
    yield "cut at the end", b"".join([*pieces, torn[:half]])


def laundered(ledger, subunit, work):
    """A damaged stream through a command that writes a stream, with its text and without: still red."""
    for fault, given in damaged():
        for verb in STREAMS:
            # To a reader of version 1 all packets are text.
            if verb == "1to2":
                continue
            for flags in [[], ["--no-text"]]:
                stream = run(words(subunit, verb, work) + flags, given).out
                done = run([subunit, "stats"], stream)
                ledger.judge("damage through a filter", done, (1,), f"{verb} {flags}: {fault}")


def expected(ledger, subunit, work):
    """Tests of a list that never ran: red, whatever writes the report."""
    path, given = os.path.join(work, "list"), b"".join(passed())
    for ids, status in [("pkg.test_0\npkg.test_3\n", 0), ("pkg.test_0\npkg.lost\n", 1)]:
        with open(path, "w") as output:
            output.write(ids)
        for verb in REPORTS:
            # It judges nothing.
            if verb != "2to1":
                done = run(words(subunit, verb, work) + ["--expect", path], given)
                ledger.judge("expected and never run", done, (status,), f"{verb}: {ids!r}")


def written_over(ledger, subunit, work):
    """Output that goes to the file that is read: refused, and the file is as it was."""
    kind, path, link = "output is the input", os.path.join(work, "same"), os.path.join(work, "same.link")
    given = b"".join(passed())
    with open(path, "wb") as output:
        output.write(given)
    os.link(path, link)
    for verb in STREAMS + REPORTS:
        with open(link, "ab") as output:
            done = run(words(subunit, verb, work) + [path], stdout=output)
        ledger.judge(kind, done, (2,), verb)
        same(ledger, kind, verb, path, given)
    for report in ["--junit", "--html", "--tap", "--ctrf", "--csv", "--jsonl", "--markdown", "--trace", "--otlp",
                   "--teamcity", "--github", "--gitlab", "--summary"]:
        done = run([subunit, "report", f"{report}={link}", path])
        ledger.judge(kind, done, (2,), report)
        same(ledger, kind, report, path, given)


def same(ledger, kind, name, path, given):
    with open(path, "rb") as written:
        if written.read() != given:
            ledger.problem(kind, "lost", f"{name}: the input was written over")
            with open(path, "wb") as output:
                output.write(given)
