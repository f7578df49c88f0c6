//! How the server begins, what it allows, and how it ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
};

use flate2::read::GzDecoder;
use rustix::process::Signal;
use subunit_core::Status::{Fail, Success};
use support::{Served, add_run, sent, serve};
use tempfile::{TempDir, tempdir};

fn place() -> TempDir {
    let place = tempdir().unwrap();
    add_run(place.path(), "main", 0, &[("a", Success, ""), ("b", Success, "")]);
    add_run(place.path(), "main", 100, &[("a", Success, ""), ("b", Fail, "b broke")]);
    place
}

#[test]
fn pages_are_served_until_a_signal_comes() {
    for signal in [Signal::INT, Signal::TERM] {
        let place = place();
        let served = Served::start(place.path());
        let page = served.get("/");
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.contains("href=\"series/main\""), "{}", page.body);
        assert!(place.path().join("server.address").exists());
        assert_eq!(served.end_by(signal).code(), Some(0));
        assert!(!place.path().join("server.address").exists());
    }
}

#[test]
fn every_answer_has_the_headers() {
    let place = place();
    let served = Served::start(place.path());
    for (method, path, status) in [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/style.css", 200),
        ("GET", "/script.js", 200),
        ("GET", "/health", 200),
        ("GET", "/nothing", 404),
        ("GET", "/series/nothing", 404),
        ("GET", "/run/%2e%2e%2fhistory.db", 404),
        ("GET", "/../Cargo.toml", 404),
        ("GET", "/test/main?id=nothing", 404),
        ("GET", "/test/main", 400),
        ("POST", "/", 405),
        ("DELETE", "/series/main", 405),
    ] {
        let answer = served.ask(method, path, &[]);
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
        assert!(answer.header("cache-control").is_some(), "{path}");
    }
}

#[test]
fn a_page_elsewhere_cannot_read_the_history() {
    let place = place();
    let served = Served::start(place.path());
    for host in ["example.org", "127.0.0.1.example.org", "[::2]", ""] {
        let answer = served.ask("GET", "/", &[("Host", host)]);
        assert_eq!(answer.status, 421, "{host}: {answer:?}");
        assert!(!answer.body.contains("series/main"), "{answer:?}");
    }
    assert_eq!(served.ask("GET", "/", &[("Host", "localhost:99")]).status, 200);
    // Two hosts are no host.
    let two = served.ask("GET", "/", &[("Host", "localhost"), ("Host", "example.org")]);
    assert!(two.status == 421 || two.status == 400, "{two:?}");
}

#[test]
fn a_page_is_sent_again_only_if_the_history_has_changed() {
    let place = place();
    let served = Served::start(place.path());
    for path in ["/", "/series/main", "/grid/main", "/style.css"] {
        let first = served.get(path);
        let tag = first.header("etag").unwrap();
        let again = served.ask("GET", path, &[("If-None-Match", tag)]);
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
        assert_eq!(again.header("etag"), Some(tag), "{path}");
    }
    let old = served.get("/");
    add_run(place.path(), "main", 200, &[("a", Fail, "a broke")]);
    let new = served.ask("GET", "/", &[("If-None-Match", old.header("etag").unwrap())]);
    assert_eq!(new.status, 200);
    assert_ne!(new.body, old.body);
}

/// The head and the body of an answer to somebody who takes gzip.
fn packed(served: &Served, path: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(&served.address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head.to_ascii_lowercase(), answer.split_off(end + 4))
}

