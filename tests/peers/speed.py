"""The commands beside their peers: called by speed.sh, which says what is fetched and built.

    speed.py SECTION RELEASE WORK

RELEASE is the folder with our binaries, WORK the one with the peers' and with streams. Contenders take turns;
medians are compared. Prints tables in Markdown.
"""

import os
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

PACKETS = int(os.environ.get("PACKETS", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "7"))
# The reference handles so many times fewer packets, and its seconds are scaled.
SCALE = 10
SECTION, RELEASE, WORK = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
OURS, THEIRS = str(RELEASE / "subunit"), WORK / "venv" / "bin"
PEERS = Path(__file__).parent


def stream(kind, packets):
    """The path of a stream, made at the first call."""
    path = WORK / f"{kind}-{packets}"
    if not path.exists():
        half = path.with_suffix(".part")
        corpora = [RELEASE / "examples" / "corpora", kind, "--packets", str(packets), "--seed", "1", "-o", half]
        subprocess.run(corpora, check=True, stdout=subprocess.DEVNULL)
        half.rename(path)
    return path


def derived(name, path, *command):
    """The path of what a command makes of a stream, made at the first call."""
    made = WORK / f"{path.name}.{name}"
    if not made.exists():
        with path.open("rb") as source, made.open("wb") as target:
            subprocess.run([OURS, *command], stdin=source, stdout=target, check=True)
    return made


def check(command, status, errors):
    """Stops where a command broke: exit status 1 is the verdict of a report."""
    if status not in (0, 1) or b"Traceback" in errors:
        sys.exit(f"speed.py: {command}: exit status {status}, so its time says nothing\n{errors.decode()[-500:]}")


class Contender:
    """A command that reads a file, or with `pipe` a pipe that `cat` fills."""

    def __init__(self, *command, path=os.devnull, pipe=False, scale=1):
        self.command, self.path, self.pipe, self.scale = [str(word) for word in command], path, pipe, scale
        self.walls, self.cpus = [], []

    def run(self):
        """One round: keeps its seconds by the clock and of the processor."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        if self.pipe:
            source = subprocess.Popen(["cat", self.path], stdout=subprocess.PIPE)
            stdin = source.stdout
        else:
            stdin = open(self.path, "rb")
        with stdin, (WORK / "err").open("w+b") as errors:
            process = subprocess.Popen(self.command, stdin=stdin, stdout=subprocess.DEVNULL, stderr=errors)
            status = process.wait()
            stdin.close()
            if self.pipe:
                source.wait()
            self.walls.append((time.perf_counter() - start) * self.scale)
            errors.seek(0)
            check(self.command, status, errors.read())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpus.append((after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * self.scale)

    @property
    def wall(self):
        """Median seconds by the clock."""
        return statistics.median(self.walls)

    @property
    def cpu(self):
        """Median seconds of the processor."""
        return statistics.median(self.cpus)

    def peak(self):
        """Peak memory in MiB."""
        log = WORK / "time"
        with open(self.path, "rb") as stdin:
            timed = ["/usr/bin/time", "-f", "%M", "-o", log, *self.command]
            subprocess.run(timed, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return int(re.findall(r"\d+", log.read_text())[-1]) / 1024


def race(*contenders, rounds=ROUNDS):
    """Lets contenders take turns."""
    for _ in range(rounds):
        for contender in contenders:
            contender.run()


def table(*columns):
    """Prints a table's head."""
    print(f"| {' | '.join(columns)} |\n|---{'|--:' * (len(columns) - 1)}|")


def row(*cells):
    """Prints a row."""
    print(f"| {' | '.join(cells)} |", flush=True)


def seconds(value):
    """Seconds to three digits."""
    return f"{value:.3f} s"


