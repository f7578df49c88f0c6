#!/usr/bin/env python3
"""How long `subunit watch` takes to show a result that comes through a pipe.

    tests/peers/reports/live.py [--results 100]

Writes a point of TAP, waits for its line, writes the next one, and prints, in Markdown, how long that took.
Needs Rust.
"""

import argparse
import statistics
import subprocess
import time

from common import build, fail, table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=int, default=100)
    results = parser.parse_args().results
    program, _ = build()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    watch = subprocess.Popen([program, "watch"], bufsize=0, **pipes)
    took = []
    for nth in range(1, results + 1):
        begun = time.monotonic()
        watch.stdin.write(f"ok {nth} - test {nth}\n".encode())
        line = b""
        while not line.endswith(b"\n"):
            line += watch.stdout.read(1) or fail("watch has ended")
        took.append(1000 * (time.monotonic() - begun))
        if f"test {nth}\n".encode() not in line:
            fail(f"watch said {line}")
    watch.stdin.write(f"1..{results}\n".encode())
    watch.stdin.close()
    watch.stdout.read()
    if watch.wait() != 0:
        fail("the run has passed, and watch says otherwise")
    took.sort()
    of = lambda share: f"{took[min(int(share * results), results - 1)]:.1f}"
    print("## 7. From a result to its line, milliseconds\n")
    row = (results, f"{statistics.median(took):.1f}", of(0.99), f"{took[-1]:.1f}", sum(time > 50 for time in took))
    print(table(("results", "median", "99 of 100", "longest", "above 50"), [row]))


if __name__ == "__main__":
    main()
