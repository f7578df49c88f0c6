"""The streams that are sent through, and the commands they are sent through."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers", "interop"))

import wire  # noqa: E402

# Commands that write a stream: each packet and all text of theirs, in order.
STREAMS = ["cat", "filter", "tags --add t", "rename a b", "known-failures {empty}", "route --prefix 0", "merge", "1to2"]
# Commands that write a report or another format.
REPORTS = ["stats", "stats --json", "ls", "ls --json", "watch", "watch --brief", "to-jsonl", "to-junit", "to-tap",
           "to-ctrf", "to-teamcity", "to-github", "to-gitlab", "to-markdown", "to-html", "to-trace", "to-otlp", "to-csv",
           "to-pyunit", "2to1"]


def packet(test_id, status=None, nanos=None, file=None, route=None):
    event = {"runnable": True, "eof": file is not None, "id": test_id, "status": status, "file": file,
             "time": nanos, "route": route}
    return wire.packet({name: value for name, value in event.items() if value is not None})


def small():
    """Four tests, one of them failed, with text around: pieces that are whole each."""
    second = 10**9
    pieces = [b"starting\n"]
    for nth, status in enumerate(["success", "fail", "skip", "success"]):
        test_id, at = f"pkg.test_{nth}", (1_700_000_000 + nth) * second
        pieces.append(packet(test_id, "inprogress", at))
        pieces.append(packet(test_id, None, at, ("log", b"said in the test %d\n" % nth)))
        pieces += [packet(test_id, status, at + second // 2), b"between\n"]
    return pieces


def large(tests):
    """So many tests that pass but for one, with text around."""
    pieces = []
    for nth in range(tests):
        pieces += [packet(f"large.test_{nth:07}", "fail" if nth == 3 else "success"), b"line %d\n" % nth]
    return pieces


def damage_of(out, cut_short=False):
    """What is wrong with the packets of an output, in whose text is no 0xB3; none where it may be cut short."""
    at = 0
    while (at := out.find(b"\xb3", at)) >= 0:
        try:
            _, at = wire.packet_at(out, at)
        except (wire.Damaged, IndexError) as damage:
            # A prefix of a packet at the very end: what the disk or the reader did not take.
            return None if cut_short and is_cut(out[at:]) else str(damage)
    return None


def is_cut(tail):
    if len(tail) < 7:
        return True
    return wire._number(tail, 3)[0] > len(tail)
