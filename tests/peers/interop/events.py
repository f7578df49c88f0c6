"""Random events, as dictionaries in which an absent field is absent.

    id status tags runnable time file mime eof route

`time` is nanoseconds since 1970, `file` is a name and bytes, `tags` a sorted list without duplicates. Text
between packets is {"text": bytes}. All readers' events are brought into this form and then compared.
"""

import random

STATUSES = ["exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"]
NANOS = 10**9

WORDS = ["pkg.mod.Case.test", "a", "", " ", "x[1-2]", "tests::it::works", "a/b c", "line\nbreak", "tab\t"]
# Characters whose last byte is 0xB3, the signature of a packet, and others of two to four bytes.
CHARACTERS = ["ó", "ೳ", "😳", "é", "日本", "𝄞", "\u0301", "\ufeff", "\u2028"]
TAGS = ["worker-0", "worker-1", "slow", "", "ó", "a b", "!", "-not"]
MIMES = ["text/plain", "text/plain;charset=utf8", "application/octet-stream", "x", 'text/x; a="b, c"', "ó/ó"]
ROUTES = ["0", "1/0", "0/1/2/3", "worker", "ó/1", "", "0/"]
FILES = ["traceback", "stdout", "", "a/b.log", "ó", "reason"]
# Lengths at which a number takes a byte more.
EDGES = [0, 1, 40, 62, 63, 64, 65, 255, 256, 4095, 16_320, 16_383, 16_384, 16_385, 70_000]


def string(rng, words):
    """A word, sometimes with characters of several bytes, sometimes long."""
    chosen = rng.choice(words)
    if rng.random() < 0.3:
        chosen += "".join(rng.choices(CHARACTERS, k=rng.randint(1, 4)))
    if rng.random() < 0.02:
        chosen += "x" * rng.choice(EDGES[:-1])
    return chosen


def content(rng):
    """The bytes of a file: none, text, anything, or packets, which are not to be taken for such."""
    kind = rng.randrange(6)
    if kind == 0:
        return b""
    if kind == 1:
        return bytes.fromhex("b329010c03666f6f08555f1b") * rng.randint(1, 5)
    if kind == 2:
        return rng.randbytes(rng.choice(EDGES) if rng.random() < 0.1 else rng.randrange(100))
    return text(rng).encode()


def time(rng, step=1):
    """Any time the wire can say, in steps of so many nanoseconds."""
    seconds = rng.choice([0, 2**32 - 2, rng.randrange(2**32 - 1), 1_700_000_000])
    nanos = rng.choice([0, NANOS - step, 500, 1500, 999_999_500, rng.randrange(NANOS)])
    return seconds * NANOS + nanos // step * step


def event(rng, step=1):
    """Any combination of fields."""
    made = {"runnable": rng.random() < 0.8, "eof": rng.random() < 0.3}
    fields = {
        "id": (0.9, lambda: string(rng, WORDS)),
        "status": (0.8, lambda: rng.choice(STATUSES)),
        "tags": (0.3, lambda: sorted(set(rng.choices(TAGS, k=rng.randint(1, 6))))),
        "time": (0.7, lambda: time(rng, step)),
        "file": (0.4, lambda: (string(rng, FILES), content(rng))),
        "mime": (0.3, lambda: rng.choice(MIMES)),
        "route": (0.3, lambda: string(rng, ROUTES)),
    }
    for name, (chance, value) in fields.items():
        if rng.random() < chance:
            made[name] = value()
    return made


def text(rng, plain=False):
    """What stands between packets: whole characters, ending anywhere; `plain` has no byte 0xB3."""
    words = ["ok\n", "....", "compiling ", "warning: \x1b[31mred\x1b[0m\r\n", "\n", "é", "日本語\n", "{}"]
    if not plain:
        words += CHARACTERS + ["ó hello world\n", "😳"]
    return "".join(rng.choices(words, k=rng.randint(1, 8)))


def stream(rng, count, step=1, plain=False):
    """So many events, with text in front of some. Never text behind text."""
    made = []
    for _ in range(count):
        if rng.random() < 0.25:
            made.append({"text": text(rng, plain).encode()})
        made.append(event(rng, step))
    if rng.random() < 0.5:
        made.append({"text": text(rng, plain).encode()})
    return made


def rounded(event):
    """What python-subunit makes of a time: microseconds, half of one to the even one."""
    if "time" not in event:
        return event
    whole, rest = divmod(event["time"], 1000)
    whole += rest > 500 or (rest == 500 and whole % 2)
    return event | {"time": whole * 1000}


def seeded(*parts):
    """Random numbers that are the same in every run."""
    return random.Random("/".join(map(str, parts)))
