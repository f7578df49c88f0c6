"""The runners: how the suite is written for each, how it runs serially and in parallel by the runner's own means, and what it counts.

A row has:
  write     the files of the project
  setup     a command that builds it, once
  ours      what follows `subunit run`; nothing in most: the runner is found
  serial    the runner's own serial way
  parallel  its own parallel way with two workers, or that of its usual companion; nothing where there is none
  part      whose the parallel part of `subunit run` is
  total, failed, skipped   regexes in what the serial way prints; `total` is of all tests, or else `passed` of those that passed
"""

import json

from suite import FILES, TESTS, each, files

ROWS = {}


def row(name, **fields):
    fields.setdefault("setup", None)
    fields.setdefault("ours", "")
    fields.setdefault("parallel", None)
    ROWS[name] = fields


# Python

ACTIONS_PYTHON = {"fails": "assert 1 == 2", "skipped": "pytest.skip('not now')", "passes": "pass"}


def pytest_test(_, number, seconds, kind):
    return f"def test_{number}():\n    time.sleep({seconds})\n    {ACTIONS_PYTHON[kind]}\n\n"


row(
    "pytest",
    write=lambda: files("test_{}.py", "import time\n\nimport pytest\n\n\n", pytest_test) | {"pytest.ini": "[pytest]\n"},
    serial="pytest",
    parallel="pytest -n 2",
    part="ours: one test at a time in two workers",
    passed=r"(\d+) passed",
    failed=r"(\d+) failed",
    skipped=r"(\d+) skipped",
)


def unittest_test(_, number, seconds, kind):
    action = {"fails": "self.fail()", "skipped": "self.skipTest('not now')", "passes": "pass"}[kind]
    return f"    def test_{number}(self):\n        time.sleep({seconds})\n        {action}\n\n"


row(
    "unittest",
    write=lambda: files("test_{}.py", "import time\nimport unittest\n\n\nclass Test@(unittest.TestCase):\n", unittest_test),
    serial="python3 -m unittest",
    parallel="unittest-parallel -j 2 --level test",
    part="ours: one test at a time in two workers",
    total=r"Ran (\d+) tests",
    failed=r"failures=(\d+)",
    skipped=r"skipped=(\d+)",
)

# Go and Rust


def go_test(file, number, seconds, kind):
    action = {"fails": "t.Fail()", "skipped": 't.Skip("not now")', "passes": ""}[kind]
    return f"func Test{file}{number}(t *testing.T) {{ time.Sleep({round(seconds * 1000)} * time.Millisecond); {action} }}\n"


row(
    "go",
    write=lambda: files("p{}/x_test.go", 'package p\n\nimport (\n"testing"\n"time"\n)\n\n', go_test)
    | {"go.mod": "module example.com/suite\n\ngo 1.19\n"},
    serial="go test -count=1 -p 1 -v ./...",
    parallel="go test -count=1 -p 2 ./...",
    part="ours: a package is compiled once, batches of its tests",
    passed=r"--- PASS",
    failed=r"--- FAIL",
    skipped=r"--- SKIP",
)


def rust_test(file, number, seconds, kind):
    ignored = "#[ignore]\n" if kind == "skipped" else ""
    action = "panic!()" if kind == "fails" else ""
    sleep = f"std::thread::sleep(std::time::Duration::from_millis({round(seconds * 1000)}));"
    return f"#[test]\n{ignored}fn t{number}() {{ {sleep} {action} }}\n"


CARGO = {
    "Cargo.toml": '[package]\nname = "suite"\nversion = "0.1.0"\nedition = "2021"\n\n[workspace]\n',
    "src/lib.rs": "",
}

row(
    "cargo test",
    write=lambda: files("tests/f{}.rs", "", rust_test) | CARGO,
    setup="cargo test --no-run",
    serial="cargo test --no-fail-fast -- --test-threads=1",
    parallel="cargo test --no-fail-fast -- --test-threads=2",
    part="ours: batches by the programs of libtest",
    passed=r"(\d+) passed",
    failed=r"(\d+) failed",
    skipped=r"(\d+) ignored",
)

row(
    "nextest",
    write=lambda: files("tests/f{}.rs", "", rust_test)
    | CARGO
    | {".config/nextest.toml": "[profile.default]\nfail-fast = false\n"},
    setup="cargo nextest list",
    serial="cargo nextest run -j 1",
    parallel="cargo nextest run -j 2",
    part="nextest's own",
    passed=r"(\d+) passed",
    failed=r"passed, (\d+) failed",
    skipped=r"(\d+) skipped",
)

