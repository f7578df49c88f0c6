//! Who is told when tests begin and cease to fail, by receivers that refuse at first.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    fs,
    io::{ErrorKind, Read as _, Write as _},
    thread::{self, JoinHandle},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;
use serde_json::{Value, json};
use subunit_core::Status::{Fail, Success};
use subunit_history::{History, NewRun, Store, receive::RunReceiver};
use support::{
    place::Place,
    serve,
    told::{accept, add, header, listener, posted, served, take_mail, tests},
};

/// The body of what was posted, if it is signed by the key.
fn verified(head: &[String], body: &[u8]) -> Value {
    let (id, seconds) = (header(head, "webhook-id"), header(head, "webhook-timestamp"));
    let sum = STANDARD.decode(header(head, "webhook-signature").strip_prefix("v1,").unwrap());
    let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"a key");
    hmac::verify(&key, &signed, &sum.unwrap()).unwrap();
    let said: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(said["id"], id);
    said
}

#[test]
fn a_webhook_that_refuses_is_told_once_and_by_the_same_id_if_it_is_told_again() {
    let (sink, port) = listener();
    let settings = format!(
        "url = 'https://tests.example'\nevery = '100ms'\n[[webhook]]\nurl = 'http://127.0.0.1:{port}/hook?x'\nkey.variable = 'HOOK_KEY'\n"
    );
    let (place, _served) = served(&settings);
    add(place.path(), "r2", &[("a", Success), ("b", Fail)]);
    let third = add(place.path(), "r3", &[("a", Success), ("b", Fail)]);
    for _ in 0..3 {
        drop(accept(&sink));
    }
    // It is taken, and nobody hears of it.
    let (first, body) = posted(&accept(&sink));
    assert_eq!(first[0], "POST /hook?x HTTP/1.1");
    let said = verified(&first, &body);
    let mut stream = accept(&sink);
    let (again, body) = posted(&stream);
    assert_eq!(header(&first, "webhook-id"), header(&again, "webhook-id"));
    assert_eq!(verified(&again, &body), said);
    // The reason may be left out.
    stream.write_all(b"HTTP/1.1 204\r\n\r\n").unwrap();
    drop(stream);
    // By the policy, the first failure alone was no news.
    assert_eq!((&said["run"]["id"], &said["run"]["uuid"]), (&json!(3), &json!(third)));
    let schema = include_str!("../../docs/schemas/notice.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    assert_described(&schema, &schema, &said, "the notice");
    assert_eq!((&said["series"], &said["verdict"]), (&json!("main"), &json!("failed")));
    assert_eq!(
        (&said["last_pass"]["id"], &said["last_pass"]["revision"]),
        (&json!(1), &json!("r1"))
    );
    assert_eq!(said["since_last_pass"]["newly_failing"], 1);
    let b = &said["began"][0];
    assert_eq!((&b["test"], &b["message"]), (&json!("b"), &json!("Error: no table <users>")));
    assert_eq!(b["lines"].as_array().unwrap().len(), 5, "{b}");
    assert_eq!((&b["failures"], &b["results"]), (&json!(2), &json!(3)));
    assert_eq!(b["url"], format!("https://tests.example/run/{third}/test?id=b"));
    assert_eq!((&said["began_count"], &said["ceased_count"]), (&json!(1), &json!(0)));
    // The next thing that comes is of the next run: the one before is not told a third time.
    add(place.path(), "r4", &[("a", Success), ("b", Success)]);
    let mut stream = accept(&sink);
    let (head, body) = posted(&stream);
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let said = verified(&head, &body);
    assert_eq!((&said["run"]["id"], &said["ceased"][0]["test"]), (&json!(4), &json!("b")));
    assert_ne!(header(&head, "webhook-id"), header(&first, "webhook-id"));
}

/// Asserts that all that is said is described, and the other way round.
fn assert_described(root: &Value, schema: &Value, said: &Value, at: &str) {
    let named = |name: &str| root.pointer(name.strip_prefix('#').unwrap()).unwrap();
    if let Some(name) = schema["$ref"].as_str() {
        return assert_described(root, named(name), said, at);
    }
    if let Some(kinds) = schema["anyOf"].as_array() {
        let kind = kinds.iter().find(|kind| (kind["type"] == "null") == said.is_null());
        return assert_described(root, kind.unwrap_or_else(|| panic!("{at}: {said}")), said, at);
    }
    let kind = match said {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Number(_) => "integer",
        _ => "null",
    };
    let is_of = schema["type"] == kind
        || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)));
    assert!(is_of, "{at} is {kind}: {schema}");
    for said in said.as_array().into_iter().flatten() {
        assert_described(root, &schema["items"], said, at);
    }
    let Some(said) = said.as_object() else { return };
    let described = schema["properties"].as_object().unwrap();
    assert_eq!(described.len(), schema["required"].as_array().unwrap().len(), "{at}");
    assert!(described.keys().eq(said.keys()), "{at}: {said:?}");
    said.iter().for_each(|(key, said)| assert_described(root, &described[key], said, key));
}

