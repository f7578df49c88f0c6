//! Workers on instances that commands of the configuration provide.

use subunit_core::{Event, FileChunk, Status, conventions::CAPABILITIES};

use crate::project::Project;

/// Provides two instances, and runs commands in them by `sh`.
const INSTANCES: &str = "instance_provision = 'echo one two'\ninstance_dispose = 'echo $INSTANCE_IDS > ended'\n\
    instance_execute = 'echo $INSTANCE_ID >> used; $COMMAND'\n";

#[test]
fn workers_run_on_instances_that_are_ended_then() {
    let project = Project::new("a.pass\nb.fail\n", false);
    project.toml(INSTANCES);
    let run = project.run(&["--jobs", "2"]);
    run.assert_results(&[("a.pass", Status::Success), ("b.fail", Status::Fail)]);
    let text = |name| std::fs::read_to_string(project.folder().join(name)).unwrap();
    assert_eq!(text("ended"), "one two\n");
    let used = text("used");
    assert!(used.contains("one") && used.contains("two"), "{used}");
}

#[test]
fn a_worker_that_closes_its_standard_input_is_given_up() {
    let project = Project::new("a.pass\nb.pass\n", true);
    let file = Some(FileChunk { name: CAPABILITIES, bytes: b"tests" });
    let mut announcement = Vec::new();
    Event { file, ..Event::default() }.encode(&mut announcement).unwrap();
    std::fs::write(project.folder().join("announcement"), announcement).unwrap();
    let worker = "exec <&-; cat announcement";
    let execute = format!("case \"$COMMAND\" in *--list*) $COMMAND;; *) {worker};; esac");
    project.toml(&format!("instance_provision = 'echo one'\ninstance_execute = '''{execute}'''\n"));
    let run = project.run(&["--jobs", "1"]);
    run.assert_results(&[
        ("(worker)", Status::Fail),
        ("a.pass", Status::Fail),
        ("b.pass", Status::Fail),
    ]);
}
