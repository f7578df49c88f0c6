#!/usr/bin/env python3
"""Puts recorded runs of python-subunit's filters into one file.

    collect.py FILTERS > cases.json

FILTERS is a directory with one directory for each run. A run's `case.json` names the command line, the
input files and how to compare the result; the other files hold what the reference wrote. Runs that the
reference aborted and runs whose result is open to debate are left out: they require nothing.

The output has one object: `inputs`, the distinct standard inputs in base64; `cases`, one line a run, in
which file contents are base64 too, and the fields of events that are absent are left out.
"""

import base64
import hashlib
import json
import pathlib
import sys


def packed(content):
    return base64.b64encode(content).decode()


def slim(event):
    """Leaves out what an event has by default."""
    default = {"runnable": True, "eof": False}
    return {k: v for k, v in event.items() if v != default.get(k)}


def main(folder):
    inputs, lines = {}, []
    for place in sorted(pathlib.Path(folder).iterdir()):
        case = json.loads((place / "case.json").read_bytes())
        if case.get("debatable") or case["reference_aborts"]:
            continue

        def load(key):
            return json.loads((place / case[key]).read_bytes())

        stdin = (place / case["stdin"]).read_bytes() if case.get("stdin") else b""
        key = hashlib.sha256(stdin).hexdigest()[:12]
        inputs[key] = packed(stdin)
        out = {k: case[k] for k in ("name", "argv", "exit_code", "compare")}
        out["stdin"] = key
        out["files"] = {name: packed((place / name).read_bytes()) for name in case["files"]}
        out["volatile"] = case.get("volatile", [])
        if case["compare"] == "exact":
            out["stdout"] = packed((place / case["stdout"]).read_bytes())
        if case["compare"] == "events" and case.get("relax"):
            out["tests"] = load("tests")
        elif case["compare"] == "events":
            out["events"] = [slim(event) for event in load("events")]
        if case["compare"] == "junit":
            out["junit"] = load("junit")
        if "output_files" in case:
            written = case["output_files"].items()
            out["output_files"] = {k: packed((place / v).read_bytes()) for k, v in written}
        if "tree" in case:
            out["tree"] = {
                "dir": case["tree"]["dir"],
                "expected": json.loads((place / case["tree"]["expected"]).read_bytes()),
            }
        if "stderr" in case:
            out["stderr"] = packed((place / case["stderr"]).read_bytes())
        lines.append(json.dumps(out, sort_keys=True, ensure_ascii=False))
    print('{"inputs":', json.dumps(inputs, indent=0) + ",")
    print('"cases": [')
    print(",\n".join(lines))
    print("]}")


if __name__ == "__main__":
    main(sys.argv[1])
