//! Which earlier test makes a test fail.

use crate::project::Project;

#[test]
fn the_test_that_spoils_another_one_is_found() {
    for incremental in [true, false] {
        let list = "a.pass\nb.spoil\nc.pass\nd.fail\ne.pass\nf.spoiled\ng.pass\n";
        let project = Project::new(list, incremental);
        assert_eq!(project.run(&["--jobs", "1"]).exit, Some(1));
        let output = project.command().arg("--analyze-isolation").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let mut lines: Vec<_> = said.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["d.fail: (it fails alone)", "f.spoiled: b.spoil"], "{output:?}");
        assert_eq!(output.status.code(), Some(1));
        // The last run is still that of all tests.
        assert_eq!(
            project.run(&["--failing", "--jobs", "1"]).sorted_ids(),
            ["d.fail", "f.spoiled"]
        );
    }
    let project = Project::new("a.pass\n", true);
    let output = project.command().arg("--analyze-isolation").output().unwrap();
    assert_eq!(output.status.code(), Some(4));
}
