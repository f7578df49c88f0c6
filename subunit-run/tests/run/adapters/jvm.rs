//! The adapters of Maven and its kin, with the runners themselves: `.ci/runners` says what to install.

use std::{fs, io::Read, process::Stdio};

use subunit_core::{
    Status,
    Status::{Fail, Skip, Success as Pass},
};

use super::runners::{command, project, run};
use crate::project::{Project, Ran};

const MAVEN: &[(&str, Status)] = &[
    ("shop.ATest::passes", Pass),
    ("shop.ATest::fails", Fail),
    ("shop.ATest::errs", Fail),
    ("shop.ATest::skipped", Skip),
    ("shop.ATest::rows{int}[1]", Pass),
    ("shop.ATest::rows{int}[2]", Fail),
    ("shop.ATest$Inner::inner", Pass),
    ("shop.BTest::passes", Pass),
];

/// Only the module with this name.
fn module(name: &str) -> Project {
    let project = project("maven");
    let pom = fs::read_to_string(project.folder().join("pom.xml")).unwrap();
    let (before, rest) = pom.split_once("<modules>").unwrap();
    let (_, after) = rest.split_once("</modules>").unwrap();
    project.write("pom.xml", &format!("{before}<modules><module>{name}</module></modules>{after}"));
    project
}

#[test]
fn maven_keeps_its_console_and_its_reports_are_the_results() {
    let project = project("maven");
    let all = run(&project, &["--", "mvn", "-B", "-fae", "test"]);
    all.assert_results(MAVEN);
    assert_eq!(all.exit, Some(1));
    let console = all.text("stdout");
    assert!(console.contains("Tests run: 7, Failures: 2, Errors: 1, Skipped: 1"), "{all:?}");
    // They hold all that the machine says of itself.
    let is_properties = |(name, _): &&(String, String)| name.contains("properties");
    assert_eq!(all.output.iter().filter(is_properties).count(), 0);
    assert!(!all.output.iter().any(|(_, text)| text.contains("java.class.path")), "{all:?}");
    // Maven stops at the first module that fails; reports of before are none of this run.
    let first = run(&project, &[]);
    assert!(first.stderr.contains("subunit run: maven (there is pom.xml)"), "{first:?}");
    first.assert_results(&MAVEN[..7]);
}

#[test]
fn maven_runs_what_is_chosen_by_class_and_method() {
    let project = project("maven");
    let chosen = ["shop.ATest$Inner::inner", "shop.ATest::rows{int}[2]", "shop.BTest::passes"];
    project.write("list", &format!("{}\nshop.ATest::gone\n", chosen.join("\n")));
    let some = run(&project, &["--load-list", "list", "--", "mvn", "-B", "-fae", "verify"]);
    some.assert_results(&[
        (chosen[0], Pass),
        (chosen[1], Fail),
        (chosen[2], Pass),
        ("shop.ATest::gone", Fail),
    ]);
    assert!(some.reason("shop.ATest::gone").starts_with("never run: "), "{some:?}");
}

#[test]
fn a_module_that_does_not_compile_is_red_by_its_name() {
    let project = project("maven");
    project.write("b/src/test/java/shop/BTest.java", "class BTest { int x = y; }\n");
    let run = run(&project, &["--", "mvn", "-fae", "test"]);
    let mut expected = MAVEN.to_vec();
    expected[7] = ("shop-b [build]", Fail);
    run.assert_results(&expected);
    assert!(run.reason("shop-b [build]").contains("cannot find symbol"), "{run:?}");
    let run = super::runners::run(&module("none"), &[]);
    assert_eq!((run.exit, run.results.len()), (Some(1), 1), "{run:?}");
    assert!(run.results[0].reason.contains("Child module"), "{run:?}");
}

const ENDS: &str = "package shop;\n\nimport org.junit.Test;\n\npublic class EndsTest {\n\
                    @Test public void ends() { System.exit(0); }\n}\n";

fn ends(words: &[&str]) -> Ran {
    let project = module("b");
    project.write("b/src/test/java/shop/EndsTest.java", ENDS);
    run(&project, &[&["--", "mvn", "test"], words].concat())
}

