"""The three implementations, each reading a file of a stream and writing one."""

import base64
import json
import os
import subprocess
from datetime import datetime, timedelta, timezone

import subunit.v2

from events import NANOS, rounded

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
TEXT = "\x01text"


class Ours:
    """The command `subunit`: from-jsonl and to-jsonl."""

    def __init__(self, command):
        self.command = command

    def write(self, items, path):
        lines = b"".join(json.dumps(self._line(item)).encode() + b"\n" for item in items)
        run([self.command, "from-jsonl"], lines, path)

    def read(self, path):
        # Exit status 1 is a verdict.
        out = run([self.command, "to-jsonl", "--from", "subunit", "--allow-empty", path], allowed=(0, 1))
        return joined(self._item(json.loads(line)) for line in out.splitlines())

    @staticmethod
    def _line(item):
        if "text" in item:
            return {"type": "text", "base64": base64.b64encode(item["text"]).decode()}
        line = {"type": "event", "runnable": item["runnable"], "eof": item["eof"]}
        names = {"id": "test_id", "status": "status", "tags": "tags", "mime": "mime_type", "route": "route_code"}
        line |= {names[name]: item[name] for name in names if name in item}
        if "time" in item:
            seconds, nanos = divmod(item["time"], NANOS)
            line["timestamp"] = f"{EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{nanos:09}Z"
        if "file" in item:
            line["file_name"], content = item["file"]
            line["file_base64"] = base64.b64encode(content).decode()
        return line

    @staticmethod
    def _item(line):
        if line["type"] == "text":
            return {"text": unpacked(line, "bytes", "base64")}
        if line["type"] == "damage":
            return {"damage": line}
        item = {"runnable": line["runnable"], "eof": line["eof"]}
        names = {"test_id": "id", "status": "status", "mime_type": "mime", "route_code": "route"}
        item |= {names[name]: line[name] for name in names if name in line}
        if "tags" in line:
            item["tags"] = sorted(set(line["tags"]))
        if "timestamp" in line:
            whole, nanos = line["timestamp"][:-1].split(".")
            seconds = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc) - EPOCH
            item["time"] = round(seconds.total_seconds()) * NANOS + int(nanos)
        if "file_name" in line:
            item["file"] = (line["file_name"], unpacked(line, "file_bytes", "file_base64"))
        return item


class Python:
    """python-subunit, at a regular file: there its answer does not depend on time."""

    def write(self, items, path):
        with open(path, "wb") as output:
            result = subunit.v2.StreamResultToBytes(output)
            for item in items:
                if "text" in item:
                    output.write(item["text"])
                else:
                    result.status(**self._arguments(item))

    def read(self, path):
        events = []
        with open(path, "rb") as source:
            subunit.v2.ByteStreamToStreamResult(source, TEXT).run(self._result(events))
        return joined(events)

    @staticmethod
    def _arguments(item):
        names = {"id": "test_id", "status": "test_status", "tags": "test_tags", "mime": "mime_type",
                 "route": "route_code", "runnable": "runnable", "eof": "eof"}
        given = {names[name]: item[name] for name in names if name in item}
        if "time" in item:
            given["timestamp"] = EPOCH + timedelta(microseconds=item["time"] // 1000)
        if "file" in item:
            given["file_name"], given["file_bytes"] = item["file"]
        return given

    @staticmethod
    def _result(events):
        class Result:
            def status(self, test_id=None, test_status=None, test_tags=None, runnable=True, file_name=None,
                       file_bytes=None, eof=False, mime_type=None, route_code=None, timestamp=None):
                if file_name == TEXT:
                    events.append({"text": bytes(file_bytes)})
                    return
                item = {"runnable": runnable, "eof": eof}
                fields = {"id": test_id, "status": test_status, "mime": mime_type, "route": route_code}
                item |= {name: value for name, value in fields.items() if value is not None}
                if test_tags is not None:
                    item["tags"] = sorted(test_tags)
                if timestamp is not None:
                    item["time"] = (timestamp - EPOCH) // timedelta(microseconds=1) * 1000
                if file_name is not None:
                    item["file"] = (file_name, bytes(file_bytes))
                events.append(item)

        return Result()


class Crate:
    """The `subunit` crate, in the example crate_peer."""

    def __init__(self, command):
        self.command = command

    def write(self, items, path):
        lines = b"".join(json.dumps(self._line(item)).encode() + b"\n" for item in items)
        run([self.command, "write"], lines, path)

    def read(self, path):
        with open(path, "rb") as stream:
            out = run([self.command, "read"], stream.read())
        return joined(self._item(json.loads(line)) for line in out.splitlines())

    @staticmethod
    def _line(item):
        line = {name: value.hex() if name == "text" else value for name, value in item.items()}
        if "time" in line:
            line["time"] = divmod(line["time"], NANOS)
        if "file" in line:
            line["file"] = [line["file"][0], line["file"][1].hex()]
        return line

    @staticmethod
    def _item(line):
        for name in ("text", "unknown"):
            if name in line:
                line[name] = bytes.fromhex(line[name])
        if "time" in line:
            line["time"] = line["time"][0] * NANOS + line["time"][1]
        if "tags" in line:
            line["tags"] = sorted(set(line["tags"]))
        if "file" in line:
            line["file"] = (line["file"][0], bytes.fromhex(line["file"][1]))
        return line


def run(command, given=b"", path=os.devnull, allowed=(0,)):
    """What a command says to `given`, also written to a file."""
    done = subprocess.run(command, input=given, capture_output=True, timeout=600)
    if done.returncode not in allowed:
        raise SystemExit(f"{' '.join(command)}: exit status {done.returncode}: {done.stderr[-2000:].decode()}")
    with open(path, "wb") as output:
        output.write(done.stdout)
    return done.stdout


def unpacked(line, name, base64_name):
    return line[name].encode() if name in line else base64.b64decode(line[base64_name])


def joined(items):
    """Pieces of text that follow each other become one: how text is cut says nothing."""
    made = []
    for item in items:
        if "text" in item and made and "text" in made[-1]:
            made[-1] = {"text": made[-1]["text"] + item["text"]}
        else:
            made.append(item)
    return made


def rounded_all(items):
    return [rounded(item) for item in items]
