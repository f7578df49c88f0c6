#!/usr/bin/env python3
"""Whether two versions of the command write the same: a table of verbs, and how what differs differs.

    tests/peers/outputs.py [--corpus N] [--only VERB,...] [--limit SECONDS] OLD NEW [FOLDER...]

OLD and NEW are two binaries of `subunit`. Each input goes through each verb that both have, by `--from auto`, and
once more by the format that a folder on its way names (`fuzz/corpus/trx`, `tests/documents/lit`). Standard output,
standard error and exit status have to be the same bytes; a command that takes longer than `--limit`
hangs, which is never right. Inputs are
the samples of this repository, N files (8) of each folder of `fuzz/corpus`, and all files below the folders named;
streams within vectors in JSON (`hex`, `stdin`) are inputs of their own. Help is not compared.

What a verb makes up is made equal, and nothing else: the seconds of its clock in `Ran 3 tests in 0.012s` of
`to-pyunit`, the nonces of `to-html`, the ids of spans of `to-otlp`, what stops the commands of `to-github`, and the times
of sections of `to-gitlab` where they are of the last hour. Differences are put together by kind: the same lines, but for
numbers, quoted words, paths and ids. An input whose `to-jsonl` differs is read differently, and all verbs that differ on
it are one difference. Exit status 1 where anything differs.
"""

import sys

# The queue.py beside this file is not the library's.
sys.path.pop(0)

import argparse  # noqa: E402
import collections  # noqa: E402
import concurrent.futures  # noqa: E402
import difflib  # noqa: E402
import hashlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import pathlib  # noqa: E402
import re  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ["tests/data", "subunit-core/tests/data", "subunit-formats/tests", "subunit-filters/tests",
        "fuzz/regressions", "tests/documents"]
# Programs and what describes them, not what they write.
NO_INPUT = {".rs", ".py", ".pyc", ".sh", ".conf", ".ini", ".toml", ".cfg", ".go", ".js", ".exit", ".exitcode"}
# These run programs, talk to a desktop or terminal, or write files and no output.
NOT_RUN = {"help", "report", "notify", "mux", "worker", "attach", "combine", "output", "links", "completions", "man",
           "demux", "to-disk"}