#[test]
fn a_class_that_ends_the_process_of_its_tests_is_red_by_its_name() {
    for words in [&["-DforkCount=1"][..], &[], &["-B"]] {
        let run = ends(words);
        let result = run.results.iter().find(|end| end.test_id == "shop.EndsTest");
        assert_eq!((run.exit, result.map(|end| end.status)), (Some(1), Some(Fail)), "{run:?}");
        // The other class has run before, or never.
        assert_eq!(run.results.len(), 2, "{run:?}");
    }
}

#[test]
fn a_test_that_surefire_runs_again_is_flaky_and_no_failure() {
    let project = module("b");
    let file = project.folder().join("tried").display().to_string();
    let test = format!(
        "package shop;\n\nimport org.junit.*;\n\npublic class BTest {{\n@Test public void flaky() throws Exception {{\n\
         Assert.assertFalse(new java.io.File(\"{file}\").createNewFile());\n}}\n}}\n"
    );
    project.write("b/src/test/java/shop/BTest.java", &test);
    let run = run(&project, &["--", "mvn", "test", "-Dsurefire.rerunFailingTestsCount=2"]);
    run.assert_results(&[("shop.BTest::flaky", Fail), ("shop.BTest::flaky", Pass)]);
    assert_eq!(run.exit, Some(0), "{run:?}");
}

#[test]
fn maven_that_is_not_there_is_told_in_one_line() {
    let project = project("maven");
    let output = command(&project).env("PATH", "/nowhere").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let told = "maven (pom.xml): there is no program `mvn`: install it";
    let lines = said.lines().filter(|line| line.contains(told)).count();
    assert_eq!((output.status.code(), lines), (Some(2), 1), "{said}");
    // The project's own wrapper comes first.
    project.write("mvnw", "#!/bin/sh\necho BUILD\nexit 3\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(project.folder().join("mvnw"), mode).unwrap();
    let run = run(&project, &[]);
    assert_eq!((run.exit, run.results.len()), (Some(1), 1), "{run:?}");
    assert!(run.results[0].reason.starts_with("exit status 3"), "{run:?}");
}

/// Words that need no network, and leave no daemon.
const GRADLE: &[&str] = &["--", "gradle", "--offline", "--no-daemon", "-q"];

fn gradle(project: &Project, options: &[&str], words: &[&str]) -> Ran {
    run(project, &[options, GRADLE, words].concat())
}

#[test]
fn gradle_keeps_its_processes_and_says_its_results_to_a_listener() {
    let project = project("gradle");
    let all = gradle(&project, &[], &["check"]);
    all.assert_results(&[
        ("shop.GTest::passes", Pass),
        ("shop.GTest::fails", Fail),
        ("shop.GTest::errs", Fail),
        ("shop.GTest::skipped", Skip),
        ("shop.SetUpTest::classMethod", Fail),
        ("shop.OtherTest::one", Pass),
    ]);
    project.write("list", "shop.OtherTest::one\nshop.GTest::fails\nshop.GTest::gone\n");
    let some = gradle(&project, &["--load-list", "list"], &["check", "--tests", "nothing"]);
    some.assert_results(&[
        ("shop.GTest::fails", Fail),
        ("shop.OtherTest::one", Pass),
        ("shop.GTest::gone", Fail),
    ]);
    assert!(some.reason("shop.GTest::gone").starts_with("never run: exit status 1"), "{some:?}");
}

#[test]
fn a_task_of_gradle_that_is_up_to_date_says_that_nothing_ran() {
    let project = project("gradle");
    let words = ["test", "--tests", "shop.OtherTest"];
    let first = gradle(&project, &[], &words);
    first.assert_results(&[("shop.OtherTest::one", Pass)]);
    let second = gradle(&project, &[], &words);
    second.assert_results(&[(":test", Skip)]);
    assert_eq!((first.exit, second.exit), (Some(0), Some(0)), "{second:?}");
    // One that is asked for runs all the same.
    project.write("list", "shop.OtherTest::one\n");
    gradle(&project, &["--load-list", "list"], &["test"])
        .assert_results(&[("shop.OtherTest::one", Pass)]);
}

#[test]
fn a_test_of_gradle_that_ends_its_process_is_no_success() {
    let project = project("gradle");
    let tests = project.folder().join("src/test/java/shop");
    for class in ["GTest", "SetUpTest"] {
        fs::remove_file(tests.join(format!("{class}.java"))).unwrap();
    }
    project.write("src/test/java/shop/EndsTest.java", ENDS);
    let run = gradle(&project, &[], &["test"]);
    let status = |id: &str| run.results.iter().find(|end| end.test_id == id).map(|end| end.status);
    assert_eq!((run.exit, status(":test")), (Some(1), Some(Fail)), "{run:?}");
    // Gradle may have heard of the test before it lost its process.
    let by_name = ["shop.EndsTest", "shop.EndsTest::ends"];
    assert!(by_name.iter().any(|name| status(name) == Some(Fail)), "{run:?}");
}

#[test]
fn a_project_of_gradle_that_does_not_compile_is_red_and_says_why() {
    let project = project("gradle");
    project.write("src/test/java/shop/GTest.java", "class GTest { int x = y; }\n");
    let failed = gradle(&project, &[], &["test"]);
    assert_eq!((failed.exit, failed.results.len()), (Some(1), 1), "{failed:?}");
    assert!(failed.results[0].reason.contains("Compilation failed"), "{failed:?}");
    let output = command(&project).env("PATH", "/nowhere").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("gradle (build.gradle): there is no program `gradle`"), "{said}");
}

