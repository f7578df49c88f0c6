//! What commands say of a run for programs: the files `run`, `plan` and `worker`.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mux_support;

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Stdio},
};

use mux_support::{Running, SUBUNIT, directory, encoded, events, is, is_final, route, says};
use serde_json::{Value, json};
use subunit_core::{
    Event, EventBuf, FileChunk, RouteCode, Status, Timestamp,
    conventions::{MIME_TYPE, is_aside},
};

/// The route and the content of each file of this name, in their order.
fn files(seen: &[EventBuf], name: &str) -> Vec<(String, Value)> {
    let named = seen.iter().filter(|event| {
        is_aside(&event.as_event()) && event.file.as_ref().is_some_and(|file| file.name == name)
    });
    let read = named.map(|event| {
        let file = event.file.as_ref().unwrap();
        assert!(event.eof && !event.runnable && event.status.is_none(), "{event:?}");
        (route(event).to_owned(), serde_json::from_slice(&file.bytes).unwrap())
    });
    read.collect()
}

/// What workers said, by route and by who says so: the state, the process and why.
fn workers(seen: &[EventBuf]) -> BTreeMap<(String, String), Vec<Value>> {
    let mut workers = BTreeMap::<_, Vec<_>>::new();
    for (route, mut said) in files(seen, "worker") {
        let by = said["by"].as_str().unwrap().to_owned();
        assert!(said["time"].as_str().unwrap().starts_with("20"), "{said}");
        said.as_object_mut().unwrap().retain(|key, _| key != "time" && key != "by");
        workers.entry((route, by)).or_default().push(said);
    }
    for told in workers.values() {
        let [started, ended] = &told[..] else { panic!("{told:?}") };
        let mut begun = json!({ "state": "started" });
        begun
            .as_object_mut()
            .unwrap()
            .extend(ended.get("pid").map(|pid| ("pid".into(), pid.clone())));
        assert_eq!(*started, begun);
    }
    workers
}

fn states(seen: &[EventBuf]) -> Vec<(String, String, Value)> {
    let states = workers(seen).into_iter().map(|((route, by), told)| {
        (route, by, told.last().map(|ended| ended["state"].clone()).unwrap())
    });
    states.collect()
}

fn aside(route: &str, name: &str, content: &str) -> Vec<u8> {
    let file = Some(FileChunk { name, bytes: content.as_bytes() });
    let route_code = Some(RouteCode::new(route)).filter(|_| !route.is_empty());
    let event = Event { file, mime_type: Some(MIME_TYPE), eof: true, ..Event::default() };
    encoded(&Event { route_code, runnable: false, ..event })
}

/// A folder in which a branch of Git is checked out.
fn checkout(name: &str) -> String {
    let folder = directory(name);
    fs::create_dir_all(format!("{folder}/.git/refs/heads")).unwrap();
    fs::write(format!("{folder}/.git/HEAD"), "ref: refs/heads/topic\n").unwrap();
    fs::write(format!("{folder}/.git/refs/heads/topic"), "1".repeat(40)).unwrap();
    folder
}

fn run_in(folder: &str, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(SUBUNIT);
    command.args(arguments).current_dir(folder).env("SUBUNIT", SUBUNIT).env("SECRET", "hush");
    command.stdin(Stdio::null()).output().unwrap()
}

/// The files of no test among lines of JSON, by their names in their order.
fn lines(jsonl: &[u8]) -> Vec<(String, Value)> {
    let lines = std::str::from_utf8(jsonl).unwrap().lines();
    let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let files = lines.filter(|line| line["mime_type"] == MIME_TYPE);
    let named = files.map(|line| {
        let content = serde_json::from_str(line["file_bytes"].as_str().unwrap()).unwrap();
        (line["file_name"].as_str().unwrap().to_owned(), content)
    });
    named.collect()
}

