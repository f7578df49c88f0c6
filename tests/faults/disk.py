"""Outputs that are full: /dev/full, files at their limit, and a small file system."""

import os
import resource
import subprocess

from ledger import run
from streams import REPORTS, STREAMS, damage_of, large, small

LIMITS = [0, 1, 100, 4095, 4096, 4097, 65535, 65536, 65537]
# Commands that write files of their own.
FILES = ["report --junit {out}/j.xml --html {out}/h.html", "to-disk {out}/disk",
         "split --by route {out}/parts", "demux {out}/parts"]


def full(ledger, subunit, work):
    """Everything into /dev/full, and messages into /dev/full: exit status 2, or the verdict where nothing
    was to be written."""
    given = b"".join(small())
    for verb in STREAMS + REPORTS:
        command = words(subunit, verb, work)
        with open("/dev/full", "wb") as sink:
            ledger.judge("output is /dev/full", run(command, given, stdout=sink), (2,), verb)
            # Text goes there, or nothing; then the verdict stands.
            done = run(command, given, stderr=sink)
            plain = run(command, given)
            allowed = (2, plain.status) if not plain.err else (2,)
            ledger.judge("messages go to /dev/full", done, allowed, verb)


def limited(ledger, subunit, work):
    """Files that may only grow so far: what is there is a beginning of what should be, and the status 2."""
    given = b"".join(large(3000))
    path = os.path.join(work, "limited")
    for verb in STREAMS + ["to-jsonl", "to-junit", "2to1"]:
        command = words(subunit, verb, work)
        whole = run(command, given).out
        for limit in LIMITS:
            def lower(limit=limit):
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

            kind = "output is a file with a limit"
            with open(path, "wb") as output:
                done = run(command, given, stdout=output, preexec_fn=lower)
            written = open(path, "rb").read()
            name = f"{verb} with {limit} bytes"
            # JUnit is kept aside in a file until its counts are known; that one is limited as well.
            ledger.judge(kind, done, (2,), name)
            beginning(ledger, kind, name, written, whole, verb)


def beginning(ledger, kind, name, written, whole, verb):
    """What has been written is a beginning of what should be, up to the times in it."""
    if verb in STREAMS and (damage := damage_of(written, cut_short=True)):
        ledger.problem(kind, "damaged", f"{name}: {damage}")
    if verb in STREAMS and written != whole[: len(written)]:
        ledger.problem(kind, "lost", f"{name}: what is written is not a beginning of what should be")


def small_disk(ledger, subunit, work):
    """A file system of 64 KiB, where one may be mounted."""
    kind = "output is on a full file system"
    disk = os.path.join(work, "small")
    os.makedirs(disk, exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], capture_output=True)
    if mounted.returncode:
        print(f"    no file system could be mounted ({mounted.stderr.decode().strip()}): limits of files stand for it")
        return
    try:
        given = b"".join(large(3000))
        for verb in STREAMS + ["to-jsonl"]:
            command = words(subunit, verb, work)
            whole = run(command, given).out
            path = os.path.join(disk, "out")
            with open(path, "wb") as output:
                done = run(command, given, stdout=output)
            written = open(path, "rb").read()
            os.unlink(path)
            ledger.judge(kind, done, (2,), verb)
            beginning(ledger, kind, verb, written, whole, verb)
        for verb in FILES:
            command = words(subunit, verb.replace("{out}", disk), work)
            ledger.judge(kind, run(command, given), (2,), verb)
            subprocess.run(f"rm -rf {disk}/*", shell=True, check=True)
    finally:
        subprocess.run(["umount", disk], check=True)


def words(subunit, verb, work):
    empty = os.path.join(work, "empty")
    open(empty, "wb").close()
    return [subunit] + verb.format(empty=empty).split()


