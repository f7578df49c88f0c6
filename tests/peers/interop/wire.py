"""Packets made and read by hand: a third implementation, which shares no code with the ones it judges.

The layout is that of version 2 of the protocol (README of python-subunit, "Version 2").
"""

import struct
import zlib

from events import NANOS, STATUSES

TIME, ID, TAGS, MIME, FILE, ROUTE = 0x0200, 0x0800, 0x0080, 0x0020, 0x0040, 0x0400
RUNNABLE, EOF = 0x0100, 0x0010
LONGEST = 4194303


def number(value, width=1):
    """A number of at least so many bytes; more than it needs are allowed."""
    while value >= 1 << (8 * width - 2):
        width += 1
    return (value | (width - 1) << (8 * width - 2)).to_bytes(width, "big")


def packet(event, width=lambda: 1, trailing=b"", tags=None, length_width=1):
    """The packet of an event. `width` gives the least bytes of each number, `tags` the tags as they are
    written, `trailing` bytes behind the last field."""

    def sized(value):
        return number(len(value), width()) + value

    def string(value):
        return sized(value.encode())

    tags = event.get("tags") if tags is None else tags
    flags, body = 0x2000, b""
    if "status" in event:
        flags |= STATUSES.index(event["status"]) + 1
    if event["runnable"]:
        flags |= RUNNABLE
    if event["eof"]:
        flags |= EOF
    if "time" in event:
        seconds, nanos = event.get("raw_time") or divmod(event["time"], NANOS)
        flags, body = flags | TIME, body + struct.pack(">I", seconds) + number(nanos, width())
    if "id" in event:
        flags, body = flags | ID, body + string(event["id"])
    if tags is not None:
        flags, body = flags | TAGS, body + number(len(tags), width()) + b"".join(map(string, tags))
    if "mime" in event:
        flags, body = flags | MIME, body + string(event["mime"])
    if "file" in event:
        name, content = event["file"]
        flags, body = flags | FILE, body + string(name) + sized(content)
    if "route" in event:
        flags, body = flags | ROUTE, body + string(event["route"])
    body += trailing
    # The length counts itself.
    while len(number(7 + len(body) + length_width, length_width)) > length_width:
        length_width += 1
    head = b"\xb3" + struct.pack(">H", flags) + number(7 + len(body) + length_width, length_width)
    return head + body + struct.pack(">I", zlib.crc32(head + body))


class Damaged(Exception):
    """Bytes where a packet should be, and none is."""


def _number(data, at):
    width = (data[at] >> 6) + 1
    whole = int.from_bytes(data[at : at + width], "big")
    return whole & ((1 << (8 * width - 2)) - 1), at + width


def packet_at(data, at):
    """The packet at an offset, and where it ends: its id, its status, its route, its file."""
    if at + 8 > len(data):
        raise Damaged(f"a packet at byte {at} is cut off at {len(data)}")
    flags = struct.unpack(">H", data[at + 1 : at + 3])[0]
    length, pos = _number(data, at + 3)
    end = at + length
    if flags >> 12 != 2 or flags & 8 or length < 8:
        raise Damaged(f"no header of a packet at byte {at}: {data[at : at + 8].hex()}")
    if end > len(data):
        raise Damaged(f"a packet at byte {at} claims {length} bytes and has {len(data) - at}")
    if zlib.crc32(data[at : end - 4]) != struct.unpack(">I", data[end - 4 : end])[0]:
        raise Damaged(f"the checksum of a packet at byte {at} does not hold")
    made = {"status": ([None] + STATUSES)[flags & 7]}

    def string(pos):
        size, pos = _number(data, pos)
        return data[pos : pos + size], pos + size

    if flags & TIME:
        _, pos = _number(data, pos + 4)
    if flags & ID:
        made["id"], pos = string(pos)
    if flags & TAGS:
        count, pos = _number(data, pos)
        for _ in range(count):
            _, pos = string(pos)
    if flags & MIME:
        _, pos = string(pos)
    if flags & FILE:
        name, pos = string(pos)
        made["file"], pos = (name, string(pos)[0]), string(pos)[1]
    if flags & ROUTE:
        made["route"], pos = string(pos)
    return made, end


def read(data):
    """The packets of a stream in whose text no 0xB3 stands, and its text. Raises Damaged."""
    packets, text, at = [], [], 0
    while at < len(data):
        if data[at] == 0xB3:
            made, at = packet_at(data, at)
            packets.append(made)
        else:
            end = data.find(b"\xb3", at)
            end = len(data) if end < 0 else end
            text.append(data[at:end])
            at = end
    return packets, b"".join(text)
