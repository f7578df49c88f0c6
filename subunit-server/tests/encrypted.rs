//! What is sent to others over encrypted connections, and to nobody who cannot show who they are.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Output},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use subunit_core::Status::{Fail, Success};
use support::{
    Served,
    sent::{TESTS, place, runs},
    stream,
    tls::Certificate,
    told::{accept, add, header, listener, posted, served_with, take_mail},
};
use tempfile::tempdir;

/// Sends a file to a server of this machine.
fn send(port: &str, token: &str, trusted: &Path, file: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subunit-server"));
    command.args(["send", "--patience", "0s", "--to", &format!("https://127.0.0.1:{port}/")]);
    command.arg(file).env("SUBUNIT_TOKEN", token).env("SSL_CERT_FILE", trusted);
    command.env_remove("SSL_CERT_DIR").output().unwrap()
}

#[test]
fn a_run_is_sent_encrypted_to_a_server_that_shows_who_it_is() {
    let (place, folder) = (place(), tempdir().unwrap());
    let certificate = Certificate::make(folder.path());
    let tokens = folder.path().join("tokens");
    let mut add = support::serve(&["token", "add", "--scope", "write", "--tokens"]);
    let secret = String::from_utf8(add.arg(&tokens).output().unwrap().stdout).unwrap();
    let [shown, key, tokens] =
        [&certificate.path, &certificate.key, &tokens].map(|path| path.to_str().unwrap());
    let options = ["--tls-certificate", shown, "--tls-key", key, "--tokens", tokens];
    let served = Served::start_with(place.path(), &options);
    let port = served.address.rsplit_once(':').unwrap().1;
    let file = folder.path().join("run.subunit");
    std::fs::write(&file, stream(100, &TESTS)).unwrap();
    let other = tempdir().unwrap();
    let stranger = Certificate::make(other.path());
    let refused = send(port, secret.trim(), &stranger.path, &file);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("certificate") && !said.contains(secret.trim()), "{said}");
    assert_eq!(runs(place.path()), 1);
    let sent = send(port, secret.trim(), &certificate.path, &file);
    assert_eq!(sent.status.code(), Some(0), "{sent:?}");
    assert_eq!(runs(place.path()), 2);
}

/// A test begins to fail in two runs.
fn fail_twice(place: &support::place::Place) {
    for revision in ["r2", "r3"] {
        add(place.path(), revision, &[("a", Success), ("b", Fail)]);
    }
}

#[test]
fn a_webhook_is_told_encrypted_if_it_shows_who_it_is() {
    let folder = tempdir().unwrap();
    let certificate = Certificate::make(folder.path());
    let (sink, port) = listener();
    let other = tempdir().unwrap();
    let stranger = Certificate::make(other.path());
    let settings = format!("every = '100ms'\n[[webhook]]\nurl = 'https://127.0.0.1:{port}/hook'\n");
    let (place, _served) = served_with(&settings, &[("SSL_CERT_FILE", &certificate.path)]);
    fail_twice(&place);
    // Nothing is told to who shows another certificate.
    let mut stream = stranger.accept(accept(&sink));
    let mut line = String::new();
    let read = BufReader::new(&mut stream).read_line(&mut line);
    assert!(read.is_err() || line.is_empty(), "{line}");
    drop(stream);
    let mut stream = certificate.accept(accept(&sink));
    let (head, body) = posted(&mut stream);
    stream.write_all(b"HTTP/1.1 204\r\n\r\n").unwrap();
    assert_eq!(
        (&*head[0], header(&head, "Host")),
        ("POST /hook HTTP/1.1", &*format!("127.0.0.1:{port}"))
    );
    let said: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(said["began"][0]["test"], "b", "{said}");
}

/// What a mail server hears before it encrypts.
fn until_encrypted(stream: &TcpStream) -> Vec<String> {
    let (mut said, mut heard) = (stream, Vec::new());
    said.write_all(b"220 here\r\n").unwrap();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        let is_last = line == "STARTTLS";
        let answer = if is_last { "220 go on\r\n" } else { "250-here\r\n250 STARTTLS\r\n" };
        said.write_all(answer.as_bytes()).unwrap();
        heard.push(line);
        if is_last {
            return heard;
        }
    }
    panic!("it went away: {heard:?}");
}

#[test]
fn a_password_and_a_mail_are_said_after_the_mail_server_has_shown_who_it_is() {
    let folder = tempdir().unwrap();
    let certificate = Certificate::make(folder.path());
    let (sink, port) = listener();
    let settings = format!(
        "every = '100ms'\n[[mail]]\nserver = 'smtp://127.0.0.1:{port}'\nfrom = 'ci@h'\nto = ['ann@h']\n\
         user = 'ci'\npassword.variable = 'MAIL_PASSWORD'\n"
    );
    let (place, _served) = served_with(&settings, &[("SSL_CERT_FILE", &certificate.path)]);
    fail_twice(&place);
    let stream = accept(&sink);
    assert_eq!(until_encrypted(&stream), ["EHLO localhost", "STARTTLS"]);
    let heard = take_mail(certificate.accept(stream), false, true);
    let login = format!("AUTH PLAIN {}", STANDARD.encode("\0ci\0pass"));
    assert_eq!(heard[..2], ["EHLO localhost".to_owned(), login], "{heard:?}");
    assert!(heard.iter().any(|line| line == "Subject: [main] 1 test newly failing in run @3"));
}