#[test]
fn a_command_that_is_run_is_named_first_and_once() {
    let folder = checkout("run");
    let script = "$SUBUNIT output --success a; exit 0";
    let arguments = ["report", "--jsonl", "-", "--", "sh", "-c", script];
    let output = run_in(&folder, &arguments);
    assert_eq!(output.status.code(), Some(0));
    let first: Value =
        serde_json::from_slice(output.stdout.split(|b| *b == b'\n').next().unwrap()).unwrap();
    assert_eq!(first["file_name"], "run");
    let [(run, content), (exit, _)] = &lines(&output.stdout)[..] else { panic!("{output:?}") };
    assert_eq!((&**run, &**exit), ("run", "exit-status"));
    assert_eq!(content["command"], "sh");
    assert_eq!(content["arguments"], json!(["-c", script]));
    assert_eq!(
        (&content["revision"], &content["branch"]),
        (&json!("1".repeat(40)), &json!("topic"))
    );
    assert_eq!(content["program"], "subunit");
    for key in ["uuid", "started", "host", "version"] {
        assert!(content[key].is_string(), "{key}: {content}");
    }
    assert!(!String::from_utf8_lossy(&output.stdout).contains("hush"), "no environment");
    let again = run_in(&folder, &arguments);
    assert_ne!(lines(&again.stdout)[0].1["uuid"], content["uuid"], "each run has another");
}