# C++ and what builds it


def cmake():
    lines = ["cmake_minimum_required(VERSION 3.13)", "project(suite NONE)", "enable_testing()"]
    for file, number, seconds, kind in each():
        then = {"fails": "; exit 1", "skipped": "; exit 77", "passes": ""}[kind]
        lines.append(f'add_test(NAME t{file}.{number} COMMAND sh -c "sleep {seconds}{then}")')
        lines.append(f"set_tests_properties(t{file}.{number} PROPERTIES SKIP_RETURN_CODE 77)")
    return {"CMakeLists.txt": "\n".join(lines) + "\n"}


row(
    "ctest",
    write=cmake,
    setup="cmake -S . -B build",
    serial="ctest --test-dir build",
    parallel="ctest --test-dir build -j 2",
    part="ours: batches by names",
    total=r"out of (\d+)",
    failed=r"(\d+) tests failed out",
    skipped=r"\*\*\*Skipped",
)


def meson():
    lines = ["project('suite')"]
    for file, number, seconds, kind in each():
        then = {"fails": "; exit 1", "skipped": "; exit 77", "passes": ""}[kind]
        lines.append(f"test('t{file}.{number}', find_program('sh'), args: ['-c', 'sleep {seconds}{then}'])")
    return {"meson.build": "\n".join(lines) + "\n"}


row(
    "meson",
    write=meson,
    setup="meson setup b",
    serial="meson test -C b --num-processes 1",
    parallel="meson test -C b --num-processes 2",
    part="Meson's own",
    passed=r"Ok: +(\d+)",
    failed=r"Fail: +(\d+)",
    skipped=r"Skipped: +(\d+)",
)


def gtest_test(file, number, seconds, kind):
    action = {"fails": "FAIL();", "skipped": "GTEST_SKIP();", "passes": ""}[kind]
    return f"TEST(F{file}, T{number}) {{ usleep({round(seconds * 1e6)}); {action} }}\n"


row(
    "gtest",
    write=lambda: files("f{}.cc", "#include <gtest/gtest.h>\n#include <unistd.h>\n", gtest_test),
    setup="g++ f*.cc -o tests -lgtest -lgtest_main -lpthread",
    ours="-- ./tests",
    serial="./tests",
    parallel="export GTEST_TOTAL_SHARDS=2; GTEST_SHARD_INDEX=1 ./tests & GTEST_SHARD_INDEX=0 ./tests; a=$?; wait $!; test $a$? = 00",
    part="ours: batches; its own are two shards",
    passed=r"\[  PASSED  \] (\d+)",
    failed=r"\[  FAILED  \] (\d+) test",
    skipped=r"\[  SKIPPED \] (\d+)",
)

# JavaScript


def javascript_test(_, number, seconds, kind):
    it = "it.skip" if kind == "skipped" else "it"
    action = "throw new Error('no')" if kind == "fails" else ""
    return f"{it}('t{number}', async () => {{ await new Promise((done) => setTimeout(done, {round(seconds * 1000)})); {action} }});\n"


def package(script, *packages):
    return {"package.json": json.dumps({"scripts": {"test": script}, "devDependencies": dict.fromkeys(packages, "*")})}


row(
    "jest",
    write=lambda: files("f{}.test.js", "", javascript_test) | package("jest --maxWorkers=2", "jest"),
    serial="npx jest -i",
    parallel="npm test",
    part="jest's own",
    total=r"Tests:.* (\d+) total",
    failed=r"Tests: +(\d+) failed",
    skipped=r"Tests:.* (\d+) skipped",
)



def playwright_test(_, number, seconds, kind):
    test = "test.skip" if kind == "skipped" else "test"
    action = "throw new Error('no')" if kind == "fails" else ""
    return f"{test}('t{number}', async () => {{ await new Promise((done) => setTimeout(done, {round(seconds * 1000)})); {action} }});\n"


row(
    "playwright",
    write=lambda: files("f{}.spec.js", "const { test } = require('playwright/test');\n", playwright_test)
    | package("playwright test --workers=2", "@playwright/test"),
    serial="npx playwright test --workers=1",
    parallel="npm test",
    part="Playwright's own",
    passed=r"(\d+) passed",
    failed=r"(\d+) failed",
    skipped=r"(\d+) skipped",
)

VITEST = "import { it } from 'vitest';\n"

