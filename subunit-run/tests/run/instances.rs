//! Workers on instances that commands of the configuration provide.

use std::io::{Read, Write};

use subunit_core::{Event, FileChunk, RouteCode, Status, conventions::CAPABILITIES};
use subunit_mux::NEVER_RUN;

use crate::{
    outside::{Running, Watched, is_prompt, join, typed},
    project::{Project, program},
};

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
    assert_eq!(run.reason("a.pass"), "never run: no worker is left\n");
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

/// What stands for ssh: it runs the line that is for the other machine, with the host's name in HOST. Hosts
/// that begin with `down` are not there.
const SSH: &str = r#"#!/bin/sh
for word; do host=$line; line=$word; done
case $host in down*) echo "ssh: $host: no route" >&2; exit 255;; esac
HOST=$host exec sh -c "$line"
"#;

/// What stands for `cksum` of what a machine says of itself: the file named as the host says it.
const SUM: &str = "#!/bin/sh\ncat > /dev/null\ncat \"$HOME/id-$HOST\"\n";

/// A project with hosts that a false ssh reaches, and with `subunit`, which only knows `worker`.
fn far_project(list: &str, incremental: bool, lines: &str) -> Project {
    let project = Project::new(list, incremental);
    for (name, text) in [("ssh", SSH), ("cksum", SUM)] {
        project.script(name, text);
    }
    project.script(
        "subunit",
        &format!("#!/bin/sh\nexec {} \"$@\"\n", program("far_worker").display()),
    );
    for host in ["a", "b"] {
        project.write(&format!("id-{host}"), host);
    }
    let lines = lines.replace("FOLDER", &project.folder().display().to_string());
    project.toml(&lines);
    project
}

const HOSTS: &str = "[[instance]]\nname = 'one'\nhost = 'a'\nslots = 2\n\
    sync = 'echo $INSTANCE_ID >> synced'\ndirectory = 'FOLDER'\n\
    activate = 'echo $HOST $SUBUNIT_WORKER $FLAVOUR $PWD >> used'\n\
    [[instance]]\nname = 'two'\nhost = 'b'\ndirectory = 'FOLDER'\n\
    activate = 'echo $HOST $SUBUNIT_WORKER $FLAVOUR $PWD >> used'\n[environment]\nFLAVOUR = \"it's\"\n";

#[test]
fn tests_run_on_hosts_that_are_named() {
    for incremental in [true, false] {
        let list = "a.sleep-20\nb.fail\nc.print\nd.pass\ne.pass\nf.pass\n";
        let project = far_project(list, incremental, HOSTS);
        let run = project.run(&[]);
        let ended = |name| (name, Status::Success);
        let mut expected =
            ["a.sleep-20", "c.print", "d.pass", "e.pass", "f.pass"].map(ended).to_vec();
        expected.push(("b.fail", Status::Fail));
        run.assert_results(&expected);
        let text = |name| std::fs::read_to_string(project.folder().join(name)).unwrap();
        assert_eq!(text("synced"), "one\n", "once, though two workers run there");
        let used = text("used");
        let folder = project.folder().display();
        for (host, worker) in [("a", "0"), ("b", "1"), ("a", "2")] {
            let line = format!("{host} {worker} it's {folder}");
            assert!(used.lines().any(|used| used == line), "{line}: {used}");
        }
        assert!(used.lines().next().unwrap().starts_with("a it's"), "the listing: {used}");
    }
}

