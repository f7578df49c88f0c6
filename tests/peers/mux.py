#!/usr/bin/env python3
"""The multiplexer at work: what it carries, how fast, in how much memory.

    tests/peers/mux.py [--quick] [--only WORD] SUBUNIT

everything   four commands of 200,000 packets and as many lines each, two levels deep: all arrive, once, in order
latency      from the write of a packet to its arrival, one and two levels deep; how long text waits
throughput   four files of 110 MB beside `cat`
stalled      memory while nobody reads, and how fast another answers while one command does not read
chatter      the bytes that output of one byte a write becomes
balance      40 tests over a fast and a slow worker that get them as they come
far          a debugger in a network of its own, reached over a pair of FIFOs

Exit status 1 where something is lost or answered wrongly; times are printed and not judged. Needs Linux, Python's
debugger, and for `far` the right to make a network of its own (without it: `far` runs in this one, and says so).
"""

import argparse
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "interop"))

import wire  # noqa: E402

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
HANG = 300
PYTHON = f"{sys.executable} -S -E"


class Bench:
    def __init__(self, subunit, work, quick):
        self.subunit, self.work, self.quick, self.bad = subunit, work, quick, 0

    def say(self, name, good, text):
        self.bad += not good
        print(f"{'ok' if good else 'NOT OK':7} {name:12} {text}", flush=True)

    def file(self, name, content):
        path = os.path.join(self.work, name)
        with open(path, "wb") as output:
            output.write(content if isinstance(content, bytes) else content.encode())
        return path

    def mux(self, *arguments, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL} | options
        return subprocess.Popen([self.subunit, "mux", *arguments], bufsize=0, **options)

    def runs(self, *commands):
        return [word for command in commands for word in ("--run", command)]

    def two_levels(self, leaf):
        middle = f"exec {self.subunit} mux --allow-empty --run '{leaf}' --run '{leaf}'"
        return self.runs(middle, middle)


def packet(**event):
    return wire.packet({"runnable": True, "eof": False} | event)


def everything(bench):
    count = 5_000 if bench.quick else 200_000
    lines = b"".join(packet(id=f"test-{n:08}", status="success") + b"line %d\n" % n for n in range(count))
    process = bench.mux(*bench.two_levels(f"exec cat {bench.file('lines', lines)}"))
    begun = time.monotonic()
    packets, outside = wire.read(process.stdout.read())
    process.wait(timeout=HANG)
    routes = {b"%d/%d" % (a, b): [[], []] for a in (0, 1) for b in (0, 1)}
    for made in packets:
        # Others are what multiplexers say for programs.
        ids, texts = routes.get(made.get("route"), ([], []))
        if made["status"] == "success":
            ids.append(made["id"])
        elif made.get("file", ("", b""))[0] == b"stdout":
            texts.append(made["file"][1])
    ids = [b"test-%08d" % n for n in range(count)]
    text = b"".join(b"line %d\n" % n for n in range(count))
    bad = sum(found[0] != ids or b"".join(found[1]) != text for found in routes.values())
    bench.say("everything", bad == 0 and not outside, f"4 x {count} packets and lines, two levels: {bad} commands "
              f"incomplete, {time.monotonic() - begun:.1f} s")


TALKER = '''import os, sys, time
sys.path.insert(0, sys.argv[1])
import wire
for n in range(int(sys.argv[2])):
    time.sleep(0.002)
    now = time.monotonic_ns()
    os.write(1, wire.packet({"runnable": True, "eof": False, "id": str(now), "status": "exists"})
             if sys.argv[3] == "packet" else b"%d\\n" % now)
'''


