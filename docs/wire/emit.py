"""Writes events of subunit version 2 to standard output."""

import struct, sys, time, zlib

STATUSES = ["", "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"]

def number(n):
    size = next(size for size in (1, 2, 3, 4) if n < 1 << 8 * size - 2)
    return (n | size - 1 << 8 * size - 2).to_bytes(size, "big")

def text(string):
    return number(len(string.encode())) + string.encode()

def event(test_id, status, file_name=None, content=b""):
    flags = 0x2B00 | STATUSES.index(status)  # version 2, with a test id and a time, runnable
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    body = struct.pack(">I", seconds) + number(nanoseconds) + text(test_id)
    if file_name is not None:
        flags |= 0x0050  # with a file, which is whole
        body += text(file_name) + number(len(content)) + content
    length = next(n for n in (1, 2, 3) if 7 + n + len(body) < 1 << 8 * n - 2) + 7 + len(body)
    packet = struct.pack(">BH", 0xB3, flags) + number(length) + body
    sys.stdout.buffer.write(packet + struct.pack(">I", zlib.crc32(packet)))
    sys.stdout.buffer.flush()

event("shop.cart", "inprogress")
event("shop.cart", "success")
event("shop.checkout", "fail", "reason", b"total: 41, expected 42: " + b"a book for 20 and a lamp for 21" * 2)
event("shop.search", "skip", "reason", b"no search engine here")
