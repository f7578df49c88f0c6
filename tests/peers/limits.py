#!/usr/bin/env python3
"""How much time and memory input takes that means harm, for every reader: a table.

    tests/peers/limits.py [--size MIB] [--only WORD] [--verb VERB] SUBUNIT

Each row sends one kind of input in one format through `subunit VERB --from FORMAT` (`to-jsonl --no-text`): lines
without an end, deep nesting, entities that grow, a million open tests, ids of 4 MiB, a million tags. `--size` is how
many MiB such a line has (1024). Prints seconds of the processor, peak memory, the exit status and the message one
gets, on standard error or as the reason of a failure. Exit status 1 where a row takes more than its ceiling, 256 MiB
(a million of something: 1 GiB) and 120 seconds of the processor, or ends otherwise than with a verdict. Needs Linux.
"""

import argparse
import base64
import os
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "interop"))

import wire  # noqa: E402

MIB = 1 << 20
MILLION = 1_000_000
# Nothing here takes a minute on an idle machine.
HANG = 600
# What stands in front of a value that never ends, by format: in an id, and in an output.
ID = {
    "subunit-v1": [b"test: ", b"success: "],
    "jsonl": [b'{"type":"event","test_id":"'],
    "tap": [b"1..1\nok 1 - ", b"1..1\nok 1\n# ", b"1..1\nnot ok 1\n  ---\n  message: "],
    "ktap": [b"KTAP version 1\n1..1\nok 1 ", b"KTAP version 1\n1..1\n# "],
    "junit": [b'<testsuite><testcase name="', b"<testsuite><testcase name='a'><system-out>",
              b"<testsuite><testcase name='a'><failure>", b"<testsuite><testcase name='a'><!--",
              b"<testsuite><testcase name='a'><system-out><![CDATA[", b"<testsuite><", b"<testsuite name='a' "],
    "gojson": [b'{"Action":"run","Package":"p","Test":"', b'{"Action":"output","Package":"p","Test":"T","Output":"'],
    "libtest": [b'{"type":"test","event":"started","name":"', b'{"type":"test","name":"a","event":"failed","stdout":"'],
    "cargo": [b"running 1 test\ntest ", b"running 1 test\ntest a ... ", b"running 1 test\nfailures:\n\n---- a stdout ----\n"],
    "reportlog": [b'{"$report_type":"TestReport","nodeid":"'],
    "teamcity": [b"##teamcity[testStarted name='", b"##teamcity[testStdOut name='a' out='"],
    "ctrf": [b'{"results":{"tests":[{"name":"', b'{"results":{"summary":{"x":"'],
    "jest-json": [b'{"numTotalTests":1,"testResults":[{"name":"', b'{"numTotalTests":1,"x":"'],
    "playwright-json": [b'{"config":{"argv":[]},"suites":[{"specs":[{"title":"'],
    "gtest-json": [b'{"tests":1,"failures":0,"disabled":0,"testsuites":[{"name":"'],
    "rspec-json": [b'{"version":"3","examples":[{"id":"'],
    "mocha-json": [b'{"stats":{"suites":1},"passes":[{"fullTitle":"'],
    "cucumber-json": [b'[{"keyword":"Feature","name":"'],
    "cucumber-messages": [b'{"pickle":{"name":"'],
    "meson-json": [b'{"name":"', b'{"name":"a","stdout":"'],
    "robot-xml": [b'<robot><suite name="', b'<robot><suite><test name="a"><msg>'],
    "catch2-xml": [b'<Catch><TestCase name="', b'<Catch><TestCase name="a"><StdOut>'],
    "doctest-xml": [b'<doctest><TestCase name="', b'<doctest><TestCase name="a">'],
    "boost-xml": [b'<TestLog><TestSuite><TestCase name="', b'<TestLog><TestSuite><TestCase name="a">'],
    "qttest-xml": [b'<TestCase name="', b'<TestCase name="a"><TestFunction name="b">'],
    "testng-xml": [b'<testng-results><class name="', b'<testng-results><class name="a"><test-method><message>'],
    "ctest-xml": [b'<Site><Testing><Test Status="passed"><Name>', b'<Site><Testing><Test Status="passed"><Measurement><Value>'],
    "cppunit-xml": [b'<TestRun><SuccessfulTests><Test><Name>'],
    "trx": [b'<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results><UnitTestResult testName="',
            b'<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results><UnitTestResult testName="a"><Output><StdOut>'],
    "nunit": [b'<test-run><test-case fullname="', b'<test-run><test-case fullname="a"><output>'],
    "xunit": [b'<assemblies><assembly><collection><test name="', b'<assemblies><assembly><collection><test name="a"><output>'],
    "dejagnu": [b"Running ./a.exp ...\nPASS: ", b"Running ./a.exp ...\nERROR: "],
    "automake": [b":test-result: PASS ", b":copy-in-global-log: no\n:test-result: "],
    "lit": [b"-- Testing: 1 tests, 1 workers --\nPASS: ", b"-- Testing: 1 tests, 1 workers --\nFAIL: a (1 of 1)\n*** TEST 'a' FAILED ***\n"],
}

