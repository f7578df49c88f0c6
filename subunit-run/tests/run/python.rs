//! Workers in Python.

use subunit_core::Status;

use crate::project::Project;

#[test]
fn the_stack_of_a_hung_test_is_in_its_failure() {
    let project = Project::new("", false);
    let emit = include_str!("../data/runners/kit/emit.py");
    project.write("emit.py", emit);
    project.write("tests.json", r#"[{"id": "a.hangs", "sleep": 1000}, {"id": "b.passes"}]"#);
    project.configure("test_command=python3 ./emit.py $LISTOPT $IDOPTION");
    let run = project.run(&["--jobs", "2", "--test-timeout", "0.3s"]);
    run.assert_results(&[("a.hangs", Status::Fail), ("b.passes", Status::Success)]);
    let reason = run.reason("a.hangs");
    assert!(reason.contains("timeout: `a.hangs` has been running for 0."), "{reason}");
    assert!(reason.contains("emit.py\", line "), "{reason}");
}