row(
    "vitest",
    write=lambda: files("f{}.test.js", VITEST, javascript_test)
    | package("vitest run --maxWorkers=2 --minWorkers=2", "vitest"),
    serial="npx vitest run --no-file-parallelism",
    parallel="npm test",
    part="vitest's own",
    passed=r"Tests .* (\d+) passed",
    failed=r"Tests +(\d+) failed",
    skipped=r"Tests .* (\d+) skipped",
)

row(
    "mocha",
    write=lambda: files("test/f{}.js", "", javascript_test) | package("mocha --timeout 9000", "mocha"),
    serial="npx mocha --timeout 9000",
    parallel="npx mocha --timeout 9000 --parallel --jobs 2",
    part="ours: batches by file and titles",
    passed=r"(\d+) passing",
    failed=r"(\d+) failing",
    skipped=r"(\d+) pending",
)

row(
    "node",
    write=lambda: files("f{}.test.mjs", "import { it } from 'node:test';\n", javascript_test)
    | package("node --test --test-concurrency=2"),
    serial="node --test --test-concurrency=1",
    parallel="npm test",
    part="node's own",
    passed=r"pass (\d+)",
    failed=r"fail (\d+)",
    skipped=r"skipped (\d+)",
)

# Ruby, PHP, shell, Perl


def rspec_test(_, number, seconds, kind):
    it = "xit" if kind == "skipped" else "it"
    action = "raise 'no'" if kind == "fails" else ""
    return f"  {it}('t{number}') {{ sleep {seconds}; {action} }}\n"


row(
    "rspec",
    write=lambda: files("spec/f{}_spec.rb", "RSpec.describe 'f@' do\n", rspec_test, "end\n") | {".rspec": ""},
    serial="rspec",
    parallel="parallel_rspec -n 2 spec",
    part="ours: batches by ids; its own are parallel_tests",
    total=r"(\d+) examples",
    failed=r"(\d+) failure",
    skipped=r"(\d+) pending",
)


def phpunit_test(_, number, seconds, kind):
    action = {"fails": "$this->fail();", "skipped": "$this->markTestSkipped();", "passes": "$this->assertTrue(true);"}[kind]
    return f"    public function test{number}(): void {{ usleep({round(seconds * 1e6)}); {action} }}\n"


row(
    "phpunit",
    write=lambda: files(
        "tests/F{}Test.php",
        "<?php\nuse PHPUnit\\Framework\\TestCase;\nfinal class F@Test extends TestCase {\n",
        phpunit_test,
        "}\n",
    )
    | {
        "phpunit.xml": '<phpunit><testsuites><testsuite name="all"><directory>tests</directory></testsuite></testsuites></phpunit>\n'
    },
    serial="phpunit",
    parallel="ls tests/*.php | xargs -P 2 -n 1 phpunit",
    part="ours: batches by a filter; beside it xargs, a file a process",
    total=r"Tests: (\d+)",
    failed=r"Failures: (\d+)",
    skipped=r"Skipped: (\d+)",
)


def bats_test(_, number, seconds, kind):
    action = {"fails": "false", "skipped": "skip", "passes": "true"}[kind]
    return f'@test "t{number}" {{\n  sleep {seconds}\n  {action}\n}}\n\n'


row(
    "bats",
    write=lambda: files("test/f{}.bats", "", bats_test),
    serial="bats test",
    parallel="bats -j 2 test",
    part="ours: batches for each file; its own is GNU parallel",
    passed=r"(?m)^ok (?!.*# skip)",
    failed=r"(?m)^not ok",
    skipped=r"# skip",
)


def prove():
    sources = {}
    for file, number, seconds, kind in each():
        body = {
            "fails": "print \"1..1\\nnot ok 1\\n\"; exit 1;",
            "skipped": 'print "1..0 # SKIP not now\\n";',
            "passes": 'print "1..1\\nok 1\\n";',
        }[kind]
        sources[f"t/f{file}_{number}.t"] = f"select undef, undef, undef, {seconds};\n{body}\n"
    return sources


row(
    "prove",
    write=prove,
    serial="prove",
    parallel="prove -j 2",
    part="ours: a process for each file",
    total=r"Files=(\d+)",
    failed=r"\(Wstat: ",
    skipped=r"skipped: not now",
)


def scripts():
    ends = {"fails": "exit 1", "skipped": "exit 77", "passes": "exit 0"}
    return {
        f"tests.d/f{file}-{number}": f"#!/bin/sh\nsleep {seconds}\n{ends[kind]}\n" for file, number, seconds, kind in each()
    }


