"""Intact streams that no writer would make, read by us and by python-subunit: the same events.

    differential.py SUBUNIT CRATE_PEER FOLDER EVENTS

Packets are made by hand: numbers longer than they need be, bytes behind the last field, tags twice or none,
nanoseconds of more than a second, empty strings, text around of any bytes. The `subunit` crate reads
them as well, but for what two known defects of it forbid.
"""

import os
import sys

from events import NANOS, TAGS, event, rounded, seeded, text
from exchange import SEED, differing
from sides import Crate, Ours, Python, joined
from wire import packet

STREAM = 40


def odd(rng):
    """An event and its packet, and whether bytes stand behind its last field."""
    made = event(rng)
    options = {}
    if rng.random() < 0.3:
        options["width"] = lambda: rng.choice([1, 1, 2, 3, 4])
    if rng.random() < 0.3:
        options["length_width"] = rng.choice([1, 2, 3])
    if rng.random() < 0.1:
        options["trailing"] = rng.randbytes(rng.randint(1, 12))
    if rng.random() < 0.2:
        options["tags"] = rng.choices(TAGS, k=rng.randint(0, 5)) * rng.randint(1, 2)
        made["tags"] = sorted(set(options["tags"]))
    if rng.random() < 0.1:
        seconds, nanos = rng.randrange(2**32 - 2), rng.randrange(NANOS, 2**30)
        made["time"], made["raw_time"] = seconds * NANOS + nanos, (seconds, nanos)
    wire = packet(made, **options)
    made.pop("raw_time", None)
    return made, wire, "trailing" in options


def noise(rng):
    """Text of any bytes but 0xB3, with a newline at its end."""
    return bytes(byte for byte in rng.randbytes(rng.randint(1, 60)) if byte != 0xB3) + b"\n"


def odd_stream(rng):
    """Items with their bytes and whether the crate takes them. What is not UTF-8 stands before the last packet:
    after half a character python-subunit judges all later text wrongly."""
    made = []
    for nth in range(STREAM):
        said = text(rng).encode() if rng.random() < 0.3 else b""
        if nth == STREAM - 1:
            said += noise(rng)
        if said:
            # The crate takes every 0xB3 for a packet's beginning, also in the middle of a character.
            made.append(({"text": said}, said, b"\xb3" not in said))
        item, wire, trailing = odd(rng)
        made.append((item, wire, not trailing))
    return made


def main():
    path = os.path.join(sys.argv[3], "stream")
    ours, crate, python = Ours(sys.argv[1]), Crate(sys.argv[2]), Python()
    events = texts = streams = left_out = 0
    bad = {"ours": 0, "python-subunit": 0, "crate": 0}

    def read_by(name, side, expected, wire):
        with open(path, "wb") as stream:
            stream.write(b"".join(wire))
        wrong = differing(joined(expected), side.read(path))
        bad[name] += len(wrong)
        for at, a, b in wrong[:2]:
            print(f"    stream {streams} item {at}, {name}: expected {str(a)[:300]}")
            print(f"    read {str(b)[:300]}")

    while events < int(sys.argv[4]):
        made = odd_stream(seeded(SEED, "odd", streams))
        items, wire = [item for item, _, _ in made], [data for _, data, _ in made]
        read_by("ours", ours, items, wire)
        read_by("python-subunit", python, [rounded(item) for item in items], wire)
        taken = [(item, data) for item, data, takes in made if takes]
        read_by("crate", crate, [item for item, _ in taken], [data for _, data in taken])
        streams, events, texts = streams + 1, events + STREAM, texts + len(items) - STREAM
        left_out += len(made) - len(taken)
    print(f"{streams} streams, {events} packets, {texts} texts; disagreements:", end=" ")
    print(", ".join(f"{name} {count}" for name, count in bad.items()))
    print(f"{left_out} items were not given to the crate: it wants the checksum right behind the last field, and")
    print("takes every 0xB3 for a packet's beginning, also in the middle of a character")
    sys.exit(1 if any(bad.values()) else 0)


if __name__ == "__main__":
    main()