#[test]
fn a_run_that_goes_on_is_looked_at_again() {
    let (sink, port) = listener();
    let (place, _served) =
        served(&format!("every = '100ms'\n[[webhook]]\nurl = 'http://127.0.0.1:{port}'\n"));
    let told = || {
        let mut stream = accept(&sink);
        let (head, body) = posted(&stream);
        stream.write_all(b"HTTP/1.1 204\r\n\r\n").unwrap();
        let said: Value = serde_json::from_slice(&body).unwrap();
        let began: Vec<&str> =
            said["began"].as_array().unwrap().iter().map(|b| b["test"].as_str().unwrap()).collect();
        (header(&head, "webhook-id").to_owned(), began.join(" "), said["run"]["id"].clone())
    };
    add(place.path(), "r2", &[("a", Fail), ("b", Fail)]);
    // The run is cut off after the first of its tests, and kept.
    let (history, files) = (place.path(), place.files());
    let uuid = "0f0f0f0f-0000-4000-8000-00000000000a";
    let new = NewRun { series: Some("main".into()), ..NewRun::default() };
    let mut receiver = RunReceiver::open(files, uuid, new).unwrap().unwrap();
    receiver.append(&tests(&[("a", Fail)])).unwrap();
    drop(receiver);
    let part = files.join(format!("runs/{uuid}.part"));
    let part = fs::File::options().append(true).open(part).unwrap();
    part.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    drop(Store::open(history).unwrap());
    let (first, began, number) = told();
    assert_eq!(began, "a");
    // It goes on, under the same number.
    let run = History::open(history).unwrap().unwrap().run_named(uuid).unwrap().unwrap();
    assert!(run.is_interrupted && number == run.id, "{number}: {run:?}");
    let stream = History::open(history).unwrap().unwrap().stream(&run).unwrap();
    let mut receiver = RunReceiver::go_on(files, uuid, stream).unwrap().unwrap();
    receiver.append(&tests(&[("b", Fail)])).unwrap();
    receiver.finish(&mut Store::open(history).unwrap()).unwrap();
    let (second, began, number) = told();
    assert_eq!((&*began, number), ("a b", json!(run.id)));
    assert_ne!(first, second);
}

#[test]
fn nobody_waits_for_a_receiver_that_does_not_answer() {
    let ((dead, dead_port), (sink, port)) = (listener(), listener());
    let hook = |port, path| {
        format!("[[webhook]]\nurl = 'http://127.0.0.1:{port}/{path}'\nkey.variable = 'HOOK_KEY'\n")
    };
    let dead_hooks: String = (0..8).map(|path| hook(dead_port, path)).collect();
    let (place, _served) = served(&format!("every = '100ms'\n{dead_hooks}{}", hook(port, 8)));
    for revision in ["r2", "r3"] {
        add(place.path(), revision, &[("a", Success), ("b", Fail)]);
    }
    let held: Vec<_> = (0..8).map(|_| accept(&dead)).collect();
    let mut stream = accept(&sink);
    posted(&stream);
    stream.write_all(b"HTTP/1.1 204\r\n\r\n").unwrap();
    // What comes later does not wait either.
    add(place.path(), "r4", &[("a", Success), ("b", Success)]);
    let mut stream = accept(&sink);
    posted(&stream);
    stream.write_all(b"HTTP/1.1 204\r\n\r\n").unwrap();
    for mut held in held {
        posted(&held);
        held.set_nonblocking(true).unwrap();
        let error = held.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock, "it has been given up");
    }
}