row(
    "scripts",
    write=scripts,
    setup="chmod +x tests.d/*",
    ours="tests.d",
    serial="for f in tests.d/*; do $f; echo \"end $?\"; done; false",
    parallel="ls tests.d/* | xargs -P 2 -n 1 sh -c",
    part="ours: a process for each; beside it xargs",
    passed=r"end 0",
    failed=r"end 1",
    skipped=r"end 77",
)

# Programs of C++


def compiled(name, head, test, flags="", setup=None, **fields):
    row(
        name,
        write=lambda: {"tests.cc": head + "".join(test(*each_test) for each_test in each())},
        setup=setup or f"g++ tests.cc -o tests {flags}",
        ours="-- ./tests",
        **fields,
    )


def catch2_test(file, number, seconds, kind):
    # Version 2 has no skipped tests; one that may fail counts as expected.
    tag = ', "[!mayfail]"' if kind == "skipped" else ""
    check = "1 == 1" if kind == "passes" else "1 == 2"
    return f'TEST_CASE("t{file}.{number}"{tag}) {{ usleep({round(seconds * 1e6)}); CHECK({check}); }}\n'


compiled(
    "catch2",
    "#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n#include <unistd.h>\n",
    catch2_test,
    serial="./tests",
    part="ours: batches of names; it has no parallel part",
    passed=r"(\d+) passed \| \d+ failed \| \d+ failed as expected\nassertions",
    failed=r"passed \| (\d+) failed \| \d+ failed as expected\nassertions",
    skipped=r"(\d+) failed as expected\nassertions",
)


def doctest_test(file, number, seconds, kind):
    skip = " * doctest::skip()" if kind == "skipped" else ""
    check = "1 == 2" if kind == "fails" else "1 == 1"
    return f'TEST_CASE("t{file}.{number}"{skip}) {{ usleep({round(seconds * 1e6)}); CHECK({check}); }}\n'


compiled(
    "doctest",
    "#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\n#include <unistd.h>\n",
    doctest_test,
    serial="./tests",
    part="ours: batches of names; it has no parallel part",
    passed=r"test cases: .* (\d+) passed",
    failed=r"test cases: .* (\d+) failed",
    skipped=r"test cases: .* (\d+) skipped",
)


def boost_test(file, number, seconds, kind):
    never = ", *utf::precondition([](utf::test_unit_id) { return false; })" if kind == "skipped" else ""
    check = "1 == 2" if kind == "fails" else "1 == 1"
    return f"BOOST_AUTO_TEST_CASE(t{file}_{number}{never}) {{ usleep({round(seconds * 1e6)}); BOOST_TEST({check}); }}\n"


compiled(
    "boost",
    "#define BOOST_TEST_MODULE suite\n#include <boost/test/included/unit_test.hpp>\n#include <unistd.h>\n"
    "namespace utf = boost::unit_test;\n",
    boost_test,
    serial="./tests --report_level=short",
    part="ours: batches of paths; it has no parallel part",
    passed=r"(\d+) test cases out of \d+ passed",
    failed=r"(\d+) test cases? out of \d+ failed",
    skipped=r"(\d+) test cases? out of \d+ skipped",
)


def qttest_test(file, number, seconds, kind):
    action = {"fails": "QVERIFY(false);", "skipped": 'QSKIP("not now");', "passes": ""}[kind]
    return f"    void t{file}_{number}() {{ QThread::usleep({round(seconds * 1e6)}); {action} }}\n"


row(
    "qttest",
    write=lambda: {
        "tests.cpp": "#include <QtTest>\nclass Suite : public QObject {\n    Q_OBJECT\nprivate slots:\n"
        + "".join(qttest_test(*test) for test in each())
        + '};\nQTEST_APPLESS_MAIN(Suite)\n#include "tests.moc"\n'
    },
    setup="$(pkg-config --variable=host_bins Qt5Core)/moc tests.cpp -o tests.moc && "
    "g++ -fPIC -I. tests.cpp -o tests $(pkg-config --cflags --libs Qt5Test)",
    ours="-- ./tests",
    serial="./tests",
    part="ours: batches of functions; it has no parallel part",
    # initTestCase and cleanupTestCase count there.
    passed=r"PASS   : Suite::t",
    failed=r"Totals: .* (\d+) failed",
    skipped=r"Totals: .* (\d+) skipped",
)

