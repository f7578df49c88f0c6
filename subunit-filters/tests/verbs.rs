//! What `tags`, `to-csv`, `to-disk`, `to-junit`, `links`, `notify` and `combine` make of streams.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use subunit_core::{Event, FileChunk, Item, RouteCode, Status, TagsBuf, Timestamp, items};

#[path = "support/alone.rs"]
mod alone;

/// What a run of the command left behind.
struct Run {
    status: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
}

fn run_in(folder: &Path, words: &[&str], stdin: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_subunit"))
        .args(words)
        .current_dir(folder)
        .env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut input, bytes) = (child.stdin.take().unwrap(), stdin.to_vec());
    // A command need not read all of its input.
    let feeder = std::thread::spawn(move || drop(input.write_all(&bytes)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Run { status: output.status.code(), stdout: output.stdout, stderr }
}

fn run(words: &[&str], stdin: &[u8]) -> Run {
    run_in(tempfile::tempdir().unwrap().path(), words, stdin)
}

fn stream(events: &[Event<'_>]) -> Vec<u8> {
    let mut stream = Vec::new();
    events.iter().for_each(|event| event.encode(&mut stream).unwrap());
    stream
}

fn at(seconds: u32, event: Event<'_>) -> Event<'_> {
    Event { timestamp: Some(Timestamp::new(1_700_000_000 + seconds, 500_000_000)), ..event }
}

fn tags_of(stream: &[u8]) -> Vec<Option<Vec<String>>> {
    let tags = |item| match item {
        Item::Packet(packet) => {
            let tags = packet.event().tags;
            Some(tags.map(|tags| tags.iter().map(str::to_owned).collect()))
        }
        _ => None,
    };
    items(stream).filter_map(tags).collect()
}

#[test]
fn tags_are_added_and_taken_off_and_other_packets_stay_as_they_are() {
    let slow: TagsBuf = ["slow"].into_iter().collect();
    let input = [
        stream(&[Event::status("a", Status::Success)]),
        b"text\n".to_vec(),
        stream(&[Event { tags: Some(slow.as_tags()), ..Event::status("b", Status::Success) }]),
    ]
    .concat();
    let out = run(&["tags", "--add", "w0", "--remove", "slow"], &input).stdout;
    let w0 = Some(vec!["w0".to_owned()]);
    assert_eq!(tags_of(&out), [w0.clone(), w0]);
    assert!(out.windows(5).any(|window| window == b"text\n"));
    let out = run(&["tags", "--remove", "slow"], &input).stdout;
    assert_eq!(tags_of(&out), [None, None]);
    assert_eq!(run(&["tags", "--remove", "other"], &input).stdout, input);
}

#[test]
fn a_table_has_a_row_for_every_test() {
    let slow: TagsBuf = ["slow", "net"].into_iter().collect();
    let done = at(2, Event::status("a, \"b\"", Status::Fail));
    let route_code = Some(RouteCode::new("0/1"));
    let input = stream(&[
        Event { route_code, ..at(0, Event::status("a, \"b\"", Status::InProgress)) },
        Event { tags: Some(slow.as_tags()), route_code, ..done },
        Event::status("hung", Status::InProgress),
    ]);
    let run = run(&["to-csv"], &input);
    let expected = "test,status,start,stop,seconds,tags,route\r\n\
        \"a, \"\"b\"\"\",fail,2023-11-14T22:13:20.500000000Z,2023-11-14T22:13:22.500000000Z,\
        2.000000,slow net,0/1\r\n\
        hung,inprogress,,,,,\r\n";
    assert_eq!(String::from_utf8(run.stdout).unwrap(), expected);
    assert_eq!(run.status, Some(1));
}

#[test]
fn a_test_that_never_ended_is_red_whoever_keeps_the_open_ones() {
    let ended = [Event::status("a", Status::InProgress), Event::status("a", Status::Success)];
    let hung = [ended[0], ended[1], Event::status("a", Status::InProgress)];
    for verb in ["to-csv", "to-junit", "to-jsonl", "ls", "stats"] {
        let status = |events| run(&[verb], &stream(events)).status;
        assert_eq!((status(&ended), status(&hung)), (Some(0), Some(1)), "{verb}");
    }
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn no_test_and_no_attachment_is_written_outside_the_directory() {
    let file = |name| Some(FileChunk { name, bytes: b"x" });
    let long = "é".repeat(300);
    let ids =
        ["../x", "..", ".", "", "/abs", "out/../../y", "../outer/z", "a", "a/log/deep", &long];
    let mut events = Vec::new();
    for id in ids {
        let about = Event { test_id: Some(id), eof: true, ..Event::default() };
        for name in ["log", "../up", "/root", "test.json", "log", "log/below", ""] {
            events.push(Event { file: file(name), ..about });
        }
        events.push(Event::status(id, Status::Success));
    }
    let place = tempfile::tempdir().unwrap();
    for verb in [&["to-disk", "-d", "outer/out"][..], &["to-disk", "-d", "outer/out"]] {
        let run = run_in(place.path(), verb, &stream(&events));
        assert_eq!((run.status, &run.stderr[..]), (Some(0), ""));
    }
    let files = files(place.path());
    assert!(files.iter().all(|file| file.starts_with("outer/out/")), "{files:?}");
    // Two runs wrote all that there is: nothing was overwritten.
    assert_eq!(files.len(), 2 * ids.len() * 8, "{files:?}");
}

#[cfg(unix)]
#[test]
fn links_in_the_directory_are_not_followed() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join("elsewhere")).unwrap();
    fs::create_dir_all(place.path().join("out")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", place.path().join("out/a")).unwrap();
    let input = stream(&[Event::status("a/b", Status::Success)]);
    assert_eq!(run_in(place.path(), &["to-disk", "-d", "out"], &input).status, Some(0));
    assert_eq!(files(&place.path().join("elsewhere")), [""; 0]);
    assert!(place.path().join("out/a_b/test.json").exists());
}

#[test]
fn a_junit_report_says_of_damage_that_the_run_failed() {
    let mut input = stream(&[Event::status("a::b", Status::Success)]);
    let whole = run(&["to-junit", "--name", "suite"], &input);
    assert_eq!(whole.status, Some(0));
    assert!(String::from_utf8(whole.stdout).unwrap().contains("name=\"suite\""));
    input.extend_from_slice(b"\xb3\x29\x01\x0c\x03foo");
    let cut = run(&["to-junit"], &input);
    assert_eq!(cut.status, Some(1));
    let report = String::from_utf8(cut.stdout).unwrap();
    assert!(report.contains("<error") || report.contains("<failure"), "{report}");
}

#[cfg(unix)]
#[test]
fn links_are_made_once_and_replaced_by_force_only() {
    let place = tempfile::tempdir().unwrap();
    assert_eq!(run_in(place.path(), &["links", "bin"], b"").status, Some(0));
    assert_eq!(run_in(place.path(), &["links", "bin"], b"").status, Some(0), "they are there");
    let link = place.path().join("bin/subunit-stats");
    let stats = Command::new(&link).stdin(Stdio::null()).output().unwrap();
    assert!(stats.stdout.starts_with(b"Total tests:       0\n"));
    fs::remove_file(&link).unwrap();
    fs::write(&link, "mine").unwrap();
    assert_eq!(run_in(place.path(), &["links", "bin"], b"").status, Some(2));
    assert_eq!(fs::read(&link).unwrap(), b"mine");
    assert_eq!(run_in(place.path(), &["links", "--force", "bin"], b"").status, Some(0));
    assert!(link.is_symlink());
}

#[cfg(unix)]
#[test]
fn names_of_other_programs_are_linked_to_those() {
    use std::os::unix::fs::PermissionsExt;
    let place = alone::folder();
    let program = alone::in_folder(place.path());
    let links = |path: &str| {
        let mut command = Command::new(&program);
        command.args(["links", "-d", "bin"]).current_dir(place.path()).env("PATH", path);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stderr).unwrap()
    };
    let missing = "subunit links: testr, stestr: no links: subunit-run is not installed\n";
    assert_eq!(links("/nowhere"), missing);
    let folder = place.path().join("programs");
    fs::create_dir(&folder).unwrap();
    let other = folder.join("subunit-run");
    fs::write(&other, "").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(links(folder.to_str().unwrap()), "");
    for name in ["testr", "stestr"] {
        assert_eq!(fs::read_link(place.path().join("bin").join(name)).unwrap(), other);
    }
}

#[cfg(unix)]
#[test]
fn the_desktop_is_told_the_counts() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().unwrap();
    let input = stream(&[Event::status("a", Status::Fail), Event::status("b", Status::Skip)]);
    let program = place.path().join("notify-send");
    fs::write(&program, "#!/bin/sh\nprintf '%s|' \"$@\" > told\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(run_in(place.path(), &["notify"], &input).status, Some(1));
    let told = fs::read_to_string(place.path().join("told")).unwrap();
    assert_eq!(told, "--app-name=subunit|Tests failed|1 fail\n1 skip|");
    fs::write(&program, "no program").unwrap();
    assert_eq!(run_in(place.path(), &["notify"], &input).status, Some(1));
}

#[cfg(unix)]
#[test]
fn commands_are_run_one_after_the_other_with_their_prefixes() {
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| fs::write(place.path().join(name), content).unwrap();
    write("a", &stream(&[Event::status("t", Status::Success)]));
    write("ids", b"two/x # why\n");
    write(
        "c.yaml",
        b"commands:\n- {prefix: one/, argv: [cat, a]}\n- {prefix: two/, argv: [sh, -c, \
          'cat a; cat $0 >&2; echo $K', $IDFILE], env: {K: noise}}\n",
    );
    let run = |words: &[&str]| run_in(place.path(), words, b"");
    let ids = |stream: &[u8]| -> Vec<String> {
        let ids = items(stream).filter_map(|item| match item {
            Item::Packet(packet) => packet.event().test_id.map(str::to_owned),
            _ => None,
        });
        ids.collect()
    };
    let all = run(&["combine", "c.yaml", "one/t", "two/x"]);
    assert_eq!((all.status, &all.stderr[..]), (Some(0), "x\n"));
    assert_eq!(ids(&all.stdout), ["one/t", "two/t"]);
    assert!(all.stdout.ends_with(b"noise\n"));
    let some = run(&["combine", "c.yaml", "--load-list", "ids"]);
    assert_eq!((some.stderr.as_str(), ids(&some.stdout)), ("x\n", vec!["two/t".to_owned()]));
    write("fails.yaml", b"commands: [{argv: ['false']}, {argv: [cat, a]}]");
    let fails = run(&["combine", "fails.yaml"]);
    assert_eq!((fails.status, ids(&fails.stdout)), (Some(1), vec!["command".into(), "t".into()]));
    for (config, problem) in [
        ("commands: []", "bad.yaml: `commands` must be a list with something in it\n"),
        ("commands: [{argv: [no-such-command]}]", "no-such-command: No such file"),
        (
            "commands:\n- argv: [a]\n  prefx: b\n",
            "bad.yaml: line 3: unknown key `prefx`; known here",
        ),
    ] {
        write("bad.yaml", config.as_bytes());
        let bad = run(&["combine", "bad.yaml"]);
        assert_eq!(bad.status, Some(2));
        assert!(bad.stderr.contains(problem) && bad.stderr.lines().count() == 1, "{}", bad.stderr);
    }
}

/// Ids and statuses of what `combine` writes for these commands, and the reasons of failures.
#[cfg(unix)]
fn combined(commands: &str) -> (Option<i32>, Vec<String>, Vec<String>) {
    let place = tempfile::tempdir().unwrap();
    let stream_of = |status| stream(&[Event::status("t", status)]);
    fs::write(place.path().join("good"), stream_of(Status::Success)).unwrap();
    fs::write(place.path().join("bad"), stream_of(Status::Fail)).unwrap();
    fs::write(place.path().join("open"), stream_of(Status::InProgress)).unwrap();
    fs::write(place.path().join("c.yaml"), format!("commands: [{commands}]")).unwrap();
    let run = run_in(place.path(), &["combine", "c.yaml"], b"");
    let (mut said, mut reasons) = (Vec::new(), Vec::new());
    for item in items(&run.stdout) {
        let Item::Packet(packet) = item else { panic!("{item:?}") };
        let event = packet.event();
        said.push(format!(
            "{} {}",
            event.test_id.unwrap_or("-"),
            event.status.map_or("-", |status| status.name())
        ));
        reasons.extend(event.file.map(|file| String::from_utf8_lossy(file.bytes).into_owned()));
    }
    (run.status, said, reasons)
}

#[cfg(unix)]
#[test]
fn a_command_that_did_not_end_well_stands_in_the_stream() {
    let (status, said, reasons) = combined(
        "{prefix: a/, argv: [sh, -c, cat good; exit 3]}, {argv: [sh, -c, kill -SEGV $$]}, \
         {prefix: c/, argv: [no-such-command]}, {argv: [cat, good]}",
    );
    assert_eq!(status, Some(2), "one could not be started");
    assert_eq!(
        said,
        ["a/t success", "a/command fail", "command fail", "c/command fail", "t success"]
    );
    assert_eq!(reasons[0], "sh -c 'cat good; exit 3': exit status 3\n");
    assert_eq!(reasons[1], "sh -c 'kill -SEGV $$': killed by signal 11 (SIGSEGV)\n");
    assert!(reasons[2].starts_with("no-such-command: No such file"), "{reasons:?}");
    // A failed test explains a status; what had not ended fails.
    let (status, said, _) = combined("{argv: [sh, -c, cat bad; exit 1]}");
    assert_eq!((status, said), (Some(1), vec!["t fail".into(), "- -".into()]));
    let (_, said, _) = combined("{prefix: a/, argv: [sh, -c, cat open; exit 1]}");
    assert_eq!(said[..2], ["a/t inprogress", "a/t fail"]);
    let (status, said, _) = combined("{argv: [cat, bad]}");
    assert_eq!((status, said), (Some(0), vec!["t fail".into()]));
}