# A test that begins, and never ends.
OPEN = {
    "subunit": lambda n: wire.packet({"id": f"t{n}", "status": "inprogress", "runnable": True, "eof": False}),
    "subunit-v1": lambda n: b"test: t%d\n" % n,
    "jsonl": lambda n: b'{"type":"event","test_id":"t%d","status":"inprogress"}\n' % n,
    "gojson": lambda n: b'{"Action":"run","Package":"p","Test":"T%d"}\n' % n,
    "libtest": lambda n: b'{"type":"test","event":"started","name":"t%d"}\n' % n,
    "cargo": lambda n: b"test t%d ... \n" % n,
    "reportlog": lambda n: b'{"$report_type":"TestReport","nodeid":"t%d","when":"setup","outcome":"passed"}\n' % n,
    "teamcity": lambda n: b"##teamcity[testStarted name='t%d' flowId='%d']\n" % (n, n),
    "tap": lambda n: b"# Subtest: t%d\n" % n,
    "junit": lambda n: b"<testsuite name='%d'>" % n,
    "nunit": lambda n: b"<test-suite name='%d'>" % n,
}
HEADS = {"cargo": b"running 1000000 tests\n", "tap": b"TAP version 14\n", "junit": b"<testsuites>", "nunit": b"<test-run>"}


def line(format, head, size):
    """A line, or a value, of so many bytes and without an end."""
    yield head
    block = b"a" * MIB
    for _ in range(size):
        yield block


