"""Reads events of subunit version 2 from standard input and writes each as a JSON object.

Whatever is no intact packet is left out: text, torn and damaged packets. The search goes on one byte later."""

import base64, json, sys, time, zlib

STATUSES = [None, "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"]

class Fields:
    """The bytes of a packet between its length and its checksum."""

    def __init__(self, content):
        self.content, self.at = content, 0

    def take(self, length):
        taken = self.content[self.at : self.at + length]
        if len(taken) < length:
            raise ValueError("a field runs past the end")
        self.at += length
        return taken

    def number(self):
        first = self.take(1)
        more = self.take(first[0] >> 6)
        return int.from_bytes(bytes([first[0] & 0x3F]) + more, "big")

    def text(self):
        text = self.take(self.number()).decode("utf-8")  # a UnicodeDecodeError is a ValueError
        if "\0" in text:
            raise ValueError("a text holds a NUL")
        return text

def event(flags, fields):
    said = {"type": "event", "runnable": bool(flags & 0x0100), "eof": bool(flags & 0x0010)}
    if flags & 0x0200:
        seconds, nanoseconds = int.from_bytes(fields.take(4), "big"), fields.number()
        second = time.gmtime(seconds + nanoseconds // 10**9)
        said["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%S", second) + ".%09dZ" % (nanoseconds % 10**9)
    if flags & 0x0800:
        said["test_id"] = fields.text()
    if flags & 0x0080:
        said["tags"] = [fields.text() for _ in range(fields.number())]
    if flags & 0x0020:
        said["mime_type"] = fields.text()
    if flags & 0x0040:
        said["file_name"] = fields.text()
        content = bytes(fields.take(fields.number()))
        try:
            said["file_bytes"] = content.decode("utf-8")
        except ValueError:
            said["file_base64"] = base64.b64encode(content).decode()
    if flags & 0x0400:
        said["route_code"] = fields.text()
    if flags & 0x0007:
        said["status"] = STATUSES[flags & 0x0007]
    return said

def packet(stream, at):
    """The event of the packet that begins at this byte, and where it ends. A ValueError if there is none."""
    flags = int.from_bytes(stream[at + 1 : at + 3], "big")
    head = Fields(stream[at + 3 : at + 6])
    end = at + head.number()
    if flags >> 12 != 2 or flags & 8 or not at + 7 + head.at <= end <= len(stream):
        raise ValueError("no packet")
    if zlib.crc32(stream[at : end - 4]) != int.from_bytes(stream[end - 4 : end], "big"):
        raise ValueError("another checksum")
    return event(flags, Fields(stream[at + 3 + head.at : end - 4])), end

stream, at = sys.stdin.buffer.read(), 0
while (at := stream.find(b"\xb3", at)) >= 0:
    try:
        said, at = packet(stream, at)
        print(json.dumps(said))
    except ValueError:
        at += 1
