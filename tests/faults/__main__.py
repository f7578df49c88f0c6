"""What happens to `subunit` when the world around it breaks.

    python3 tests/faults [--rounds 200] [--only KIND] SUBUNIT

Prints the rounds of each kind and what went wrong in them: panics, hangs, damaged packets on an output, results
that had ended and were lost, exit statuses that claim too much. Exit status 1 unless all are 0. `--rounds` is
how many trees of multiplexers lose a process. Linux only. Times are limits for what hangs, and nothing else.
"""

import argparse
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import claims  # noqa: E402
import disk  # noqa: E402
import kills  # noqa: E402
import ledger  # noqa: E402
import pipes  # noqa: E402
import signals  # noqa: E402
import streams  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--only", default="")
    parser.add_argument("subunit")
    arguments = parser.parse_args()
    counts, subunit = ledger.Ledger(), os.path.abspath(arguments.subunit)
    usable(subunit)
    kinds = [disk.full, disk.limited, disk.small_disk, pipes.closed_output, pipes.closed_messages, pipes.small_pipe,
             pipes.cut_input, pipes.byte_by_byte, pipes.slow_reader,
             signals.stops, signals.windows, signals.children,
             claims.laundered, claims.expected, claims.written_over]
    with tempfile.TemporaryDirectory() as work:
        for kind in kinds:
            if arguments.only in f"{kind.__module__}.{kind.__name__}":
                kind(counts, subunit, work)
        if arguments.only in "kills":
            kills.kills(counts, subunit, work, arguments.rounds)
    sys.exit(0 if counts.table() else 1)


def usable(subunit):
    """A command that does not work at all would pass much of what follows."""
    given = b"".join(streams.small())
    with tempfile.TemporaryDirectory() as work:
        for verb in streams.STREAMS + streams.REPORTS:
            done = ledger.run(disk.words(subunit, verb, work), given)
            if done.status != (1 if verb in streams.REPORTS and verb != "2to1" else 0):
                sys.exit(f"{verb}: exit status {done.status}: {done.err.decode()}")


if __name__ == "__main__":
    main()
