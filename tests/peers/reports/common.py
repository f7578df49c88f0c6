"""What the scripts of this folder share: our command, a folder for what they fetch, samples.

Python's standard library only. What is fetched, and only where it is needed: the npm package ctrf (its JSON
schema), and from PyPI jsonschema and python-subunit, into a virtual environment.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

# The statuses that a test can end with, and `unfinished`.
STATUSES = ("success", "fail", "skip", "xfail", "uxsuccess", "unfinished")

# Sources of the samples' tests, and what runners said with their exit status: no results.
NO_RESULTS = (".py", ".go", ".rs", ".toml", ".lock", ".js", ".c", ".t", ".bats", ".mod")


def fail(message):
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")


def need(program, why):
    if not shutil.which(program):
        fail(f"{program} is needed: {why}")
    return program


class Scratch:
    """A folder that is kept where the user names one, and is removed otherwise."""

    def __init__(self, path):
        self.temporary = None if path else tempfile.TemporaryDirectory()
        self.path = Path(path or self.temporary.name).resolve()
        self.path.mkdir(parents=True, exist_ok=True)

    def ctrf_schema(self):
        """The schema of CTRF reports, as its makers publish it."""
        folder = self.path / "ctrf"
        if not folder.exists():
            need("npm", "it fetches the schema of CTRF")
            run = {"cwd": self.path, "check": True, "capture_output": True, "text": True}
            name = subprocess.run(["npm", "pack", "--silent", "ctrf@0.3.0"], **run).stdout.split()[-1]
            folder.mkdir()
            subprocess.run(["tar", "-xzf", name, "-C", folder], **run)
        found = sorted(folder.rglob("ctrf*schema*.json"))
        return json.loads(found[0].read_text()) if found else fail("ctrf@0.3.0 has no schema in it")

    def python(self, *packages):
        """A Python that has these packages."""
        python = self.path / "venv" / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", self.path / "venv"], check=True)
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages]
        subprocess.run(pip, check=True)
        return python


def build():
    """Our command and the reader of JUnit XML that is not ours, built for speed."""
    cargo = ["cargo", "build", "--release", "--locked", "-q", "-p", "subunit-filters"]
    subprocess.run([*cargo, "--bin", "subunit", "--example", "junit_cases"], cwd=ROOT, check=True)
    metadata = ["cargo", "metadata", "--format-version", "1", "--no-deps"]
    metadata = subprocess.run(metadata, cwd=ROOT, check=True, capture_output=True)
    release = Path(json.loads(metadata.stdout)["target_directory"]) / "release"
    return release / "subunit", release / "examples" / "junit_cases"


class Command:
    """Our command."""

    def __init__(self, program):
        self.program = str(program)

    def formats(self):
        """The names of the formats that are read."""
        verbs = self("--help").stdout.decode()
        return ["subunit", *re.findall(r"^  from-(\S+)", verbs, re.MULTILINE)]

    def __call__(self, *arguments, stdin=b"", timeout=60):
        command = [self.program, *map(str, arguments)]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=timeout)

    def counts(self, *arguments, stdin=b""):
        """What `stats --json` counts, and the exit status; None where the input has no format of ours."""
        stats = self("stats", "--json", "--no-text", *arguments, stdin=stdin)
        try:
            counts = json.loads(stats.stdout)
        except ValueError:
            return None, stats.returncode
        return counts, stats.returncode

    def detected(self, path):
        """The format that `--from auto` took: the one by which the events are the same."""
        events = self("to-jsonl", "--no-text", path).stdout
        same = (name for name in self.formats() if self("to-jsonl", "--no-text", "--from", name, path).stdout == events)
        return next(same, "?")


def results(counts):
    """How many results there are, of tests and of what cannot be run by itself; unfinished ones too."""
    return sum(counts[status] for status in STATUSES)


def has_results(counts):
    return counts is not None and results(counts) + counts["exists"] > 0


def samples(folder):
    """The files in which results may be."""
    for path in sorted(Path(folder).rglob("*")):
        is_output = path.is_file() and path.name != "NOTE.md" and not path.name.endswith(NO_RESULTS)
        if is_output and "exitcode" not in path.name:
            yield path


def table(head, rows):
    """A table in Markdown, columns aligned."""
    rows = [[str(cell).replace("|", "\\|") for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    line = lambda row: "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([line(rows[0]), rule, *map(line, rows[1:])])


def numbers(note, pattern):
    """The numbers that a pattern finds in a note."""
    found = re.search(pattern, " ".join(note.split()))
    return [int(number) for number in found.groups()] if found else None
