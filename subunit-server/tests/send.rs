//! Runs that `subunit send` and `subunit run --report-to` send: to a server that comes late, is killed, or never comes.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use flate2::{Compression, write::GzEncoder};
use rustix::process::Signal;
use subunit_core::Status::Success;
use subunit_history::{History, query::LiveRun};
use support::{
    Served,
    sent::{TESTS, place, runs, stored},
    serve, stream,
};
use tempfile::tempdir;

/// `subunit-server` with these arguments.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subunit-server"));
    command.args(arguments).env_remove("SUBUNIT_HISTORY").env_remove("SUBUNIT_TOKEN");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A port of this machine that nobody listens on.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn serve_at(place: &Path, address: &str) -> Served {
    Served::by(&mut serve(&["--history", place.to_str().unwrap(), "--listen", address]))
}

/// Waits until this much of the only run that is received is there.
fn wait_for(place: &Path, wanted: u64) -> PathBuf {
    loop {
        if let Some(run) = LiveRun::all(place).unwrap().first() {
            let part = place.join(format!("runs/{}.part", run.uuid));
            if fs::metadata(&part).is_ok_and(|part| part.len() == wanted) {
                return part;
            }
        }
        std::thread::yield_now();
    }
}

/// The stream of the last run.
fn last(place: &Path) -> Vec<u8> {
    let run = History::open(place).unwrap().unwrap().last(None).unwrap().unwrap();
    assert!(!run.is_interrupted);
    stored(place, &run.uuid)
}

#[test]
fn a_run_whose_writer_was_killed_has_not_ended() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let served = Served::start(place.path());
    let goes_on = tempfile::NamedTempFile::new().unwrap();
    let url = format!("http://{}/", served.address);
    let arguments = ["send", "--live", "--to", &url, "--while-there"];
    let mut sending = program(&arguments).arg(goes_on.path()).spawn().unwrap();
    // The writer ends, and its file is there still.
    sending.stdin.take().unwrap().write_all(&bytes).unwrap();
    let output = sending.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("the run was killed before its end"), "{}", said(&output));
    wait_for(place.files(), bytes.len() as u64);
    assert_eq!(runs(place.path()), 1);
    assert!(!goes_on.path().exists());
}

fn send_to(address: &str) -> Child {
    let url = format!("http://{address}/");
    program(&["send", "--live", "--to", &url]).spawn().unwrap()
}

#[test]
fn a_stream_is_sent_while_it_comes_and_over_the_death_of_the_server() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let (first, rest) = bytes.split_at(bytes.len() / 3);
    let (second, third) = rest.split_at(rest.len() / 2);
    let address = free_address();
    // It begins before there is a server.
    let mut sending = send_to(&address);
    let mut input = sending.stdin.take().unwrap();
    input.write_all(first).unwrap();
    let served = serve_at(place.path(), &address);
    wait_for(place.files(), first.len() as u64);
    input.write_all(second).unwrap();
    wait_for(place.files(), (first.len() + second.len()) as u64);
    served.end_by(Signal::KILL);
    input.write_all(third).unwrap();
    drop(input);
    let served = serve_at(place.path(), &address);
    let output = sending.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(last(place.path()) == bytes);
    assert_eq!(runs(place.path()), 2);
    // The line is the address of its page.
    let said = said(&output);
    let prefix = format!("subunit send: http://{}", served.address);
    let page = said.trim().strip_prefix(&*prefix).unwrap_or_else(|| panic!("{said}"));
    assert_eq!(served.get(page).status, 200, "{page}");
}

#[test]
fn files_of_any_format_are_sent_and_each_is_one_run() {
    let place = place();
    let served = Served::start(place.path());
    let (stream_file, tap) = (place.files().join("run.subunit"), place.files().join("run.tap"));
    let bytes = stream(100, &TESTS);
    fs::write(&stream_file, &bytes).unwrap();
    fs::write(&tap, "1..2\nok 1 - parses\nnot ok 2 - prints\n").unwrap();
    let url = format!("http://{}/", served.address);
    for _ in 0..2 {
        let files = [tap.to_str().unwrap(), stream_file.to_str().unwrap()];
        let words = ["send", "--to", &url, "--series", "a b&c", files[0], files[1]];
        let output = program(&words).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert_eq!(runs(place.path()), 3);
    }
    let history = History::open(place.path()).unwrap().unwrap();
    // What is packed is the same run.
    let packed = place.files().join("run.tap.gz");
    let mut file = GzEncoder::new(fs::File::create(&packed).unwrap(), Compression::fast());
    file.write_all(&fs::read(&tap).unwrap()).unwrap();
    file.finish().unwrap();
    let words = ["send", "--to", &url, "--series", "a b&c", packed.to_str().unwrap()];
    assert_eq!(program(&words).output().unwrap().status.code(), Some(0));
    let sent = history.runs(Some("a b&c")).unwrap();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().any(|run| stored(place.path(), &run.uuid) == bytes));
}