# Elixir


def exunit_test(_, number, seconds, kind):
    tag = '  @tag skip: "not now"\n' if kind == "skipped" else ""
    action = "flunk()" if kind == "fails" else ":ok"
    return f'{tag}  test "t{number}" do\n    Process.sleep({round(seconds * 1000)})\n    {action}\n  end\n\n'


def exunit(options):
    head = f"defmodule F@Test do\n  use ExUnit.Case{options}\n\n"
    return files("test/f{}_test.exs", head, exunit_test, "end\n") | {
        "mix.exs": "defmodule Suite.MixProject do\n  use Mix.Project\n\n  def project, do: [app: :suite, version: \"0.1.0\"]\nend\n",
        "test/test_helper.exs": "ExUnit.start()\n",
    }


def exunit_row(name, options, **fields):
    row(
        name,
        write=lambda: exunit(options),
        setup="MIX_ENV=test mix compile",
        serial="mix test --max-cases 1",
        total=r"(\d+) tests,",
        failed=r"(\d+) failure",
        skipped=r"(\d+) skipped",
        **fields,
    )


PARTITION = "MIX_TEST_PARTITION={} mix test --partitions 2"

exunit_row(
    "exunit",
    "",
    parallel=f"{PARTITION.format(2)} & {PARTITION.format(1)}; a=$?; wait $!; test $a$? = 00",
    part="ours: batches by names; its own are partitions",
)
exunit_row("exunit async", ", async: true", parallel="mix test", part="ExUnit's own")

# Minitest, test-unit, Robot Framework, behave


def minitest_test(_, number, seconds, kind):
    action = {"fails": "flunk", "skipped": "skip", "passes": "pass"}[kind]
    return f"  def test_{number}\n    sleep {seconds}\n    {action}\n  end\n"


row(
    "minitest",
    write=lambda: files("test/f{}_test.rb", "require 'minitest/autorun'\nclass F@Test < Minitest::Test\n", minitest_test, "end\n")
    | {"Rakefile": "require 'rake/testtask'\nRake::TestTask.new { |task| task.pattern = 'test/*_test.rb' }\n"},
    serial="rake test",
    parallel="parallel_test -n 2 --type test test",
    part="ours: batches by names; its own are parallel_tests",
    total=r"(\d+) runs,",
    failed=r"(\d+) failures",
    skipped=r"(\d+) skips",
)


def test_unit_test(_, number, seconds, kind):
    action = {"fails": "flunk", "skipped": "omit", "passes": "assert(true)"}[kind]
    return f"  def test_{number}\n    sleep {seconds}\n    {action}\n  end\n"


row(
    "test-unit",
    write=lambda: files("test/f{}_test.rb", "require 'test/unit'\nclass F@Test < Test::Unit::TestCase\n", test_unit_test, "end\n")
    | {"Rakefile": "require 'rake/testtask'\nRake::TestTask.new { |task| task.pattern = 'test/*_test.rb' }\n"},
    serial="rake test",
    parallel="parallel_test -n 2 --type test test",
    part="ours: batches by names; its own are parallel_tests",
    total=r"(\d+) tests,",
    failed=r"(\d+) failures",
    skipped=r"(\d+) omissions",
)


def robot_test(_, number, seconds, kind):
    then = {"fails": "    Fail    no\n", "skipped": "    Skip    not now\n", "passes": ""}[kind]
    return f"T{number}\n    Sleep    {seconds}\n{then}\n"


row(
    "robot",
    write=lambda: files("suites/f{}.robot", "*** Test Cases ***\n", robot_test),
    serial="robot suites",
    parallel="pabot --processes 2 suites",
    part="ours: batches of tests; its own is pabot, a suite a process",
    passed=r"30 tests, (\d+) passed",
    failed=r"30 tests, .* (\d+) failed",
    skipped=r"30 tests, .* (\d+) skipped",
)


def behave_test(_, number, seconds, kind):
    tag = "  @skip\n" if kind == "skipped" else ""
    then = "    Then it fails\n" if kind == "fails" else ""
    return f"{tag}  Scenario: t{number}\n    Given {seconds} s\n{then}\n"


CUCUMBER = """const { Given, Then } = require("@cucumber/cucumber");

Given("{float} s", (seconds) => new Promise((done) => setTimeout(done, seconds * 1000)));
Given("it is skipped", () => "skipped");
Then("it fails", () => { throw new Error("no"); });
"""