const CONSOLE: &str = "/usr/share/java/junit-platform-console-standalone.jar";

#[test]
fn the_console_launcher_of_junit_is_known_by_its_command() {
    let project = project("maven/a");
    let compile = |sources: &[&str]| {
        let words = ["-cp", CONSOLE, "-d", "classes"];
        super::runners::made_by("javac", &[&words, sources].concat(), &project);
    };
    compile(&["src/test/java/shop/ATest.java"]);
    let launch =
        ["--", "java", "-jar", CONSOLE, "--disable-banner", "-cp", "classes", "--scan-classpath"];
    let all = run(&project, &launch);
    all.assert_results(&[
        ("shop.ATest::passes()", Pass),
        ("shop.ATest::fails()", Fail),
        ("shop.ATest::errs()", Fail),
        ("shop.ATest::skipped()", Skip),
        ("shop.ATest::rows(int)[1]", Pass),
        ("shop.ATest::rows(int)[2]", Fail),
        ("shop.ATest$Inner::inner()", Pass),
    ]);
    assert!(all.text("stdout").contains("[         7 tests found           ]"), "{all:?}");
    assert!(!all.output.iter().any(|(_, text)| text.contains("java.class.path")), "{all:?}");
    let chosen = ["shop.ATest::passes()", "shop.ATest::gone()", "shop.ATest$Inner::inner()"];
    project.write("list", &chosen.join("\n"));
    let some = run(&project, &[&["--load-list", "list"], &launch[..]].concat());
    some.assert_results(&[(chosen[0], Pass), (chosen[1], Fail), (chosen[2], Pass)]);
    // The report of what ran before a test ends the process is there.
    project.write("EndsTest.java", ENDS);
    compile(&["EndsTest.java"]);
    let ended = run(&project, &launch);
    assert_eq!(ended.results.len(), all.results.len() + 1, "{ended:?}");
    assert_eq!(
        ended.reason("(junit-console)").lines().next(),
        Some("exit status 0 before its end")
    );
}

#[test]
fn a_report_is_told_while_others_are_still_to_come() {
    let project = Project::bare();
    project.write("pom.xml", "<project/>");
    project.write(
        "report.xml",
        "<testsuite name=\"shop.A\" tests=\"1\"><testcase classname=\"shop.A\" name=\"one\"/></testsuite>\n",
    );
    // Is silent before it writes the report, and until somebody has seen that.
    project.script(
        "mvn",
        "#!/bin/sh\nmkdir -p target/surefire-reports\nsleep 1\ncp report.xml target/surefire-reports/TEST-shop.A.xml\n\
         i=0; while [ ! -e seen ]; do i=$((i + 1)); [ $i = 200 ] && exit 3; sleep 0.1; done\n\
         echo '[INFO] BUILD SUCCESS'\n",
    );
    let mut run = project.command().args(["--subunit"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = Vec::new();
    let mut stdout = run.stdout.take().unwrap();
    let mut bytes = [0; 4096];
    while !Ran::ended(&said, "shop.A::one") {
        let length = stdout.read(&mut bytes).unwrap();
        assert!(length > 0, "it was not told in time");
        said.extend_from_slice(&bytes[..length]);
    }
    project.write("seen", "");
    stdout.read_to_end(&mut said).unwrap();
    assert!(run.wait().unwrap().success());
}
