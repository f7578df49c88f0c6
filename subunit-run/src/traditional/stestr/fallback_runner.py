"""Finds and runs unittest tests, and writes a subunit stream, without other packages.

  discover -t TOP PATH [--list | --load-list FILE]
  TEST_ID...

Lists tests as `exists` events. A module that cannot be imported is a file `import errors`, and exit status 2.
"""

import argparse
import os
import struct
import sys
import time
import traceback
import unittest
import zlib

TEXT = "text/plain;charset=utf8"
TRACEBACK = "text/x-traceback;charset=utf8;language=python"
STATUS = {None: 0, "exists": 1, "inprogress": 2, "success": 3, "uxsuccess": 4, "skip": 5, "fail": 6, "xfail": 7}
PIECE = 32 * 1024


def number(value):
    for size, limit in ((1, 1 << 6), (2, 1 << 14), (3, 1 << 22), (4, 1 << 30)):
        if value < limit:
            return (value | (size - 1) << (8 * size - 2)).to_bytes(size, "big")
    raise ValueError(value)


def string(text):
    data = text.encode("utf-8", "backslashreplace").replace(b"\0", b"\\x00")
    return number(len(data)) + data


class Stream:
    """Writes packets to standard output, and nothing of them later than what tests print."""

    def __init__(self):
        self.out = os.fdopen(os.dup(1), "wb", 0)

    def packet(self, test_id=None, status=None, runnable=True, name=None, data=b"", mime=None, eof=False):
        seconds, nanoseconds = divmod(time.time_ns(), 10**9)
        flags = 0x2200 | STATUS[status] | (0x0100 if runnable else 0)
        body = struct.pack(">I", seconds) + number(nanoseconds)
        if test_id is not None:
            flags |= 0x0800
            body += string(test_id)
        if mime is not None:
            flags |= 0x0020
            body += string(mime)
        if name is not None:
            flags |= 0x0040 | (0x0010 if eof else 0)
            body += string(name) + number(len(data)) + data
        for size in (1, 2, 3):
            length = number(3 + size + len(body) + 4)
            if len(length) == size:
                break
        packet = b"\xb3" + struct.pack(">H", flags) + length + body
        sys.stdout.flush()
        self.out.write(packet + struct.pack(">I", zlib.crc32(packet)))

    def file(self, test_id, name, text, mime, runnable=True):
        data = text.encode("utf-8", "backslashreplace")
        pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)] or [b""]
        for piece in pieces:
            eof = piece is pieces[-1]
            self.packet(test_id, None, runnable, name, piece, mime, eof)


class Result(unittest.TestResult):
    """Tells a stream what becomes of tests. The parts of a test that has subtests are one test."""

    def __init__(self, stream):
        super().__init__()
        self.stream = stream
        self.status = None

    def startTest(self, test):
        super().startTest(test)
        self.status = None
        self.stream.packet(test.id(), "inprogress")

    def stopTest(self, test):
        super().stopTest(test)
        self.stream.packet(test.id(), self.status or "success")

    def note(self, test, status, error):
        text = "".join(traceback.format_exception(*error))
        if not isinstance(test, unittest.TestCase):
            # A class or a module could not be set up.
            self.stream.file(test.id(), "traceback", text, TRACEBACK, runnable=False)
            self.stream.packet(test.id(), status, runnable=False)
            return
        self.stream.file(test.id(), "traceback", text, TRACEBACK)
        self.status = status

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, "fail", err)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, "fail", err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            text = "%s\n%s" % (subtest.id(), "".join(traceback.format_exception(*err)))
            self.stream.file(test.id(), "traceback", text, TRACEBACK)
            self.status = "fail"

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        whole = getattr(test, "test_case", None)
        if whole is not None:
            # A part of a test says nothing about the rest of it.
            self.stream.file(whole.id(), "reason", "%s\n%s" % (test.id(), reason), TEXT)
        elif isinstance(test, unittest.TestCase):
            self.stream.file(test.id(), "reason", reason, TEXT)
            self.status = self.status or "skip"

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.note(test, "xfail", err)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.status = "uxsuccess"


def cases(suite):
    if isinstance(suite, unittest.TestSuite):
        for test in suite:
            yield from cases(test)
    elif suite is not None:
        yield suite


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-t", dest="top")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--load-list")
    parser.add_argument("names", nargs="*")
    options = parser.parse_intermixed_args()
    loader, stream = unittest.TestLoader(), Stream()
    if options.names[:1] == ["discover"]:
        suite = loader.discover(*(options.names[1:2] or ["."]), top_level_dir=options.top)
    else:
        suite = loader.loadTestsFromNames(options.names)
    if options.list:
        failed = "unittest.loader."
        for test in cases(suite):
            if not test.id().startswith(failed):
                stream.packet(test.id(), "exists")
        if loader.errors:
            stream.file(None, "import errors", "\n".join(loader.errors), TEXT, runnable=False)
            return 2
        return 0
    if options.load_list:
        with open(options.load_list, encoding="utf-8") as ids:
            wanted = {line.strip() for line in ids}
        suite = unittest.TestSuite(test for test in cases(suite) if test.id() in wanted)
    suite.run(Result(stream))
    return 0


if __name__ == "__main__":
    sys.exit(main())
