"""Events written by one implementation and read by another: each way, the same events.

    exchange.py SUBUNIT CRATE_PEER FOLDER EVENTS

Prints a row for each way. A disagreement is either explained by a named defect of the peer, and then counted
under it, or it is printed, and the exit status is 1.
"""

import os
import sys

from events import STATUSES, rounded, seeded, stream
from sides import Crate, Ours, Python, rounded_all

SEED = 20130228
NANOSECONDS = "python-subunit keeps microseconds only"
SIGNATURES = "the crate takes every 0xB3 for a packet's beginning, also in the middle of a character"


class Table:
    """Rows by direction, and whether anything is unexplained."""

    def __init__(self):
        self.unexplained = 0

    def row(self, way, expected, read, explained=()):
        events = sum("text" not in item for item in expected)
        wrong = differing(expected, read)
        self.unexplained += len(wrong)
        print(f"{way:34} {events:8} {len(expected) - events:8} {len(wrong):12}", end="")
        print("".join(f"  {count} explained: {defect}" for defect, count in explained if count))
        for at, ours, theirs in wrong[:3]:
            print(f"    item {at}: expected {str(ours)[:300]}\n    {'':12} read {str(theirs)[:300]}")


def differing(expected, read):
    """Places where the lists differ; where one is longer, that is one more."""
    wrong = [(at, a, b) for at, (a, b) in enumerate(zip(expected, read)) if a != b]
    if len(expected) != len(read):
        wrong.append((min(len(expected), len(read)), f"{len(expected)} items", f"{len(read)} items"))
    return wrong


def longest():
    """Packets at the limit of the protocol, and events that have nothing but a status."""
    bare = [{"runnable": True, "eof": False, "status": status} for status in STATUSES]
    # 3 of header, 3 of length, 2 of the name, 3 of the content's length, 4 of checksum.
    content = bytes(range(256)) * 16384
    return bare + [{"runnable": False, "eof": True, "file": ("f", content[: 4194303 - 15])}]


def main():
    subunit, crate_peer, folder, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    ours, python, crate = Ours(subunit), Python(), Crate(crate_peer)
    path = os.path.join(folder, "stream")
    table = Table()
    print(f"{'written by -> read by':34} {'events':>8} {'texts':>8} {'disagreements':>12}")

    items = stream(seeded(SEED, "ours"), count) + longest()
    ours.write(items, path)
    table.row("ours -> ours", items, ours.read(path))
    lost = sum(rounded(item) != item for item in items)
    table.row("ours -> python-subunit", rounded_all(items), python.read(path), [(NANOSECONDS, lost)])

    items = stream(seeded(SEED, "ours to crate"), count, plain=True) + longest()
    ours.write(items, path)
    table.row("ours -> crate subunit 0.3.1", items, crate.read(path))

    items = stream(seeded(SEED, "python"), count, step=1000) + longest()
    python.write(items, path)
    table.row("python-subunit -> ours", items, ours.read(path))

    items = stream(seeded(SEED, "crate"), count) + longest()
    crate.write(items, path)
    table.row("crate subunit 0.3.1 -> ours", items, ours.read(path))

    characters(table, ours, crate, path)
    sys.exit(1 if table.unexplained else 0)


def characters(table, ours, crate, path):
    """Text with 0xB3 within characters, a stream each: what the crate makes of it, and that we do not."""
    lost, streams = 0, 200
    expected, read = [], []
    for seed in range(streams):
        items = stream(seeded(SEED, "characters", seed), 3)
        ours.write(items, path)
        expected += items
        read += ours.read(path)
        theirs = crate.read(path)
        if differing(items, theirs):
            if not any("text" in item and b"\xb3" in item["text"] for item in items):
                table.row("ours -> crate, unexplained", items, theirs)
            lost += 1
    table.row(f"{streams} short streams, ours -> ours", expected, read, [(SIGNATURES, lost)])


if __name__ == "__main__":
    main()
