//! The worker of unittest.

use std::{fs, process::Command};

use subunit_core::{Item, Status, items};

use crate::project::{Project, Ran, copy};

/// The suite with all that can come of a test, and no configuration.
fn project() -> Project {
    let project = Project::bare();
    copy("adapters/unittest", project.folder());
    project
}

fn run(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = project.command();
    command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH");
    Ran::of(&command.arg("--subunit").args(arguments).output().unwrap())
}

#[test]
fn every_test_ends_under_its_own_name() {
    let project = project();
    let run = run(&project, &["--jobs", "1"]);
    assert!(
        run.stderr.contains("subunit run: unittest (there is tests/test_broken.py)"),
        "{run:?}"
    );
    run.assert_results(&[
        ("tests.test_u.A.test_pass", Status::Success),
        ("tests.test_u.A.test_fail", Status::Fail),
        ("tests.test_u.A.test_error", Status::Fail),
        ("tests.test_u.A.test_skip", Status::Skip),
        ("tests.test_u.A.test_xfail", Status::ExpectedFailure),
        ("tests.test_u.A.test_ux", Status::UnexpectedSuccess),
        ("tests.test_u.A.test_subs", Status::Fail),
        ("tests.test_u.A.test_output", Status::Fail),
        ("setUpClass (tests.test_u.B)", Status::Fail),
        ("tests.test_u.B.test_1", Status::Fail),
        ("tests.test_u.B.test_2", Status::Fail),
        ("setUpClass (tests.test_u.S)", Status::Skip),
        ("tests.test_u.S.test_1", Status::Skip),
        ("tests.test_u.S.test_2", Status::Skip),
        ("tests.test_u.T.test", Status::Success),
        ("tearDownClass (tests.test_u.T)", Status::Fail),
        ("setUpModule (tests.test_mod)", Status::Skip),
        ("tests.test_mod.M.test", Status::Skip),
        ("tests.test_mod.N.test", Status::Skip),
        ("unittest.loader._FailedTest.tests.test_broken", Status::Fail),
    ]);
    let order = fs::read_to_string(project.folder().join("order.log")).unwrap();
    assert_eq!(order, "+A\nbody\n-A\n", "a class is set up once");
}

#[test]
fn the_options_of_a_command_stay() {
    let project = project();
    let words = ["--jobs", "1", "--", "python3", "-m", "unittest", "-b", "-k", "output"];
    let output = project.command().args(["--show", "all"]).args(words).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("  stdout:\n    said here\n"), "{shown}");
    let words = ["--jobs", "1", "--", "python3", "-m", "unittest", "tests.test_u.S"];
    let mut ids = run(&project, &words).sorted_ids();
    ids.retain(|id| !id.starts_with("setUp"));
    assert_eq!(ids, ["tests.test_u.S.test_1", "tests.test_u.S.test_2"]);
}

#[test]
fn a_test_that_ends_its_process_is_red_and_the_others_run() {
    let project = Project::bare();
    let tests = "import os, unittest\nclass A(unittest.TestCase):\n  def test_1(self): pass\n  \
                 def test_2(self): os._exit(0)\n  def test_3(self): pass\n";
    project.write("test_x.py", tests);
    let mut plain = Command::new("python3");
    plain.args(["-m", "unittest"]).current_dir(project.folder());
    assert_eq!(plain.output().unwrap().status.code(), Some(0), "unittest does not notice");
    let run = run(&project, &["--jobs", "1"]);
    run.assert_results(&[
        ("test_x.A.test_1", Status::Success),
        ("test_x.A.test_2", Status::Fail),
        ("test_x.A.test_3", Status::Success),
    ]);
}