#[test]
fn what_a_runner_says_of_its_run_adds_to_what_is_known() {
    let folder = checkout("adds");
    // Nothing is committed there.
    fs::remove_file(format!("{folder}/.git/refs/heads/topic")).unwrap();
    let mut stream =
        aside("", "run", r#"{"command":"make","arguments":["x"],"revision":"abc","later":{}}"#);
    stream.extend(aside("", "run", r#"{"revision":"def","host":7"#));
    stream.extend(encoded(&Event::status("a", Status::Success)));
    fs::write(format!("{folder}/stream"), stream).unwrap();
    let output = run_in(&folder, &["report", "--markdown", "-", "--", "cat", "stream"]);
    let written = String::from_utf8(output.stdout).unwrap();
    assert!(written.contains("cat stream") && !written.contains("make"), "{written}");
    assert!(written.contains("abc") && !written.contains("def"), "{written}");
    assert_eq!(output.status.code(), Some(0), "{written}");
}

#[test]
fn files_that_are_read_are_passed_on_as_they_were() {
    let folder = directory("files");
    let stream = encoded(&Event::status("a", Status::Success));
    fs::write(format!("{folder}/stream"), &stream).unwrap();
    let output = run_in(&folder, &["report", "--jsonl", "-", "stream"]);
    assert_eq!(lines(&output.stdout), []);
    let output = run_in(&folder, &["mux", "--file", "stream"]);
    let seen = events(&output.stdout);
    assert!(seen.iter().all(|event| !is_aside(&event.as_event())), "{seen:?}");
}

#[test]
fn a_multiplexer_tells_how_each_of_its_workers_ended() {
    let runs = [
        says("success", "a"),
        format!("{}; exit 3", says("fail", "b")),
        "kill -KILL $$".to_owned(),
        "sh -c 'kill -SEGV $$'; exit $?".to_owned(),
    ];
    let mut mux = Running::start(&[
        "--run", &runs[0], "--run", &runs[1], "--run", &runs[2], "--run", &runs[3],
    ]);
    assert_eq!(mux.end(), Some(1));
    let told = workers(&mux.seen);
    let ends: Vec<_> = told
        .iter()
        .map(|((route, by), told)| {
            let mut ended = told[1].clone();
            assert!(ended.as_object_mut().unwrap().remove("pid").unwrap().is_u64());
            (&**route, &**by, ended)
        })
        .collect();
    let expected = [
        ("0", "mux", json!({ "state": "ended", "exit": 0 })),
        ("1", "mux", json!({ "state": "ended", "exit": 3 })),
        (
            "2",
            "mux",
            json!({ "state": "crashed", "signal": 9, "reason": "killed by signal 9 (SIGKILL)" }),
        ),
        (
            "3",
            "mux",
            json!({
                "state": "crashed",
                "exit": 139,
                "signal": 11,
                "reason": "exit status 139 (SIGSEGV)",
            }),
        ),
    ];
    assert_eq!(ends, expected);
    assert_eq!(files(&mux.seen, "plan"), [(String::new(), json!({ "workers": 4 }))]);
    for (route_code, name) in [("0", "a"), ("1", "b")] {
        let of = |event: &&EventBuf| route(event) == route_code && !event.bytes_are("stdout");
        let own: Vec<_> = mux.seen.iter().filter(of).collect();
        assert!(own.first().is_some_and(|event| event.bytes_are("worker")), "{own:?}");
        assert!(own.last().is_some_and(|event| event.bytes_are("worker")), "{own:?}");
        assert!(own.iter().any(|event| event.test_id.as_deref() == Some(name)));
    }
}

trait Named {
    fn bytes_are(&self, name: &str) -> bool;
}

impl Named for EventBuf {
    fn bytes_are(&self, name: &str) -> bool {
        self.file.as_ref().is_some_and(|file| file.name == name)
    }
}

#[test]
fn who_is_told_to_stop_was_stopped_or_had_its_time() {
    let hangs = format!("{}; exec sleep 1000", says("inprogress", "a"));
    let mut mux = Running::start(&["--run", &hangs, "--idle-timeout", "0.2", "--grace", "5"]);
    assert_eq!(mux.end(), Some(1));
    let ended = &workers(&mux.seen)[&("0".into(), "mux".into())][1];
    assert_eq!((&ended["state"], &ended["signal"]), (&json!("timed-out"), &json!(15)), "{ended}");
    assert_eq!(ended["reason"], "no output for 0.2 s");

    let mut mux = Running::start(&["--run", &hangs]);
    mux.until(|seen| seen.iter().any(|event| is(event, "0", "a", Status::InProgress)));
    mux.signal("INT");
    assert_eq!(mux.end(), Some(1));
    let ended = &workers(&mux.seen)[&("0".into(), "mux".into())][1];
    assert_eq!((&ended["state"], &ended["signal"]), (&json!("stopped"), &json!(2)), "{ended}");
    assert_eq!(ended["reason"], "interrupted");
}

#[test]
fn what_could_not_be_started_crashed() {
    let output = Command::new(SUBUNIT)
        .args(["mux", "--run", "true"])
        .env("PATH", "/nowhere")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = files(&events(&output.stdout), "worker");
    let [(route, said)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&**route, &said["state"]), ("0", &json!("crashed")));
    assert!(said["reason"].as_str().unwrap().starts_with("it could not be started"), "{said}");
}

#[test]
fn a_connection_is_a_worker_without_a_process() {
    let folder = directory("client");
    let socket = format!("{folder}/socket");
    let listen = format!("unix:{socket}");
    let mut mux = Running::start(&["--listen", &listen, "--connections", "1"]);
    // Who listens has said what it can do.
    mux.until(|seen| seen.iter().any(|event| event.bytes_are("capabilities")));
    let mut client = loop {
        match std::os::unix::net::UnixStream::connect(&socket) {
            Ok(client) => break client,
            Err(_) => std::thread::yield_now(),
        }
    };
    let event = encoded(&Event::status("a", Status::Success));
    std::io::Write::write_all(&mut client, &event).unwrap();
    drop(client);
    assert_eq!(mux.end(), Some(0));
    let told = workers(&mux.seen);
    let ended = json!({ "state": "ended", "reason": "the connection ended" });
    assert_eq!(told[&("0".into(), "mux".into())], [json!({ "state": "started" }), ended]);
}

/// A worker that runs each test it is handed.
fn obeys() -> String {
    format!(
        "{SUBUNIT} worker -- sh -c \"while read id; do {SUBUNIT} output --success \\$id; done <&\\$SUBUNIT_TEST_FD\""
    )
}

#[test]
fn a_worker_tells_of_its_command_and_plans_the_ids_it_has() {
    let folder = directory("worker");
    let ids = format!("{folder}/ids");
    fs::write(&ids, "a\nb\nc\n").unwrap();
    let script = format!(
        "while read id; do {SUBUNIT} output --success $id; done <&$SUBUNIT_TEST_FD; kill -KILL $$"
    );
    let mut worker = Running::of("worker", &["--ids", &ids, "--", "sh", "-c", &script]);
    worker.close_stdin();
    assert_eq!(worker.end(), Some(1));
    assert_eq!(files(&worker.seen, "plan"), [(String::new(), json!({ "tests": 3 }))]);
    let ended = &workers(&worker.seen)[&(String::new(), "worker".into())][1];
    assert_eq!((&ended["state"], &ended["signal"]), (&json!("crashed"), &json!(9)), "{ended}");
    assert_eq!(worker.seen.iter().filter(|event| is_final(event)).count(), 4);
}

#[test]
fn each_batch_of_a_worker_is_a_process_of_its_own() {
    let script = format!("for id in $(cat $0); do {SUBUNIT} output --success $id; done");
    let mut worker = Running::of("worker", &["--", "sh", "-c", &script, "{}"]);
    for (count, test_id) in [(1, "a"), (2, "b")] {
        worker.send(&encoded(&Event::status(test_id, Status::Exists)));
        worker.until(|seen| seen.iter().filter(|event| is_final(event)).count() == count);
    }
    worker.close_stdin();
    assert_eq!(worker.end(), Some(0));
    let told = files(&worker.seen, "worker");
    let told: Vec<_> = told.iter().map(|(_, said)| (&said["state"], &said["pid"])).collect();
    let [(_, one), _, (_, other), _] = told[..] else { panic!("{told:?}") };
    let (started, ended) = (json!("started"), json!("ended"));
    assert_eq!(told, [(&started, one), (&ended, one), (&started, other), (&ended, other)]);
    assert_ne!(one, other);
    let plans = files(&worker.seen, "plan");
    assert_eq!(plans.last().unwrap().1, json!({ "tests": 2 }));
}

#[test]
fn two_levels_tell_of_each_process_once_and_plan_the_tests_once() {
    let worker = obeys();
    let below = format!("{SUBUNIT} mux --run '{worker}' --run '{worker}'");
    let mut mux = Running::start(&["--names", "left", "--run", &below]);
    for test_id in ["a", "b", "c"] {
        mux.send(&encoded(&Event::status(test_id, Status::Exists)));
    }
    mux.until(|seen| seen.iter().filter(|event| is_final(event)).count() == 3);
    mux.send(&encoded(&Event::status("d", Status::Exists)));
    mux.close_stdin();
    assert_eq!(mux.end(), Some(0));
    assert_eq!(mux.seen.iter().filter(|event| is_final(event)).count(), 4);
    let ended = json!("ended");
    let expected = [
        ("left", "mux"),
        ("left/0", "mux"),
        ("left/0", "worker"),
        ("left/1", "mux"),
        ("left/1", "worker"),
    ];
    let expected = expected.map(|(route, by)| (route.into(), by.into(), ended.clone()));
    assert_eq!(states(&mux.seen), expected);
    let mut pids: Vec<_> =
        workers(&mux.seen).values().map(|told| told[0]["pid"].as_u64()).collect();
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 5, "each is another process");
    let plans = files(&mux.seen, "plan");
    let (own, theirs): (Vec<_>, Vec<_>) = plans.iter().partition(|(route, _)| route.is_empty());
    assert_eq!(own.first().unwrap().1["workers"], 1);
    assert_eq!(own.last().unwrap().1, json!({ "tests": 4, "workers": 1 }));
    assert_eq!(theirs, [&("left".to_owned(), json!({ "workers": 2 }))]);
}

#[test]
fn demux_gives_back_what_commands_had_written() {
    let folder = directory("demux");
    let mut stream = encoded(&Event::status("a", Status::Success));
    stream.extend(aside("", "worker", r#"{"state":"started","by":"other"}"#));
    stream.extend(aside("", "plan", r#"{"tests":1}"#));
    stream.extend(aside("0", "worker", r#"{"state":"started","by":"mux"}"#));
    fs::write(format!("{folder}/stream"), &stream).unwrap();
    let output = run_in(&folder, &["mux", "--run", "cat stream"]);
    fs::write(format!("{folder}/joined"), &output.stdout).unwrap();
    assert!(run_in(&folder, &["demux", "--dir", "parts", "joined"]).status.success());
    assert_eq!(fs::read(format!("{folder}/parts/0.subunit")).unwrap(), stream);
    assert_eq!(fs::read_dir(format!("{folder}/parts")).unwrap().count(), 1);
}

/// A stream, and the same with what programs say of it to programs.
fn with_and_without() -> [Vec<u8>; 2] {
    let odd = [
        "",
        "{",
        "[]",
        "7",
        "null",
        "\u{0}",
        r#"{"state":7,"tests":"x","pid":-1,"host":[]}"#,
        r#"{"later":{"a":[{}]}}"#,
        r#"{"state":"crashed","by":"mux","pid":7,"signal":9,"reason":"killed"}"#,
        r#"{"tests":300,"workers":2}"#,
    ];
    let (mut plain, mut with) = (Vec::new(), Vec::new());
    for (at, (test_id, status)) in [
        ("a", Status::InProgress),
        ("a", Status::Success),
        ("b", Status::InProgress),
        ("b", Status::Fail),
        ("c", Status::Skip),
    ]
    .into_iter()
    .enumerate()
    {
        for route in ["", "0", "0/1"] {
            for name in ["plan", "worker", "run"] {
                for content in odd {
                    with.extend(aside(route, name, content));
                }
            }
        }
        let time = Timestamp::new(1_700_000_000 + at as u32, 0);
        let event = Event { timestamp: Some(time), ..Event::status(test_id, status) };
        plain.extend(encoded(&event));
        with.extend(encoded(&event));
    }
    [plain, with]
}

#[test]
fn no_report_shows_them_and_no_verdict_hears_of_them() {
    let folder = directory("shown");
    for (name, stream) in ["plain", "with"].iter().zip(with_and_without()) {
        fs::create_dir(format!("{folder}/{name}")).unwrap();
        fs::write(format!("{folder}/{name}/stream"), stream).unwrap();
    }
    let verbs: [&[&str]; 18] = [
        &["report", "--junit", "-"],
        &["report", "--tap", "-"],
        &["report", "--ctrf", "-"],
        &["report", "--csv", "-"],
        &["report", "--html", "-"],
        &["report", "--markdown", "-"],
        &["report", "--trace", "-"],
        &["report", "--otlp", "-"],
        &["report", "--teamcity"],
        &["report", "--github"],
        &["report", "--gitlab"],
        &["report", "--summary=-"],
        &["stats"],
        &["ls"],
        &["ls", "--json"],
        &["watch", "--plain"],
        &["watch", "--brief"],
        &["2to1"],
    ];
    for verb in verbs {
        let said = ["plain", "with"].map(|name| {
            let output = run_in(&format!("{folder}/{name}"), &[verb, &["stream"]].concat());
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(!text.is_empty(), "{verb:?}: {output:?}");
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            (output.status.code(), without_numbers(&text), errors)
        });
        assert!(said[0] == said[1], "{verb:?}");
    }
}

/// Without the random numbers of a page of HTML and of spans: 16 or 32 digits each.
fn without_numbers(text: &str) -> String {
    let words = text.split_inclusive(|c: char| !c.is_ascii_hexdigit());
    words.map(|word| if matches!(word.len(), 17 | 33) { "#" } else { word }).collect()
}

#[test]
fn what_keeps_all_keeps_them() {
    let folder = directory("kept");
    let [_, stream] = with_and_without();
    fs::write(format!("{folder}/stream"), &stream).unwrap();
    assert_eq!(run_in(&folder, &["cat", "stream"]).stdout, stream);
    let json = run_in(&folder, &["to-jsonl", "stream"]).stdout;
    fs::write(format!("{folder}/json"), json).unwrap();
    assert_eq!(run_in(&folder, &["from-jsonl", "json"]).stdout, stream);
}