def repeated(head, unit, size):
    yield head
    block = unit * (MIB // len(unit) + 1)
    for _ in range(size):
        yield block


def each(make, count, head=b"", tail=b""):
    yield head
    for start in range(0, count, 5000):
        yield b"".join(make(n) for n in range(start, min(start + 5000, count)))
    yield tail


def nested():
    """Nesting, 64 MiB of it."""
    for format, head in [("jsonl", b'{"type":'), ("gojson", b'{"Action":'), ("libtest", b'{"type":'),
                         ("reportlog", b'{"$report_type":'), ("ctrf", b'{"results":{"tests":')]:
        yield f"{format}: nested arrays", format, repeated(head, b"[", 64)
        yield f"{format}: nested objects", format, repeated(head, b'{"a":', 64)
    yield "ctrf: objects in a test", "ctrf", repeated(b'{"results":{"tests":[', b'{"extra":', 64)
    for format, head in [("junit", b"<testsuites>"), ("trx", b"<TestRun>"), ("nunit", b"<test-run>"), ("xunit", b"<assemblies>")]:
        yield f"{format}: nested elements", format, repeated(head, b"<a>", 64)
    yield "junit: nested suites", "junit", repeated(b"<testsuites>", b"<testsuite name='a'>", 64)
    yield "junit: nested cases", "junit", repeated(b"<testsuites>", b"<testcase name='a'>", 64)
    yield "tap: nested subtests", "tap", (b" " * (4 * depth) + b"# Subtest: a\n" for depth in range(5000))
    yield "tap: nested plans", "tap", (b" " * (4 * depth) + b"1..1\n" for depth in range(5000))
    yield "ktap: nested subtests", "ktap", (b" " * (2 * depth) + b"KTAP version 1\n" for depth in range(5000))


def entities():
    """Entities that would grow to a billion, and one that names a file."""
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b0 "aaaaaaaaaa">'
    for n in range(1, 12):
        bomb += b'<!ENTITY b%d "%s">' % (n, b"&b%d;" % (n - 1) * 10)
    for format, body in [
        ("junit", b"]><testsuite><testcase name='&b11;'><failure>&b11;</failure></testcase></testsuite>"),
        ("nunit", b"]><test-run><test-case fullname='&b11;' result='Passed'/></test-run>"),
        ("trx", b"]><TestRun><Results><UnitTestResult testName='&b11;' outcome='Passed'/></Results></TestRun>"),
        ("xunit", b"]><assemblies><assembly><collection><test name='&b11;' result='Pass'/></collection></assembly></assemblies>"),
    ]:
        yield f"{format}: entities", format, [bomb + body]
        yield f"{format}: unclosed doctype", format, repeated(b"<!DOCTYPE a [", b'<!ENTITY b "a">', 64)
    file = b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&f;"/></testsuite>'
    yield "junit: entity of a file", "junit", [file]


def formats(subunit):
    """The names of the formats that are read."""
    verbs = subprocess.run([subunit, "--help"], check=True, capture_output=True, text=True).stdout
    return ["subunit", *re.findall(r"^  from-(\S+)", verbs, re.M)]


def lines(size, formats):
    for format in formats:
        yield f"{format}: a line of {size} MiB", format, line(format, b"", size)
        for head in ID.get(format, []):
            shown = head[-30:].decode().replace("\n", "\\n")
            yield f"{format}: {shown}, {size} MiB", format, line(format, head, size)
    yield f"automatic: a line of {size} MiB", "auto", line("auto", b"", size)
    yield f"subunit: claims of 4 MiB, {size} MiB", "subunit", repeated(b"", b"\xb3\x29\x01\xbf\xff\xff", size)


def open_tests():
    for format, make in OPEN.items():
        yield f"{format}: a million open tests", format, each(make, MILLION, HEADS.get(format, b""))


def tests_with_ids_of_4_mib():
    name = "i" * (4 * MIB - 64)
    raw = name.encode()

    def both(n):
        event = {"id": name[:-8] + f"{n:08}", "runnable": True, "eof": False}
        return wire.packet(event | {"status": "inprogress"}) + wire.packet(event | {"status": "success"})

    yield "subunit: 64 ids of 4 MiB", "subunit", (both(n) for n in range(64))
    yield "subunit: ids of 4 MiB, 64 open tests", "subunit", (both(n)[: len(both(n)) // 2] for n in range(64))
    for format, make in {
        "subunit-v1": lambda n: b"test: %d%s\nsuccess: %d%s\n" % (n, raw, n, raw),
        "jsonl": lambda n: b'{"type":"event","test_id":"%d%s","status":"success"}\n' % (n, raw),
        "tap": lambda n: b"ok %d - %s\n" % (n + 1, raw),
        "gojson": lambda n: b'{"Action":"pass","Package":"p","Test":"T%d%s"}\n' % (n, raw),
        "libtest": lambda n: b'{"type":"test","event":"ok","name":"t%d%s"}\n' % (n, raw),
        "cargo": lambda n: b"test t%d%s ... ok\n" % (n, raw),
        "reportlog": lambda n: b'{"$report_type":"TestReport","nodeid":"t%d%s","when":"teardown","outcome":"passed"}\n' % (n, raw),
        "teamcity": lambda n: b"##teamcity[testStarted name='t%d%s']\n##teamcity[testFinished name='t%d%s']\n" % (n, raw, n, raw),
        "junit": lambda n: b"<testcase name='t%d%s'/>" % (n, raw),
        "dejagnu": lambda n: b"PASS: t%d%s\n" % (n, raw),
        "lit": lambda n: b"PASS: t%d%s (%d of 64)\n" % (n, raw, n + 1),
    }.items():
        head = {"tap": b"1..64\n", "cargo": b"running 64 tests\n", "junit": b"<testsuite>",
                "lit": b"-- Testing: 64 tests, 1 workers --\n"}.get(format, b"")
        yield f"{format}: 64 ids of 4 MiB", format, (head * (n == 0) + make(n) for n in range(64))


def tags():
    event = {"id": "a", "status": "success", "runnable": True, "eof": False}
    yield "subunit: 500000 tags, one test", "subunit", (
        wire.packet(event, tags=[f"{n:05}" for n in range(MILLION // 2)]) for _ in range(1))
    yield "subunit: a million tags, each one test", "subunit", each(
        lambda n: wire.packet(event | {"id": f"t{n}"}, tags=[f"tag{n}"]), MILLION)
    yield "subunit-v1: a million tags", "subunit-v1", each(lambda n: b"tags: t%d\n" % n, MILLION, b"test: a\n")
    yield "jsonl: a million tags, one test", "jsonl", each(
        lambda n: b'"t%d",' % n, MILLION, b'{"type":"event","test_id":"a","status":"success","tags":[', b'"t"]}\n')
    yield "gojson: a million attributes", "gojson", each(
        lambda n: b'{"Action":"attr","Package":"p","Test":"T","Key":"k","Value":"%d"}\n' % n, MILLION,
        b'{"Action":"run","Package":"p","Test":"T"}\n')
    yield "junit: a million properties", "junit", each(
        lambda n: b"<property name='tag' value='%d'/>" % n, MILLION, b"<testsuite><testcase name='a'><properties>",
        b"</properties></testcase></testsuite>")


def attachments():
    yield "subunit: a million open files", "subunit", each(lambda n: wire.packet(
        {"id": "a", "runnable": True, "eof": False, "file": (f"f{n}", b"x")}), MILLION)
    yield "gojson: outputs of a million tests", "gojson", each(
        lambda n: b'{"Action":"output","Package":"p","Test":"T%d","Output":"said\\n"}\n' % n, MILLION)
    yield "jsonl: base64 that never ends", "jsonl", repeated(
        b'{"type":"text","base64":"', base64.b64encode(b"x" * 300), 64)


def measure(subunit, verb, format, pieces):
    command = [subunit] + verb.split() + (["--from", format] if format != "auto" else [])
    reader, writer = os.pipe()
    # The input is made in a process of its own: the peak of a command is at least that of who starts it.
    maker = os.fork()
    if maker == 0:
        os.close(reader)
        make(pieces, writer)
    os.close(writer)
    begun = time.monotonic()
    process = subprocess.Popen(command, stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(reader)
    said = {"out": bytearray(), "err": bytearray()}
    readers = [threading.Thread(target=keep_ends, args=(pipe, said[name]), daemon=True)
               for name, pipe in (("out", process.stdout), ("err", process.stderr))]
    watchdog = threading.Timer(HANG, process.kill)
    for thread in readers + [watchdog]:
        thread.start()
    _, status, usage = os.wait4(process.pid, 0)
    watchdog.cancel()
    for thread in readers:
        thread.join()
    os.waitpid(maker, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return {"seconds": time.monotonic() - begun, "cpu": usage.ru_utime + usage.ru_stime,
            "mib": usage.ru_maxrss / 1024, "status": process.returncode, **said}


def make(pieces, writer):
    """Writes the input, until nobody reads it any more, and ends this process."""
    try:
        with os.fdopen(writer, "wb") as output:
            for piece in pieces:
                output.write(piece)
    except BrokenPipeError:
        pass
    finally:
        os._exit(0)


ENDS = 64 * 1024


def keep_ends(pipe, kept):
    """Keeps what stands first and last in an output."""
    while piece := pipe.read1(MIB):
        kept += piece
        del kept[ENDS : max(ENDS, len(kept) - ENDS)]


REASON = re.compile(rb'"runnable":false[^\n]{0,200}?"file_bytes":"([^"]{1,150})')
SAID = re.compile(rb"^subunit[^\n]{0,150}", re.M)


def message(result):
    """What is said on standard error, and the reasons of failures that are about no test."""
    said = SAID.findall(bytes(result["err"]))[:1] + REASON.findall(bytes(result["out"]))
    return "; ".join(part.decode(errors="replace") for part in dict.fromkeys(said[:4]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--only", default="")
    parser.add_argument("--verb", default="to-jsonl --no-text")
    parser.add_argument("subunit")
    arguments = parser.parse_args()
    bad = 0
    print("| input | seconds | CPU seconds | peak MiB | exit status | message |\n|---|---|---|---|---|---|")
    of_lines = lines(arguments.size, formats(arguments.subunit))
    kinds = [nested(), entities(), of_lines, open_tests(), tests_with_ids_of_4_mib(), tags(), attachments()]
    for name, format, pieces in (row for kind in kinds for row in kind):
        if arguments.only not in name:
            continue
        result = measure(arguments.subunit, arguments.verb, format, pieces)
        ceiling = 1024 if "million" in name or "open" in name else 256
        good = result["status"] in (0, 1, 4) and result["mib"] < ceiling and result["cpu"] < 120
        bad += not good
        mark = "" if good else " **above its ceiling**"
        print(f"| {name} | {result['seconds']:.1f} | {result['cpu']:.1f} | {result['mib']:.0f} |"
              f" {result['status']}{mark} | {message(result)} |", flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