#[test]
fn text_is_compressed_for_those_who_take_that() {
    let place = place();
    let served = Served::start(place.path());
    for path in ["/", "/grid/main", "/style.css", "/api/v1/openapi.json", "/nothing"] {
        let plain = served.get(path);
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        let (head, body) = packed(&served, path);
        // What is short stays as it is.
        let is_long = plain.body.len() >= 1024;
        assert_eq!(head.contains("content-encoding: gzip"), is_long, "{path}: {head}");
        if is_long {
            let mut text = String::new();
            GzDecoder::new(&*body).read_to_string(&mut text).unwrap();
            assert!(
                text == plain.body && body.len() < text.len() * 2 / 3,
                "{path}: {}",
                body.len()
            );
            assert!(head.contains("vary: accept-encoding"), "{path}: {head}");
        }
    }
    let tag = served.get("/").header("etag").unwrap().to_owned();
    assert!(packed(&served, "/").0.contains(&format!("etag: {}", tag.to_ascii_lowercase())));
    let both = [("If-None-Match", &*tag), ("Accept-Encoding", "gzip")];
    assert_eq!(served.ask("GET", "/", &both).status, 304);
    // The length of a stream is told.
    let (head, body) = packed(&served, "/api/v1/runs/@last/stream");
    assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
}

#[test]
fn all_links_of_pages_lead_to_pages() {
    let place = place();
    let served = Served::start(place.path());
    let seen = served.crawl();
    // The first page, a series with its grid, two runs, a test of two, a failure, the style.
    assert!(seen.len() > 10, "{:?}", seen.keys());
    for wanted in ["/series/main", "/grid/main", "/help", "/style.css", "/test/main?id=b"] {
        assert!(seen.contains_key(wanted), "{wanted}: {:?}", seen.keys());
    }
    // The script compares runs by this address.
    assert!(seen["/grid/main"].body.contains("action=\"../diff\""));
}

#[test]
fn what_cannot_be_served_is_told_in_one_line() {
    let place = place();
    let here = place.path().to_str().unwrap();
    let served = Served::start(place.path());
    let url = format!("answers at http://{}/", served.address);
    for (arguments, wanted) in [
        (&["--history", "nothing"][..], "nothing: there is no history: `subunit run`"),
        (&["--history", here, "--listen", "0.0.0.0:0"], "without a password"),
        (&["--history", here, "--listen", "127.0.0.1:0"], url.as_str()),
        (&["--listen", "nowhere"], "--listen"),
    ] {
        let output = serve(arguments).current_dir(place.path()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.starts_with("subunit serve: ") && stderr.contains(wanted), "{stderr}");
        assert_eq!(stderr.matches('\n').count(), 1, "{stderr}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_history_that_is_missing_is_begun_if_asked_for() {
    let place = tempdir().unwrap();
    let (alone, app) = (place.path().join("alone"), place.path().join("app/.subunit"));
    let project = format!("app={}", app.display());
    for (place_of_it, base, options) in [
        (&alone, "", ["--history", alone.to_str().unwrap()]),
        (&app, "/p/app", ["--project", &project]),
    ] {
        let words = [&options[..], &["--listen", "127.0.0.1:0"]].concat();
        assert_eq!(serve(&words).output().unwrap().status.code(), Some(2));
        assert!(!place_of_it.exists());
        // The second time it is there.
        for runs in [0, 1] {
            let served = Served::by(&mut serve(&[&words[..], &["--create"]].concat()));
            assert_eq!(served.get(&format!("{base}/")).status, 200);
            let list = sent::json(&served.get(&format!("{base}/api/v1/runs")));
            assert_eq!(list["runs"].as_array().unwrap().len(), runs, "{list}");
            let sent = served.send("POST", &format!("{base}/api/v1/runs"), &[], b"ok 1 - a\n");
            assert_eq!(sent.status, 201, "{sent:?}");
        }
    }
}

#[test]
fn a_file_that_names_another_server_is_not_believed() {
    let (one, other) = (place(), place());
    let served = Served::start(one.path());
    // The file leads to a server of another history, to nobody, and to no address.
    for said in [served.address.as_str(), "127.0.0.1:1", "192.0.2.1:80", "http://x/"] {
        fs::write(other.path().join("server.address"), said).unwrap();
        let second = Served::start(other.path());
        assert_eq!(second.get("/").status, 200, "{said}");
        assert_eq!(second.end_by(Signal::TERM).code(), Some(0));
    }
}
