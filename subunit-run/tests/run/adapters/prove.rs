//! The adapter of prove.

use std::fs;

use subunit_core::Status::{Fail, Skip, Success as Pass};

use super::runners::{command, project, run};
use crate::project::{Project, Ran};

#[test]
fn each_file_is_a_test_and_its_points_are_told() {
    let run = run(&project("prove"), &["--jobs", "2"]);
    assert_results(&run);
}

fn assert_results(run: &Ran) {
    run.assert_results(&[
        ("t/a.t", Pass),
        ("t/a.t: one", Pass),
        ("t/a.t: two", Pass),
        ("t/b.t", Fail),
        ("t/b.t: one", Pass),
        ("t/b.t: two", Fail),
        ("t/c.t", Skip),
        ("t/d.t", Fail),
        ("t/d.t: one", Pass),
        ("t/d.t: plan", Fail),
    ]);
}

/// What `run` says where prove loads a module that writes a line into the file `loaded`, and those lines.
fn run_with_loads(project: &Project, arguments: &[&str]) -> (Ran, String) {
    let module = "package Loaded; open my $f, '>>', 'loaded' or die; print {$f} \"once\\n\"; 1;\n";
    project.write("Loaded.pm", module);
    project.write(".proverc", "-MLoaded\n");
    let mut command = command(project);
    command.env("PERL5LIB", project.folder());
    command.args(["--subunit", "--no-history", "--jobs", "1"]).args(arguments);
    let run = Ran::of(&command.output().unwrap());
    (run, fs::read_to_string(project.folder().join("loaded")).unwrap())
}

#[test]
fn a_worker_loads_prove_once_for_all_its_files() {
    let (run, loads) = run_with_loads(&project("prove"), &[]);
    assert_results(&run);
    assert_eq!(loads, "once\n");
}

#[test]
fn a_prove_that_takes_no_plugin_is_loaded_for_each_file() {
    let project = project("prove");
    let old = "#!/bin/sh\nfor word; do [ \"$word\" != -P ] || exit 2; done\nexec prove \"$@\"\n";
    project.script("old/prove", old);
    let (run, loads) = run_with_loads(&project, &["--", "bin/old/prove"]);
    assert_results(&run);
    assert_eq!(loads, "once\n".repeat(4));
}