def verbs():
    """Ten verbs beside python-subunit."""
    small, fewer = stream("small", PACKETS), stream("small", PACKETS // SCALE)
    passed = derived("passed", small, "filter", "--status", "success")
    # The reference's subunit2csv crashes at the first test that failed without a traceback.
    fewer_passed = derived("passed", fewer, "filter", "--status", "success")
    old, fewer_old = derived("v1", small, "2to1"), derived("v1", fewer, "2to1")
    python = THEIRS / "python"
    rows = [
        ("stats", ["stats"], small, [THEIRS / "subunit-stats"], fewer),
        ("ls", ["ls"], small, [THEIRS / "subunit-ls"], fewer),
        ("filter", ["filter", "--not-status", "success"], small, [THEIRS / "subunit-filter"], fewer),
        ("tags", ["tags", "--add", "x"], small, [THEIRS / "subunit-tags", "x"], fewer),
        ("cat", ["cat"], small, [python, PEERS / "cat.py"], fewer),
        ("to-junit", ["to-junit"], small, [THEIRS / "subunit2junitxml"], fewer),
        ("to-csv, passed tests", ["to-csv"], passed, [THEIRS / "subunit2csv"], fewer_passed),
        ("to-jsonl", ["to-jsonl"], small, [python, PEERS / "jsonl.py"], fewer),
        ("1to2", ["1to2"], old, [THEIRS / "subunit-1to2"], fewer_old),
        ("2to1", ["2to1"], small, [THEIRS / "subunit-2to1"], fewer),
    ]
    print(f"Verbs on {PACKETS} packets of `small`; python-subunit 1.4.6 on {PACKETS // SCALE}, its seconds times {SCALE}.")
    print("It has no `cat` and no `to-jsonl`: these are `tests/peers/cat.py` and `jsonl.py`, written with its library.\n")
    table("verb", "seconds", "of the processor", "peak", "python-subunit", "peak", "times as fast", "by processor time")
    for name, command, path, their_command, their_path in rows:
        ours = Contender(OURS, *command, path=path)
        theirs = Contender(*their_command, path=their_path, scale=SCALE)
        race(ours, theirs)
        row(
            name, seconds(ours.wall), seconds(ours.cpu), f"{ours.peak():.1f} MiB", seconds(theirs.wall),
            f"{theirs.peak():.1f} MiB", f"{theirs.wall / ours.wall:.0f}", f"{theirs.cpu / ours.cpu:.0f}",
        )
    print()


def pipe():
    """The same pipe, read by us and by who only counts bytes."""
    path = stream("small", PACKETS)
    size = path.stat().st_size
    contenders = {
        "`wc -c`": Contender("wc", "-c", path=path, pipe=True),
        "`cat`": Contender("cat", path=path, pipe=True),
        "`subunit cat`": Contender(OURS, "cat", path=path, pipe=True),
        "`subunit stats`": Contender(OURS, "stats", path=path, pipe=True),
    }
    race(*contenders.values())
    table(f"`cat FILE \\| ...`, {size // 1_000_000} MB", "seconds", "MB/s", "time, `wc -c` is 1")
    for name, contender in contenders.items():
        ratio = contender.wall / contenders["`wc -c`"].wall
        row(name, seconds(contender.wall), f"{size / contender.wall / 1e6:.0f}", f"{ratio:.2f}")
    print()


def start():
    """Start-up on empty input."""
    contenders = {
        "/bin/true": Contender("/bin/true"),
        "`subunit --version`": Contender(OURS, "--version"),
        "`subunit stats --allow-empty`": Contender(OURS, "stats", "--allow-empty"),
        "subunit-stats of python-subunit": Contender(THEIRS / "subunit-stats"),
    }
    race(*contenders.values(), rounds=max(41, ROUNDS) if ROUNDS > 1 else 1)
    table("start-up on empty input", "milliseconds", "`/bin/true` is 1", "by processor time", "peak")
    for name, contender in contenders.items():
        ratio = contender.wall / contenders["/bin/true"].wall
        by_cpu = contender.cpu / contenders["/bin/true"].cpu
        row(name, f"{contender.wall * 1e3:.2f}", f"{ratio:.2f}", f"{by_cpu:.2f}", f"{contender.peak():.1f} MiB")
    print()


def mux():
    """Four files into one stream, beside cat."""
    packets = PACKETS * 9 // 4
    paths = [stream("small", packets)] * 4
    size = sum(path.stat().st_size for path in paths)
    flags = [word for path in paths for word in ("--file", path)]
    contenders = {
        "`cat`": Contender("cat", *paths),
        "`subunit cat`": Contender(OURS, "cat", *paths),
        "`subunit mux`": Contender(OURS, "mux", *flags),
    }
    race(*contenders.values())
    table(f"4 files of {size // 4_000_000} MB", "seconds", "MB/s", "throughput, `cat` is 1", "peak")
    for name, contender in contenders.items():
        ratio = contenders["`cat`"].wall / contender.wall
        speed = f"{size / contender.wall / 1e6:.0f}"
        row(name, seconds(contender.wall), speed, f"{ratio:.2f}", f"{contender.peak():.1f} MiB")
    print("\nThe output is /dev/null, where `cat` copies nothing; in a pipe:\n")
    script = "cat {}".format(" ".join(map(str, paths)))
    ours = f"{OURS} mux {' '.join(map(str, flags))}"
    piped = {
        "`cat \\| cat`": Contender("sh", "-c", f"{script} | cat"),
        "`subunit mux \\| cat`": Contender("sh", "-c", f"{ours} | cat"),
    }
    race(*piped.values())
    table("the same, into a pipe", "seconds", "MB/s", "throughput, `cat` is 1")
    for name, contender in piped.items():
        ratio = piped["`cat \\| cat`"].wall / contender.wall
        row(name, seconds(contender.wall), f"{size / contender.wall / 1e6:.0f}", f"{ratio:.2f}")
    print()


def growth():
    """Time a packet and peak memory, from 10 thousand packets to 10 million."""
    sizes = [PACKETS // 100, PACKETS // 10, PACKETS, PACKETS * 10]
    table("processor time a packet, and peak memory", *(f"{size} packets" for size in sizes))
    for verb in ("stats", "to-junit"):
        cells = []
        for size in sizes:
            contender = Contender(OURS, verb, path=stream("small", size))
            race(contender, rounds=ROUNDS if size <= PACKETS else min(ROUNDS, 3))
            cells.append(f"{contender.cpu / size * 1e9:.0f} ns, {contender.peak():.1f} MiB")
        row(f"`{verb}`", *cells)
    print()
    tests = PACKETS * 5
    table(f"{tests} tests that never end", "seconds", "peak", "bytes an open test")
    for verb in ("stats", "ls"):
        contender = Contender(OURS, verb, path=stream("open", tests))
        race(contender, rounds=min(ROUNDS, 3))
        peak = contender.peak()
        each = (peak - Contender(OURS, verb).peak()) * (1 << 20) / tests
        row(f"`{verb}`", seconds(contender.wall), f"{peak:.0f} MiB", f"{each:.0f}")
    print()


def inquest():
    """inquest takes in the same stream; each round has a new repository."""
    path = stream("small", PACKETS // SCALE)
    script = 'set -e; rm -rf "$1"; mkdir "$1"; cd "$1"; printf "[DEFAULT]\\n" > .testr.conf; "$0" init > /dev/null; "$0" load'
    repository = WORK / "repository"
    theirs = Contender("sh", "-c", script, WORK / "inquest" / "bin" / "inq", repository, path=path)
    ours = Contender(OURS, "stats", path=path)
    race(ours, theirs)
    table(f"{PACKETS // SCALE} packets", "seconds", "peak", "times as fast")
    row("`subunit stats`", seconds(ours.wall), f"{ours.peak():.1f} MiB", "")
    row("inquest 0.3.5 `load`", seconds(theirs.wall), f"{theirs.peak():.1f} MiB", f"{theirs.wall / ours.wall:.0f}")
    print()


SECTIONS = {"verbs": verbs, "pipe": pipe, "start": start, "mux": mux, "growth": growth, "inquest": inquest}

if SECTION not in SECTIONS:
    sys.exit(f"speed.py: {SECTION} is no section: {' '.join(SECTIONS)}")
SECTIONS[SECTION]()
