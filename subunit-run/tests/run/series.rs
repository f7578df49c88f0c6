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