def latency(bench):
    """By the clock that all processes of a machine share."""
    count, interop = 100 if bench.quick else 1000, os.path.dirname(os.path.abspath(wire.__file__))
    talker = f"exec {PYTHON} {bench.file('talker.py', TALKER)} {interop} {count} "
    for name, arguments in [
        ("one level", ["--allow-empty"] + bench.runs(talker + "packet")),
        ("two levels", ["--allow-empty"] + bench.two_levels(talker + "packet")[:2]),
        ("text", ["--allow-empty"] + bench.runs(talker + "text")),
    ]:
        process, delays, rest = bench.mux(*arguments), [], b""
        while piece := os.read(process.stdout.fileno(), 1 << 16):
            now, rest = time.monotonic_ns(), rest + piece
            packets, rest = whole_packets(rest)
            for made in packets:
                said = made.get("id") or made.get("file", ("", b""))[1]
                delays += [now - int(number) for number in said.split() if number.isdigit()]
        process.wait(timeout=HANG)
        delays.sort()
        micros = [delays[int(len(delays) * part)] / 1000 for part in (0.5, 0.99)] if delays else [0, 0]
        bench.say("latency", len(delays) >= count, f"{name}: {len(delays)} arrived, p50 {micros[0]:.0f} us, p99 {micros[1]:.0f} us")


def whole_packets(data):
    packets, at = [], 0
    while len(data) - at >= 8:
        try:
            made, at = wire.packet_at(data, at)
        except wire.Damaged:
            break
        packets.append(made)
    return packets, data[at:]


