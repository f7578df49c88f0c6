//! Workers on instances that commands of the configuration provide.

use subunit_core::{Event, FileChunk, Status, conventions::CAPABILITIES};
use subunit_mux::NEVER_RUN;

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

/// The bytes of an event, for a worker to print.
fn packet(event: &Event<'_>) -> Vec<u8> {
    let mut packet = Vec::new();
    event.encode(&mut packet).unwrap();
    packet
}

/// What a worker prints that takes tests in packets.
fn announce(project: &Project) {
    let file = Some(FileChunk { name: CAPABILITIES, bytes: b"tests" });
    let announcement = packet(&Event { file, ..Event::default() });
    std::fs::write(project.folder().join("announcement"), announcement).unwrap();
}

/// One instance, on which tests are listed as usual and run by this line.
fn one_instance(worker: &str) -> String {
    let execute = format!("case \"$COMMAND\" in *--list*) $COMMAND;; *) {worker};; esac");
    format!("instance_provision = 'echo one'\ninstance_execute = '''{execute}'''\n")
}

#[test]
fn a_worker_that_gives_its_test_back_is_not_waited_for() {
    let project = Project::new("a.pass\n", true);
    announce(&project);
    let tags = [NEVER_RUN].into_iter().collect();
    let given_back = packet(&Event::status("a.pass", Status::Fail).with_tags(&tags));
    std::fs::write(project.folder().join("given-back"), given_back).unwrap();
    let worker = "cat announcement; head -c 1 > begun; cat given-back; cat > rest";
    project.toml(&one_instance(worker));
    let run = project.run(&["--jobs", "1"]);
    run.assert_results(&[("(worker)", Status::Fail), ("a.pass", Status::Fail)]);
    assert_eq!(run.reason("a.pass"), "3 workers ended before they said that it had begun\n");
}

#[test]
fn a_worker_that_closes_its_standard_input_is_given_up() {
    let project = Project::new("a.pass\nb.pass\n", true);
    announce(&project);
    project.toml(&one_instance("exec <&-; cat announcement"));
    let run = project.run(&["--jobs", "1"]);
    run.assert_results(&[
        ("(worker)", Status::Fail),
        ("a.pass", Status::Fail),
        ("b.pass", Status::Fail),
    ]);
}