#[test]
fn what_cannot_be_sent_is_kept_and_the_line_sends_it_later() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let (address, folder) = (free_address(), tempdir().unwrap());
    let url = format!("http://{address}/");
    let words = ["send", "--patience", "0s", "--series", "it's", "--to", &url];
    let mut sending = program(&words).env("TMPDIR", folder.path()).spawn().unwrap();
    sending.stdin.take().unwrap().write_all(&bytes).unwrap();
    let output = sending.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    let (why, line) = said.trim().split_once(": to send the run later: subunit ").unwrap();
    assert!(why.contains(&address) && said.matches('\n').count() == 1, "{said}");
    let served = serve_at(place.path(), &address);
    let program = env!("CARGO_BIN_EXE_subunit-server");
    let status = Command::new("sh").args(["-c", &format!("{program} {line}")]).status().unwrap();
    assert_eq!(status.code(), Some(0), "{line}");
    assert!(last(place.path()) == bytes);
    let run = History::open(place.path()).unwrap().unwrap().last(None).unwrap().unwrap();
    assert_eq!(run.series, "it's");
    drop(served);
}

#[test]
fn a_run_is_reported_without_a_history_of_its_own() {
    let (place, bytes) = (place(), stream(100, &TESTS));
    let served = Served::start(place.path());
    let project = tempdir().unwrap();
    fs::write(project.path().join("run.subunit"), &bytes).unwrap();
    let url = format!("http://{}/", served.address);
    let words = ["run", "--no-history", "--report-to", &url, "--as-is", "--", "cat", "run.subunit"];
    let output = program(&words).current_dir(project.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains(&format!("{url}run/")), "{}", said(&output));
    assert!(!project.path().join(".subunit").exists());
    let history = History::open(place.path()).unwrap().unwrap();
    let run = history.last(None).unwrap().unwrap();
    assert_eq!((run.counts.success, run.counts.fail), (2, 1));
    assert_eq!(runs(place.path()), 2);
}

#[test]
fn the_verdict_is_that_of_the_tests_whatever_becomes_of_the_report() {
    let (place, bytes) = (place(), stream(100, &[("a", Success, "")]));
    let served = Served::start(place.path());
    let project = tempdir().unwrap();
    fs::write(project.path().join("run.subunit"), &bytes).unwrap();
    // No server would take it: the address is none, or leads to somebody else.
    let elsewhere = format!("http://{}/nowhere/", served.address);
    for url in ["nonsense", &elsewhere] {
        let words = ["run", "--report-to", url, "--as-is", "--", "cat", "run.subunit"];
        let mut run = program(&words);
        let output =
            run.env("TMPDIR", project.path()).current_dir(project.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(said(&output).contains("reported to a server: "), "{}", said(&output));
    }
    assert_eq!(runs(place.path()), 1);
    assert_eq!(runs(&project.path().join(".subunit")), 2);
}

#[test]
fn a_token_is_shown_and_never_printed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let folder = tempdir().unwrap();
    let url = format!("http://{address}/");
    let mut command = program(&["send", "--to", &url]);
    command.env("SUBUNIT_TOKEN", "secret-of-mine\n").env("TMPDIR", folder.path());
    let mut sending = command.spawn().unwrap();
    sending.stdin.take().unwrap().write_all(&stream(100, &TESTS)).unwrap();
    let (mut connection, _) = listener.accept().unwrap();
    let mut request = vec![0; 4096];
    let length = connection.read(&mut request).unwrap();
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    assert!(request.contains("\r\nAuthorization: Bearer secret-of-mine\r\n"), "{request}");
    let body = r#"{"error":{"code":"narrow_scope","message":"it may only read","hint":null}}"#;
    let answer = format!("HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    connection.write_all(answer.as_bytes()).unwrap();
    drop(connection);
    let output = sending.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    assert!(said.contains("it may only read") && !said.contains("secret-of-mine"), "{said}");
}