/// A project whose worker is a file in Python that uses the modules.
fn worker_in_python(text: &str) -> Project {
    let project = Project::new("", true);
    project.write("worker.py", text);
    project.write(
        "subunit.toml",
        "test_command = 'python3 ./worker.py $LISTOPT'\ntest_list_option = '--list'\n\
         incremental = true\nconsole = true\nenvironment = { PYTHONPATH = '.subunit-python' }\n",
    );
    let output = project.verb("run").args(["--python-worker", ".subunit-python"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.ends_with("into .subunit-python: subunit_packets.py, subunit_unittest.py\n"),
        "{said}"
    );
    project
}

#[test]
fn any_suite_is_a_worker_with_the_modules() {
    let project = worker_in_python(include_str!("../../../../docs/worker.py"));
    let run = run(&project, &["--jobs", "2"]);
    run.assert_results(&[
        ("numbers.0", Status::Success),
        ("numbers.1", Status::Success),
        ("numbers.2", Status::Success),
        ("numbers.3", Status::Fail),
        ("numbers.4", Status::Success),
    ]);
    let some = self::run(&project, &["--jobs", "1", "numbers.4"]);
    some.assert_results(&[("numbers.4", Status::Success)]);
    // Without ids all run, and results are on standard output.
    let mut alone = Command::new("python3");
    alone.arg("worker.py").current_dir(project.folder()).env("PYTHONPATH", ".subunit-python");
    let alone = Ran::of(&alone.output().unwrap());
    assert_eq!(alone.results.len(), 5, "{alone:?}");
}

const TESTTOOLS: &str = r#"
import sys
import testtools, unittest
from testtools.content import text_content, Content, ContentType
import subunit_unittest

class T(testtools.TestCase):
    def test_detail(self):
        self.addDetail("log", text_content("said"))
        self.addDetail("image", Content(ContentType("image", "png"), lambda: [b"\x89P", b"NG"]))
    def test_fail(self):
        self.addDetail("log", text_content("before"))
        self.assertEqual(1, 2)
    def test_skip(self):
        self.skipTest("not here")
    def test_xfail(self):
        self.expectFailure("known", self.assertEqual, 1, 2)
    def test_ux(self):
        self.expectFailure("known", self.assertEqual, 1, 1)

class Tagged(subunit_unittest.PacketResult):
    def startTest(self, test):
        super().startTest(test)
        self.tags({"slow"}, set())

suite = unittest.TestLoader().loadTestsFromTestCase(T)
subunit_unittest.work(suite, "--list" in sys.argv, Tagged())
"#;

#[test]
fn details_and_tags_of_testtools_are_files_and_tags() {
    let project = worker_in_python(TESTTOOLS);
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/pytest/9/bin");
    let path = format!("{python}:{}", std::env::var("PATH").unwrap());
    let mut command = project.command();
    let output = command.env("PATH", path).args(["--subunit", "--jobs", "1"]).output().unwrap();
    let run = Ran::of(&output);
    run.assert_results(&[
        ("__main__.T.test_detail", Status::Success),
        ("__main__.T.test_fail", Status::Fail),
        ("__main__.T.test_skip", Status::Skip),
        ("__main__.T.test_xfail", Status::ExpectedFailure),
        ("__main__.T.test_ux", Status::UnexpectedSuccess),
    ]);
    let mut files = Vec::new();
    for item in items(&output.stdout) {
        let Item::Packet(packet) = item else { panic!("{item:?}") };
        let event = packet.event();
        if let (Some(test), Some(file)) = (event.test_id, event.file) {
            let text = String::from_utf8_lossy(file.bytes).into_owned();
            files.push((
                test.to_owned(),
                file.name.to_owned(),
                event.mime_type.map(str::to_owned),
                text,
            ));
        }
        if event.status.is_some_and(Status::is_final) {
            assert!(event.tags.is_some_and(|tags| tags.contains("slow")), "{event:?}");
        }
    }
    let of = |test: &str, name: &str| {
        let mut found = files.iter().filter(|file| file.0.ends_with(test) && file.1 == name);
        found.next().map(|file| (file.2.as_deref().unwrap_or_default(), file.3.as_str()))
    };
    assert_eq!(of("detail", "image"), Some(("image/png", "\u{fffd}PNG")));
    assert_eq!(of("detail", "log").unwrap().1, "said");
    assert_eq!(of("fail", "log").unwrap().1, "before");
    let (mime_type, text) = of("fail", "traceback").unwrap();
    assert!(mime_type.starts_with("text/x-traceback") && text.contains("1 != 2"), "{text}");
    assert_eq!(of("skip", "reason").unwrap().1, "not here");
}