#[test]
fn a_worker_on_a_host_is_answered() {
    for incremental in [true, false] {
        let lines = format!("debug_prompt_regex = '^\\(a\\.ask\\)'\n{HOSTS}");
        let project = far_project("a.ask\n", incremental, &lines);
        let mut run = Running::start(&project, &["--jobs", "1"]);
        let mut stream = Watched::new(run.0.stdout.take().unwrap());
        stream.find(|event| is_prompt(event, "0"));
        let mut guest = Watched::new(join(&project));
        guest.input.write_all(&typed("0", "from here\n")).unwrap();
        assert_eq!(stream.find_result(), (Status::Success, "answered: from here\n".to_owned()));
        stream.input.read_to_end(&mut Vec::new()).unwrap();
        assert_eq!(run.0.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn results_beside_a_console_come_from_hosts_too() {
    let project = far_project("a.pass\nb.imitate\nc.fail\nd.print\n", true, HOSTS);
    let hosts = HOSTS.replace("FOLDER", &project.folder().display().to_string());
    let listed = "test_list_option = '--list'\n";
    // The listing goes to standard output: nothing takes its results elsewhere.
    let command = format!(
        "test_command = 'case \"$LISTOPT\" in \"\") set -- --results;; *) set -- $LISTOPT;; esac; exec {} \"$@\"'\n",
        crate::project::worker().display()
    );
    project.write(
        "subunit.toml",
        &format!("{command}{listed}incremental = true\nconsole = true\n{hosts}"),
    );
    let run = project.run(&[]);
    run.assert_results(&[
        ("a.pass", Status::Success),
        ("b.imitate", Status::Success),
        ("c.fail", Status::Fail),
        ("d.print", Status::Success),
    ]);
    assert!(run.text("stdout").contains("not ok 1 - imitated\n"), "{run:?}");
}

#[test]
fn a_worker_says_on_which_instance_it_runs() {
    let lines = "instance_provision = 'echo one two'\ninstance_execute = '$COMMAND'\n";
    let project = Project::new("a.pass\nb.pass\n", false);
    project.toml(lines);
    let said = project.run(&["--jobs", "2"]).text("worker");
    for instance in ["one", "two"] {
        let key = format!(r#""instance":"{instance}""#);
        assert_eq!(said.matches(&key).count(), 2, "at the start and at the end: {said}");
    }
    assert!(said.contains(r#""state":"started""#) && said.contains(r#""state":"ended""#), "{said}");
    let here = Project::new("a.pass\n", false).run(&[]).text("worker");
    assert!(here.contains(r#""by":"run""#) && !here.contains("instance"), "{here}");
}

#[test]
fn a_host_that_is_not_there_is_left_out_by_name() {
    let lines = format!("{HOSTS}[[instance]]\nname = 'three'\nhost = 'down3'\n");
    let project = far_project("a.pass\n", false, &lines);
    let run = project.run(&[]);
    run.assert_results(&[("a.pass", Status::Success)]);
    assert!(run.stderr.contains("instance three is left out: "), "{}", run.stderr);
    let project = far_project("a.pass\n", false, "[[instance]]\nname = 'one'\nhost = 'down'\n");
    let run = project.run(&[]);
    assert_eq!(run.exit, Some(2));
    assert!(run.stderr.contains("no instance can be used: "), "{}", run.stderr);
}

#[test]
fn two_names_of_one_machine_are_an_error() {
    let project = far_project("a.pass\n", true, HOSTS);
    project.write("id-b", "a");
    let run = project.run(&[]);
    assert_eq!(run.exit, Some(2));
    assert!(run.stderr.contains("instances one and two are one and the same"), "{}", run.stderr);
    let provided = "instance_provision = 'echo one two'\ninstance_execute = '$COMMAND'\n\
        instance_dispose = 'echo $INSTANCE_IDS > ended'\n";
    let project = Project::new("a.pass\n", false);
    project.toml(&format!("{provided}instance_identity = 'echo me'\n"));
    let run = project.run(&["--jobs", "2"]);
    assert_eq!(run.exit, Some(2));
    assert!(run.stderr.contains("instances one and two are one and the same"), "{}", run.stderr);
    let ended = std::fs::read_to_string(project.folder().join("ended")).unwrap();
    assert_eq!(ended, "one two\n", "they are ended all the same");
    project.toml(provided);
    assert_eq!(project.run(&["--jobs", "2"]).exit, Some(0), "nobody asks");
}

#[test]
fn an_instance_that_becomes_another_one_gets_no_more_tests() {
    for incremental in [true, false] {
        // After the listing it is another machine.
        let project = far_project("a.pass\nb.pass\nc.pass\n", incremental, HOSTS);
        project.script(
            "cksum",
            &format!("{SUM}test -z \"$SUBUNIT_RUN_ID\" || echo other > \"$HOME/id-a\"\n"),
        );
        let run = project.run(&[]);
        let mut expected = ["a.pass", "b.pass", "c.pass"].map(|id| (id, Status::Success)).to_vec();
        expected.push(("(instance)", Status::Fail));
        run.assert_results(&expected);
        assert_eq!(run.exit, Some(1));
        assert!(run.reason("(instance)").starts_with("instance one is left out"), "{run:#?}");
        let why = run.text("stderr");
        assert!(why.contains("instance one is not what it was"), "{why}");
        let on_the_other = run.results.iter().filter(|end| end.route.as_deref() == Some("1"));
        assert_eq!(on_the_other.count(), 3, "{run:#?}");
    }
}

/// A place that is there until its worker dies, and then it is not.
const MORTAL: &str = "#!/bin/sh\nid=$1\nshift\ntest ! -e dead-$id || exit 7\n\"$@\"\nstatus=$?\n\
    test $status -eq 0 || : > dead-$id\nexit $status\n";

#[test]
fn tests_of_an_instance_that_goes_away_run_on_others() {
    for incremental in [true, false] {
        let list = "a.kill\nb.pass\nc.pass\nd.sleep-100\ne.pass\nf.pass\ng.pass\nh.pass\n";
        let project = far_project(list, incremental, "");
        project.script("place", MORTAL);
        project.toml(
            "instance_provision = 'echo one two'\ninstance_execute = 'place $INSTANCE_ID $COMMAND'\n",
        );
        let run = project.run(&["--jobs", "2"]);
        let mut expected = vec![("a.kill", Status::Fail), ("(worker)", Status::Fail)];
        let passed = ["b.pass", "c.pass", "d.sleep-100", "e.pass", "f.pass", "g.pass", "h.pass"];
        expected.extend(passed.map(|test_id| (test_id, Status::Success)));
        run.assert_results(&expected);
        let reason = run.reason("(worker)");
        let gone = if project.folder().join("dead-one").exists() { "one" } else { "two" };
        assert!(reason.contains(&format!(" on instance {gone} is not started again")), "{reason}");
    }
}

#[test]
fn an_instance_that_fails_its_check_later_is_left_out_at_once() {
    let list = "a.kill\nb.pass\nc.pass\nd.sleep-100\ne.pass\nf.pass\ng.pass\nh.pass\n";
    for incremental in [true, false] {
        let project = far_project(list, incremental, "");
        project.script("place", MORTAL);
        project.toml(
            "instance_provision = 'echo one two'\ninstance_execute = 'place $INSTANCE_ID $COMMAND'\n\
             instance_check = 'test ! -e dead-$INSTANCE_ID'\n",
        );
        let run = project.run(&["--jobs", "2"]);
        let mut expected = vec![("a.kill", Status::Fail), ("(instance)", Status::Fail)];
        let passed = ["b.pass", "c.pass", "d.sleep-100", "e.pass", "f.pass", "g.pass", "h.pass"];
        expected.extend(passed.map(|test_id| (test_id, Status::Success)));
        run.assert_results(&expected);
        let gone = if project.folder().join("dead-one").exists() { "one" } else { "two" };
        let expected = format!("instance {gone} is left out");
        assert!(run.reason("(instance)").starts_with(&expected), "{run:#?}");
    }
}

#[test]
fn another_version_there_is_told_once() {
    let project = Project::new("a.pass\nb.pass\n", true);
    let content = br#"{"version":1,"takes":["tests"],"release":"0.0.9"}"#;
    let file = Some(FileChunk { name: CAPABILITIES, bytes: content });
    std::fs::write(
        project.folder().join("announcement"),
        packet(&Event { file, ..Event::default() }),
    )
    .unwrap();
    project.toml(&one_instance("cat announcement"));
    let run = project.run(&["--jobs", "1"]);
    let told = run.text("stderr");
    let expected = "subunit is version 0.0.9 on instance one, and ";
    assert!(told.starts_with(expected) && told.matches(expected).count() == 1, "{told}");
    assert!(told.ends_with(" here: install one version on both\n"), "{told}");
}

#[test]
fn a_host_without_subunit_is_left_out_by_name() {
    let project = far_project("a.pass\n", true, HOSTS);
    std::fs::remove_file(project.folder().join("bin/subunit")).unwrap();
    let lines = "[[instance]]\nname = 'one'\nhost = 'a'\ndirectory = 'FOLDER'\n\
        activate = 'PATH=/usr/bin:/bin'\n";
    project.toml(&lines.replace("FOLDER", &project.folder().display().to_string()));
    let run = project.run(&[]);
    run.assert_results(&[("(instance)", Status::Fail), ("a.pass", Status::Fail)]);
    let why = run.text("stderr");
    assert!(why.contains("instance one has no program `subunit`: install it there"), "{why}");
}

/// The first place has a test and goes away when the other one has ended all others.
const LATE: &str = "#!/bin/sh\nid=$1\nshift\ncase \"$*\" in *--list*) exec \"$@\";; esac\n\
    case $id in two) \"$@\" | tee written;; *) until grep -q b.pass written; do sleep 0.05; done; exit 255;; esac\n";

#[test]
fn a_worker_that_has_nothing_more_to_do_waits_for_what_others_may_lose() {
    let project = far_project("a.pass\nb.pass\n", true, "");
    project.write("written", "");
    project.script("place", LATE);
    project.toml(
        "instance_provision = 'echo one two'\ninstance_execute = 'place $INSTANCE_ID $COMMAND'\n",
    );
    let run = project.run(&["--jobs", "2"]);
    run.assert_results(&[
        ("(worker)", Status::Fail),
        ("a.pass", Status::Success),
        ("b.pass", Status::Success),
    ]);
}

#[test]
fn a_prompt_below_a_multiplexer_is_told_with_its_whole_route() {
    let project = Project::new("a.pass\n", true);
    announce(&project);
    let route_code = Some(RouteCode::new("7"));
    let printed = |bytes| {
        let file = Some(FileChunk { name: "stdout", bytes });
        packet(&Event { route_code, file, ..Event::default() })
    };
    let of_test = |status| packet(&Event { route_code, ..Event::status("a.pass", status) });
    let said = [
        of_test(Status::InProgress),
        printed(b"> a.py(1)\n(Pdb) "),
        printed(b"1 + 1\n2\n(Pdb) "),
        printed(b"\n"),
        of_test(Status::Success),
    ];
    std::fs::write(project.folder().join("said"), said.concat()).unwrap();
    project.toml(&one_instance("cat announcement; head -c 1 > begun; cat said; cat > rest"));
    let run = project.run(&["--jobs", "1", "--debug"]);
    run.assert_results(&[("a.pass", Status::Success)]);
    let told = r#"{"open":true,"text":"(Pdb) "}{"open":false,"text":""}"#;
    assert_eq!(run.text("prompt"), told);
    assert_eq!(project.run(&["--jobs", "1"]).text("prompt"), "", "nobody can answer");
}