fn mail_sink() -> (u16, JoinHandle<[Vec<String>; 2]>) {
    let (listener, port) = listener();
    let sink = thread::spawn(move || {
        for _ in 0..3 {
            drop(accept(&listener));
        }
        [false, true].map(|is_heard| take_mail(accept(&listener), true, is_heard))
    });
    (port, sink)
}

#[test]
fn a_mail_says_all_that_a_person_needs() {
    let (port, sink) = mail_sink();
    let settings = format!(
        "url = 'https://tests.example/'\nevery = '100ms'\n[[mail]]\nserver = 'smtp://127.0.0.1:{port}'\nfrom = 'ci@h'\nto = ['ann@h', 'bob@h']\n\
         user = 'ci'\npassword.variable = 'MAIL_PASSWORD'\n"
    );
    let (place, _served) = served(&settings);
    let name = "b <é>\r\nBcc: eve@h";
    add(place.path(), "r2", &[("a", Success), (name, Fail)]);
    let third = add(place.path(), "r3", &[("a", Success), (name, Fail)]);
    let [first, second] = sink.join().unwrap();
    let (of_first, of_second) = (header(&first, "Message-ID"), header(&second, "Message-ID"));
    assert_eq!(of_first, of_second);
    let begin = second.iter().position(|line| line == "DATA").unwrap();
    let login = format!("AUTH PLAIN {}", STANDARD.encode("\0ci\0pass"));
    for command in ["MAIL FROM:<ci@h>", "RCPT TO:<ann@h>", "RCPT TO:<bob@h>", &login] {
        assert!(second[..begin].iter().any(|line| line == command), "{command}: {second:?}");
    }
    let end = second.iter().position(|line| line.is_empty()).unwrap();
    let head = &second[begin + 1..end];
    assert_eq!(header(head, "Subject"), "[main] 1 test newly failing in run @3");
    assert!(!head.iter().any(|line| line.starts_with("Bcc")), "{head:?}");
    assert!(head.windows(2).any(|two| two == ["To: ann@h,", " bob@h"]), "{head:?}");
    let body = String::from_utf8(STANDARD.decode(second[end + 1..].concat()).unwrap()).unwrap();
    for wanted in [
        "Run @3 of main failed: 2 tests, 1 bad.",
        &format!("https://tests.example/run/{third}\r\n"),
        "revision r3.",
        "The last run that passed is @1, revision r1.",
        "Since then: 1 newly failing, 0 fixed, 1 added, 1 removed.",
        "* b <é>  Bcc: eve@h",
        "  failed 2 of 2 times lately (100 %)",
        "  Error: no table <users>\r\n",
        "      File \"app.py\", line 3, in f\r\n",
        "test?id=b%20%3C%C3%A9%3E",
    ] {
        assert!(body.contains(wanted), "{wanted}: {body}");
    }
    assert!(!body.contains('\u{1b}'), "{body}");
}

#[test]
fn settings_that_are_wrong_are_told_before_anything_is_served() {
    let place = Place::new();
    add(place.path(), "r1", &[("a", Success)]);
    let settings = place.files().join("notify.toml");
    for (text, part) in [
        ("", "notify.toml: it names nobody"),
        ("[[webhook]]\nurl = 'http://h/s3cret'\nkey.file = '/none'", "key: /none: "),
        ("[[webhook]]\nurl = 'http://h'\nkey.variable = 'HOOK_KEY'", "key: what follows `whsec_`"),
    ] {
        fs::write(&settings, text).unwrap();
        let mut command =
            serve(&["--listen", "127.0.0.1:0", "--notify", "notify.toml", "--history"]);
        let output = command
            .arg(place.path())
            .current_dir(place.files())
            .env("HOOK_KEY", "whsec_s3cret")
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.starts_with("subunit serve: --notify: ") && stderr.contains(part),
            "{stderr}"
        );
        assert!(!stderr.contains("s3cret") && stderr.lines().count() == 1, "{stderr}");
    }
}
