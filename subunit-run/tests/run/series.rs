//! Series and variants of runs.

use serde_json::Value;

use crate::project::Project;

#[test]
fn a_series_is_the_branch_and_the_variant_unless_told() {
    let project = Project::new("a.env-a\n", true);
    project.toml(
        "[[override]]\nseries = 'topic'\nvariant = 'other'\n[override.environment]\nFLAVOUR = 'a'",
    );
    std::fs::create_dir(project.folder().join(".git")).unwrap();
    let hash = "0123456789abcdef0123456789abcdef01234567";
    project.write(".git/HEAD", "ref: refs/heads/topic\n");
    project.write(".git/packed-refs", &format!("{hash} refs/heads/topic\n"));
    for (options, series, passes) in [
        (&[][..], "topic", false),
        (&["--variant", "other"], "topic/other", true),
        (&["--series", "nightly", "--variant", "other"], "nightly", false),
        (&["--series", "topic", "--variant", "other"], "topic", true),
    ] {
        let run = project.run(options);
        let said: Value = serde_json::from_str(&run.text("run")).unwrap();
        assert_eq!(said["series"], series, "{said}");
        assert_eq!(run.exit, Some(i32::from(!passes)), "{run:?}");
    }
    let shown = project.command().args(["--show-config=a.env-a", "--variant=other"]).output();
    assert!(String::from_utf8(shown.unwrap().stdout).unwrap().contains("FLAVOUR"));
}

#[test]
fn a_run_of_changed_files_is_none_of_the_revision() {
    let project = Project::new("a.env-a\n", true);
    let passes = "[[override]]\nseries = 's'\n[override.environment]\nFLAVOUR = 'a'";
    project.toml(passes);
    project.git(&["init", "-q"]);
    project.git(&["add", "subunit.toml", "tests.list"]);
    project.git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "one"]);
    for (configuration, dirty, exit) in [(passes, false, 0), ("", true, 1), ("", true, 1)] {
        project.toml(configuration);
        let run = project.run(&["--series", "s"]);
        let said: Value = serde_json::from_str(&run.text("run")).unwrap();
        assert_eq!((&said["dirty"], run.exit), (&dirty.into(), Some(exit)), "{said} {run:?}");
    }
    // The change broke the test, which is not flaky for that.
    let said = |verb| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_subunit-run"));
        let output = command.arg(verb).current_dir(project.folder()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(said("broken").contains("a.env-a"), "{}", said("broken"));
    assert!(!said("flaky").contains("a.env-a"), "{}", said("flaky"));
}
