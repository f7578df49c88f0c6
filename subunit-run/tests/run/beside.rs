//! Workers that write results beside their standard output.

use subunit_core::Status;

use crate::{WAYS, project::Project};

/// A project whose worker writes results to `$SUBUNIT_RESULT_FD`.
fn project(list: &str, incremental: bool, lines: &str) -> Project {
    let project = Project::new(list, incremental);
    project.toml_with(" --results", lines);
    project
}

#[test]
fn a_console_is_text_whatever_it_looks_like() {
    for incremental in WAYS {
        for pty in [false, true] {
            let list = "a.pass\nb.imitate\nc.fail\nd.print\n";
            let project = project(list, incremental, "console = true");
            let options: &[&str] = if pty { &["--jobs", "2", "--pty"] } else { &["--jobs", "2"] };
            let run = project.run(options);
            run.assert_results(&[
                ("a.pass", Status::Success),
                ("b.imitate", Status::Success),
                ("c.fail", Status::Fail),
                ("d.print", Status::Success),
            ]);
            assert!(run.text("stdout").contains("not ok 1 - imitated\n"), "{run:?}");
            assert!(run.text("stdout").contains("printed by d.print\n"), "{run:?}");
            assert_eq!(run.exit, Some(1));
        }
    }
}

#[test]
fn both_outputs_are_read_unless_one_is_a_console() {
    for incremental in WAYS {
        let run = project("a.pass\nb.print\n", incremental, "").run(&["--jobs", "1"]);
        run.assert_results(&[("a.pass", Status::Success), ("b.print", Status::Success)]);
        assert_eq!(run.text("stdout"), "printed by b.print\n");
        // What is said on standard output counts as well.
        let run = project("b.imitate\n", incremental, "").run(&["--jobs", "1"]);
        let imitated = run.results.iter().find(|end| end.test_id == "imitated");
        assert_eq!(imitated.map(|end| end.status), Some(Status::Fail), "{run:?}");
    }
}

#[test]
fn a_crash_of_a_console_blames_the_test_that_ran() {
    for incremental in WAYS {
        let project = project("a.pass\nb.kill\nc.pass\n", incremental, "console = true");
        let run = project.run(&["--jobs", "1"]);
        run.assert_results(&[
            ("a.pass", Status::Success),
            ("b.kill", Status::Fail),
            ("c.pass", Status::Success),
        ]);
        assert!(run.reason("b.kill").contains("SIGKILL"), "{run:?}");
    }
}

#[test]
fn a_run_within_a_run_writes_results_of_its_own() {
    let inner = project("a.pass\nb.imitate\n", true, "console = true");
    let outer = Project::new("", false);
    let program = env!("CARGO_BIN_EXE_subunit-run");
    let folder = inner.folder().display();
    outer.write(
        "inner.sh",
        &format!(
            "cd {folder}\ncase \"$*\" in\n*--list*) exec {program} list --subunit ;;\n\
             *) exec {program} run --subunit ;;\nesac\n"
        ),
    );
    outer.configure("test_command=sh ./inner.sh $LISTOPT $IDOPTION");
    let run = outer.run(&["--jobs", "1"]);
    run.assert_results(&[("a.pass", Status::Success), ("b.imitate", Status::Success)]);
}