def cucumber_test(_, number, seconds, kind):
    given = "Given it is skipped" if kind == "skipped" else f"Given {seconds} s"
    then = "    Then it fails\n" if kind == "fails" else ""
    return f"  Scenario: t{number}\n    {given}\n{then}\n"


row(
    "cucumber",
    write=lambda: files("features/f{}.feature", "Feature: f@\n\n", cucumber_test)
    | {"features/step_definitions/steps.js": CUCUMBER}
    | package("cucumber-js", "@cucumber/cucumber"),
    serial="npx cucumber-js",
    parallel="npx cucumber-js --parallel 2",
    part="ours: batches of scenarios",
    passed=r"scenarios? \(.*?(\d+) passed",
    failed=r"scenarios? \((\d+) failed",
    skipped=r"scenarios? \(.*?(\d+) skipped",
)

row(
    "behave",
    write=lambda: files("features/f{}.feature", "Feature: f@\n\n", behave_test)
    | {
        "features/steps/steps.py": "import time\n\nfrom behave import given, then\n\n\n"
        '@given("{seconds:g} s")\ndef sleeps(context, seconds):\n    time.sleep(seconds)\n\n\n'
        '@then("it fails")\ndef fails(context):\n    assert False\n',
        "features/environment.py": "def before_scenario(context, scenario):\n"
        '    if "skip" in scenario.tags:\n        scenario.skip("not now")\n',
    },
    serial="behave",
    part="ours: batches of scenarios; it has no parallel part",
    passed=r"(\d+) scenarios? passed",
    failed=r"scenarios? passed, (\d+) failed",
    skipped=r"scenarios? passed, .* (\d+) skipped",
)


# Java


def java_test(_, number, seconds, kind):
    ignored = '@Ignore("not now") ' if kind == "skipped" else ""
    action = "fail();" if kind == "fails" else ""
    sleep = f"Thread.sleep({round(seconds * 1000)});"
    return f"    @Test {ignored}public void t{number}() throws Exception {{ {sleep} {action} }}\n"


JAVA = "import static org.junit.Assert.*;\n\nimport org.junit.*;\n\npublic class F@Test {\n"

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>suite</groupId><artifactId>suite</artifactId><version>1</version>
  <properties>
    <maven.compiler.source>11</maven.compiler.source><maven.compiler.target>11</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.13.2</version><scope>test</scope></dependency>
  </dependencies>
  <build><plugins>
    <plugin><artifactId>maven-surefire-plugin</artifactId><version>2.22.3</version></plugin>
    <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.10.1</version></plugin>
    <plugin><artifactId>maven-resources-plugin</artifactId><version>3.3.0</version></plugin>
  </plugins></build>
</project>
"""

# Of Debian: without a network.
row(
    "maven",
    write=lambda: files("src/test/java/F{}Test.java", JAVA, java_test, "}\n")
    | {"pom.xml": POM, ".mvn/maven.config": "-s\n/etc/maven/settings-debian.xml\n-DforkCount=0\n"},
    setup="mvn -B test-compile",
    serial="mvn -B test",
    parallel="mvn -B test -DforkCount=2",
    part="Maven's own",
    total=r"(?m)^\[(?:ERROR|WARNING|INFO)\] Tests run: (\d+).*\d$",
    failed=r"(?m)^\[ERROR\] Tests run: .* Failures: (\d+).*\d$",
    skipped=r"(?m)^\[ERROR\] Tests run: .* Skipped: (\d+)$",
)

GRADLE = """apply plugin: 'java'
repositories { maven { url 'file:///usr/share/maven-repo' } }
dependencies { testCompile 'junit:junit:4.x' }
test { maxParallelForks = Integer.parseInt(System.getProperty('forks', '1')) }
test { testLogging { events 'passed', 'failed', 'skipped' } }
"""

row(
    "gradle",
    write=lambda: files("src/test/java/F{}Test.java", JAVA, java_test, "}\n")
    | {"build.gradle": GRADLE, "settings.gradle": "rootProject.name = 'suite'\n"},
    setup="gradle --offline testClasses",
    ours="-- gradle --offline test --rerun-tasks -Dforks=2",
    serial="gradle --offline test --rerun-tasks",
    parallel="gradle --offline test --rerun-tasks -Dforks=2",
    part="Gradle's own",
    passed=r"> t\d+ PASSED",
    failed=r"> t\d+ FAILED",
    skipped=r"> t\d+ SKIPPED",
)
