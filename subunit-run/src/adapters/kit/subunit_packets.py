"""Packets of subunit, version 2: how a worker says what its tests do. Only the standard library is needed.

Results go to the descriptor $SUBUNIT_RESULT_FD, or else to what standard output was when this was imported.
Ids of tests come one a line on the descriptor $SUBUNIT_TEST_FD.
"""
import os
import sys
import time
import zlib

EXISTS, INPROGRESS, SUCCESS, UXSUCCESS, SKIP, FAIL, XFAIL = range(1, 8)

# Writes of this size to a pipe are never torn by those of another process.
PIPE_BUF = 4096
# What a packet needs beside an id and the bytes of a file.
ROOM = 256


def _take_descriptor(name):
    """The descriptor that a variable names. Programs that tests start find neither."""
    number = os.environ.pop(name, None)
    if number is None:
        return None
    os.set_inheritable(int(number), False)
    return int(number)


TEST_FD = _take_descriptor("SUBUNIT_TEST_FD")
OUT = _take_descriptor("SUBUNIT_RESULT_FD")
IS_STDOUT = OUT is None
if IS_STDOUT:
    OUT = os.dup(1)
_PID = os.getpid()


def _leave_path():
    """Programs that tests start find modules where the user said."""
    here = os.path.dirname(os.path.abspath(__file__))
    others = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one != here]
    os.environ.pop("PYTHONPATH", None)
    if any(others):
        os.environ["PYTHONPATH"] = os.pathsep.join(others)


_leave_path()


def _number(value):
    for size, mark in ((1, 0), (2, 0x4000), (3, 0x800000), (4, 0xC0000000)):
        if value < 1 << (8 * size - 2):
            return (value | mark).to_bytes(size, "big")
    raise ValueError("%d does not fit a packet" % value)


def _text(words):
    data = words.encode("utf-8", "replace").replace(b"\0", b"\\x00")
    return _number(len(data)) + data


_RUNNABLE = 0x0100
_PLAIN = _text("text/plain;charset=utf8")


def packet(test, status=0, name=None, data=b"", runnable=True, tags=(), eof=False, mime_type=None):
    """One packet; of no test where that is None. Times are those of now."""
    flags = 0x2200 | status | (_RUNNABLE if runnable else 0)
    seconds, nanoseconds = divmod(time.time_ns(), 1000000000)
    body = seconds.to_bytes(4, "big") + _number(nanoseconds)
    if test is not None:
        flags |= 0x0800
        body += _text(test)
    if tags:
        flags |= 0x0080
        body += _number(len(tags)) + b"".join(map(_text, tags))
    if name is not None:
        flags |= 0x0060 | (0x0010 if eof else 0)
        body += _text(mime_type) if mime_type else _PLAIN
        body += _text(name) + _number(len(data)) + data
    # Signature, flags, length and checksum, in which the length counts itself.
    size = len(body) + 8
    for _ in range(3):
        size = len(body) + 7 + len(_number(size))
    packed = b"\xb3" + flags.to_bytes(2, "big") + _number(size) + body
    _write(packed + zlib.crc32(packed).to_bytes(4, "big"))


def _write(data):
    # What tests fork does not speak for them.
    if os.getpid() != _PID:
        return
    if IS_STDOUT:
        sys.stdout.flush()
    while data:
        data = data[os.write(OUT, data):]


def attach(test, name, words, runnable=True):
    """A file of a test. Files of one name are one file."""
    attach_bytes(test, name, words.encode("utf-8", "backslashreplace"), runnable)


def attach_bytes(test, name, data, runnable=True, mime_type=None):
    """The same with any content."""
    room = max(PIPE_BUF - ROOM - len(test.encode("utf-8", "replace")), 1024)
    for start in range(0, len(data), room):
        piece = data[start:start + room]
        packet(test, name=name, data=piece, runnable=runnable, mime_type=mime_type)


def end(test, status, name=None, words="", runnable=True, tags=()):
    """The end of a test, and a file that says why."""
    if words:
        attach(test, name, words, runnable)
    packet(test, status, runnable=runnable, tags=tags)


def listed(tests):
    """That all tests were told which there are, and how many."""
    data = b'{"tests":%d}' % tests
    packet(None, name="plan", data=data, runnable=False, eof=True, mime_type="application/json; subunit=1")


def asked():
    """The ids that are handed out, as they come."""
    rest = b""
    while True:
        block = os.read(TEST_FD, 65536)
        if not block:
            break
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "surrogateescape")
    if rest:
        yield rest.decode("utf-8", "surrogateescape")


def worker():
    """The number of this worker, and how many there are; (None, 0) outside of a run."""
    number = os.environ.get("SUBUNIT_WORKER")
    return number, int(os.environ.get("SUBUNIT_WORKERS") or 0)