# What a verb is told beside its input, which comes last.
TOLD = {
    "filter": ["--status", "fail"],
    "tags": ["--add", "added"],
    "rename": ["t", "T"],
    "route": ["--prefix", "0"],
    "split": ["--shard", "1/2"],
    "known-failures": [os.devnull],
    "diff": [str(ROOT / "tests/data/mixed.subunit")],
}
# Folders whose names are no names of formats.
MEANS = {"v1": "subunit-v1", "tap2subunit": "tap"}
MADE_UP = {
    "to-pyunit": (rb"^(Ran \d+ tests? in )[0-9.]+s$", rb"\1_s"),
    "to-html": (rb"(nonce[-=]\"?)[0-9a-f]{32}", rb"\1_"),
    "to-otlp": (rb"(\"(?:traceId|spanId|parentSpanId)\":\")[0-9a-f]+", rb"\1_"),
    "to-github": (rb"^(::(?:stop-commands::)?)[0-9a-f]{32}(?=(?:::)?$)", rb"\1_"),
    "to-gitlab": (rb"(section_(?:start|end):)(\d+)", lambda at: at[1] + (b"now" if recent(at[2]) else at[2])),
}
# A part of a line that is the input's rather than the command's.
VARIES = [(re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|`[^`]*`"), "'_'"), (re.compile(r"[^\s:]*/[^\s:]*"), "/"),
          (re.compile(r"\S*\w[.:_]\w\S*"), "_"), (re.compile(r"\d+"), "0")]
SHOWN = 12


def recent(seconds):
    return abs(time.time() - int(seconds)) < 3600


def verbs(binary):
    """The verbs of a binary, by its help."""
    said = subprocess.run([binary, "--help"], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"^  ([a-z0-9][a-z0-9-]*)(?:  |$)", said, re.M)) - NOT_RUN


def files(folders, corpus):
    for folder in [ROOT / ours for ours in OURS] + [pathlib.Path(folder) for folder in folders]:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in NO_INPUT)
    for folder in sorted((ROOT / "fuzz/corpus").iterdir()):
        found = sorted(folder.iterdir())
        yield from found[:: max(1, len(found) // corpus)][:corpus]


def streams_within(path):
    """The streams of vectors, by name."""
    try:
        vectors = json.loads(path.read_bytes())
    except ValueError:
        return
    for vector in vectors if isinstance(vectors, list) else []:
        if isinstance(vector, dict) and isinstance(vector.get("hex"), str):
            yield vector.get("name"), bytes.fromhex(vector["hex"])
        elif isinstance(vector, dict) and isinstance(vector.get("stdin"), str):
            yield vector.get("name"), vector["stdin"].encode()


def inputs(folders, corpus, formats, made):
    """Path of each input, a name to show, and the format that its place tells; nothing twice."""
    seen = set()
    for path in files(folders, corpus):
        names = [MEANS.get(part, part) for part in path.parts]
        format = next((name for name in reversed(names) if name in formats), None)
        within = [(f"{path}: {name}", content) for name, content in streams_within(path)]
        for name, content in within or [(str(path), None)]:
            key = (hashlib.sha256(path.read_bytes() if content is None else content).digest(), format)
            if key in seen:
                continue
            seen.add(key)
            if content is not None:
                path = pathlib.Path(made) / f"{len(seen)}.stream"
                path.write_bytes(content)
            yield str(path), name, format


def run(binary, arguments, verb, limit, folder):
    """What a command says, without what it makes up."""
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(["subunit", *arguments], executable=binary, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=limit, cwd=folder, env=environment)
    except subprocess.TimeoutExpired:
        return b"", b"", "hangs"
    said = (done.stdout, done.stderr)
    if verb in MADE_UP:
        said = tuple(re.sub(*MADE_UP[verb], part, flags=re.M) for part in said)
    return *said, done.returncode


def lines(binary, output, folder):
    """An output as lines for a person: packets as JSON Lines."""
    try:
        return output.decode().splitlines()
    except UnicodeDecodeError:
        done = subprocess.run([binary, "to-jsonl", "--from", "subunit"], input=output, capture_output=True, cwd=folder)
        return done.stdout.decode(errors="backslashreplace").splitlines()


def difference(binary, old, new, folder):
    """The changed lines of two runs, each with where it stood."""
    changed = [] if old[2] == new[2] else [f"- exit status {old[2]}", f"+ exit status {new[2]}"]
    for name, before, after in zip(("out", "err"), old, new):
        if before == after:
            continue
        before, after = lines(binary, before, folder), lines(binary, after, folder)
        diff = [line for line in difflib.unified_diff(before, after, n=0, lineterm="")][2:]
        changed += [f"{line[0]} {name}: {line[1:]}" for line in diff if line[0] in "+-"] or [f"~ {name}: bytes of packets"]
    return changed


def kind(changed):
    """What two differences have in common where they are of one kind."""
    shapes = set()
    for line in changed:
        for pattern, word in VARIES:
            line = line[:6] + pattern.sub(word, line[6:])
        shapes.add(line)
    return tuple(sorted(shapes)[:4])


def kinds(by_input):
    """Differences by what they have in common: input, verbs, and changed lines of the first verb."""
    kinds = collections.defaultdict(list)
    for source, changed in by_input.items():
        if "to-jsonl" in changed:
            verbs = ["to-jsonl", *(verb for verb in changed if verb != "to-jsonl")]
            kinds["to-jsonl", *kind(changed["to-jsonl"])].append((source, verbs, changed["to-jsonl"]))
            continue
        for verb, lines in changed.items():
            kinds[kind(lines)].append((source, [verb], lines))
    return kinds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=int, default=8)
    parser.add_argument("--only", default="")
    parser.add_argument("--limit", type=float, default=20)
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("folders", nargs="*", metavar="FOLDER")
    arguments = parser.parse_args()
    old, new = str(arguments.old.resolve()), str(arguments.new.resolve())
    both = verbs(old) & verbs(new)
    chosen = [verb for verb in sorted(both) if verb in (arguments.only.split(",") if arguments.only else both)]
    formats = {verb.removeprefix("from-") for verb in both if verb.startswith("from-")} | {"subunit"}
    print(f"not compared: {' '.join(sorted((verbs(old) ^ verbs(new)) | NOT_RUN))}", file=sys.stderr)

    def compare(verb, path, name, options, folder):
        command = [verb, *TOLD.get(verb, []), *options, path]
        before, after = (run(binary, command, verb, arguments.limit, folder) for binary in (old, new))
        changed = [] if before == after else difference(new, before, after, folder)
        if after[2] == "hangs":
            changed = changed or ["~ hangs, as before"]
        return verb, (name, *options), changed

    def commands(made, folder):
        for path, name, format in inputs(arguments.folders, arguments.corpus, formats, made):
            for verb in chosen:
                if not verb.startswith("from-") and verb not in ("1to2", "2to1"):
                    for options in [[], ["--from", format]][: 2 if format else 1]:
                        yield verb, path, name, options, folder
                elif verb == f"from-{format}" or verb in ("1to2", "2to1"):
                    yield verb, path, name, [], folder

    runs, differ = collections.Counter(), collections.Counter()
    by_input = collections.defaultdict(dict)
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as folder:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for verb, source, changed in pool.map(lambda command: compare(*command), commands(made, folder)):
                runs[verb] += 1
                if changed:
                    differ[verb] += 1
                    by_input[source][verb] = changed
        left = sorted(os.listdir(folder))
    print("| verb | runs | same | different |\n|---|---|---|---|")
    for verb in chosen + ["all"]:
        count, other = (runs.total(), differ.total()) if verb == "all" else (runs[verb], differ[verb])
        print(f"| {verb} | {count} | {count - other} | {other} |")
    for number, found in enumerate(sorted(kinds(by_input).values(), key=len, reverse=True), 1):
        (name, *options), verbs_of_it, changed = found[0]
        command = ["subunit", verbs_of_it[0], *TOLD.get(verbs_of_it[0], []), *options, name]
        sources = dict.fromkeys(" ".join(source) for source, _, _ in found)
        print(f"\n{number}. {sum(len(of) for _, of, _ in found)} runs, {len(sources)} inputs, first: {' '.join(command)}")
        print(f"    verbs: {' '.join(sorted({verb for _, of, _ in found for verb in of}))}")
        for source in list(sources)[1:4]:
            print(f"    also: {source}")
        for line in changed[:SHOWN] + ([f"... {len(changed)} lines"] if len(changed) > SHOWN else []):
            print(f"    {line[:200]}")
    if left:
        print(f"\nfiles were written: {' '.join(left)}")
    sys.exit(1 if differ or left or not runs else 0)


if __name__ == "__main__":
    main()