def throughput(bench):
    size = 4_000_000 if bench.quick else 110_000_000
    unit = packet(id="module.Class.test_method", status="success", tags=["worker-0"])
    paths = [bench.file(f"file-{n}", unit * (size // len(unit))) for n in range(4)]
    seconds = {"cat": [], "mux": []}
    for _ in range(3):
        for name, command in [("cat", ["cat"] + paths),
                              ("mux", [bench.subunit, "mux"] + [word for path in paths for word in ("--file", path)])]:
            begun = time.monotonic()
            with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
                taken = sum(len(piece) for piece in iter(lambda: os.read(process.stdout.fileno(), 1 << 16), b""))
            seconds[name].append(time.monotonic() - begun)
    cat, mux = statistics.median(seconds["cat"]), statistics.median(seconds["mux"])
    bench.say("throughput", taken > 3 * size, f"{4 * size / mux / 1e6:.0f} MB/s, {cat / mux:.2f} of cat's")


def stalled(bench):
    process = bench.mux("--allow-empty", *bench.runs("yes", "yes"))
    settle(process)
    peak = peak_mib(process.pid)
    process.kill()
    process.wait()
    bench.say("stalled", peak < 32, f"nobody reads: {peak:.1f} MiB")
    deaf = bench.mux("--allow-empty", *bench.runs("exec sleep 1000", "exec cat"), stdin=subprocess.PIPE)
    block = b"x" * 60_000
    for _ in range(200):
        deaf.stdin.write(packet(route="0", file=("stdin", block)))
    begun = time.monotonic()
    deaf.stdin.write(packet(route="1", file=("stdin", b"there?\n")))
    rest, answer = b"", b""
    while b"there?" not in answer and time.monotonic() - begun < HANG:
        piece = os.read(deaf.stdout.fileno(), 1 << 20)
        packets, rest = whole_packets(rest + piece)
        answer += b"".join(made["file"][1] for made in packets if made.get("route") == b"1" and "file" in made)
    waited, peak = time.monotonic() - begun, peak_mib(deaf.pid)
    for _ in range(2):
        deaf.terminate()
    deaf.stdout.read()
    deaf.wait(timeout=HANG)
    bench.say("stalled", b"there?" in answer and peak < 32,
              f"one does not read 12 MB: the other answers in {waited * 1000:.1f} ms, {peak:.1f} MiB")


def settle(process):
    """Waits until a process and what it wrote stand still."""
    before, deadline = None, time.monotonic() + HANG
    while time.monotonic() < deadline:
        now = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()[11:13]
        if now == before:
            return
        before = now
        select.select([], [], [], 0.3)


def peak_mib(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) / 1024


def chatter(bench):
    count = 200_000 if bench.quick else 1_900_000
    source = f"import os\nfor n in range({count}):\n    os.write(1, b'.' if n % 80 else b'\\n')\n"
    begun = time.monotonic()
    process = bench.mux("--allow-empty", *bench.runs(f"exec {PYTHON} {bench.file('chatter.py', source)}"))
    out = process.stdout.read()
    process.wait(timeout=HANG)
    text = b"".join(made["file"][1] for made in wire.read(out)[0] if made.get("file", ("", b""))[0] == b"stdout")
    bench.say("chatter", len(text) == count, f"{count} bytes, one a write: {len(out)} out ({len(out) / count:.3f}), "
              f"{time.monotonic() - begun:.1f} s")


def balance(bench):
    """Whoever is done gets the next test; one of the two takes four times as long for each."""
    worker = os.path.join(ROOT, "examples", "worker.py")
    count, fast = (10, 0.05) if bench.quick else (40, 0.25)
    process = bench.mux(*bench.runs(*[f"exec {bench.subunit} worker -- {sys.executable} {worker} {seconds}"
                                      for seconds in (fast, 4 * fast)]), stdin=subprocess.PIPE)
    begun, rest, shares = time.monotonic(), b"", {b"0": 0, b"1": 0}
    process.stdin.write(b"".join(packet(id=f"test-{nth}", status="exists") for nth in range(count)))
    process.stdin.close()
    while piece := os.read(process.stdout.fileno(), 1 << 16):
        packets, rest = whole_packets(rest + piece)
        for made in packets:
            if made["status"] == "success":
                shares[made["route"]] += 1
    status = process.wait(timeout=HANG)
    bench.say("balance", sum(shares.values()) == count and status == 0,
              f"{count} tests: {shares[b'0']} and {shares[b'1']}, {time.monotonic() - begun:.2f} s")


def far(bench):
    """The far end speaks through two FIFOs only, from a network in which there is nothing."""
    script = bench.file("far.py", "value = 1\nvalue = 2\n")
    to, back = os.path.join(bench.work, "to"), os.path.join(bench.work, "back")
    for path in (to, back):
        os.mkfifo(path)
    alone = ["unshare", "--net"]
    if subprocess.run(alone + ["true"], capture_output=True).returncode:
        print("        far          no network of its own may be made here")
        alone = []
    leaf = f"exec {bench.subunit} mux --allow-empty --run 'exec python3 -m pdb {script}'"
    remote = subprocess.Popen(alone + ["sh", "-c", f"{leaf} < {to} > {back}"])
    near = subprocess.Popen([bench.subunit, "mux", "--allow-empty", "--names", "far", "--run",
                             f"cat {back} & exec cat > {to}"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
    rest, said, told, begun = b"", b"", 0, time.monotonic()
    commands = [b"print(40+2)\n", b"quit\n"]
    while time.monotonic() - begun < HANG and (piece := os.read(near.stdout.fileno(), 1 << 16)):
        packets, rest = whole_packets(rest + piece)
        said += b"".join(made["file"][1] for made in packets
                         if made.get("route") == b"far/0" and made.get("file", ("", b""))[0] == b"stdout")
        if said.count(b"(Pdb) ") > told and told < len(commands):
            near.stdin.write(packet(route="far/0", file=("stdin", commands[told])))
            told += 1
            if told == len(commands):
                near.stdin.close()
    near.wait(timeout=HANG)
    remote.wait(timeout=HANG)
    bench.say("far", b"42\n" in said, f"pdb at far/0 said {said[-40:]!r}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("subunit")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(os.path.abspath(arguments.subunit), work, arguments.quick)
        for kind in [everything, latency, throughput, stalled, chatter, balance, far]:
            if arguments.only in kind.__name__:
                kind(bench)
    sys.exit(1 if bench.bad else 0)


if __name__ == "__main__":
    main()
