//! Who may ask for what: tokens, proxies, limits.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value as Json;
use subunit_core::Status::{Fail, Success};
use support::{
    Answer, Served, add_run,
    sent::{ONE, runs},
    serve,
};
use tempfile::{TempDir, tempdir};

fn place() -> TempDir {
    let place = tempdir().unwrap();
    add_run(place.path(), "main", 0, &[("a", Success, ""), ("b", Fail, "b broke")]);
    place
}

/// `subunit serve token` with these arguments; what it prints.
fn token(folder: &Path, arguments: &[&str]) -> String {
    let all = [&["token"], arguments, &["--history", folder.to_str().unwrap()]].concat();
    let output = serve(&all).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn bearer(secret: &str) -> String {
    format!("Bearer {secret}")
}

/// As a browser sends a token that was typed as a password.
fn basic(secret: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    format!("Basic {}", STANDARD.encode(format!("me:{secret}")))
}

impl Served {
    fn as_who(&self, method: &str, path: &str, credentials: &str) -> Answer {
        self.ask(method, path, &[("Authorization", credentials)])
    }
}

/// All addresses that are only read.
fn addresses(served: &Served, credentials: &str) -> Vec<String> {
    let document = served.as_who("GET", "/api/v1/openapi.json", credentials);
    let document: Json = serde_json::from_str(&document.body).unwrap();
    let api = document["paths"].as_object().unwrap().iter();
    let api = api.filter(|(_, methods)| methods.get("get").is_some());
    let api = api.map(|(path, _)| path.replace("{run}", "@last").replace("{series}", "main"));
    let pages = [
        "/",
        "/series/main",
        "/grid/main",
        "/run/1",
        "/run/1/test?id=a",
        "/run/1/file?id=a",
        "/test/main?id=a",
        "/diff?old=1&new=1",
        "/search?q=a",
        "/help",
        "/live/1",
        "/live/1/events",
        "/api",
        "/api/v2",
        "/nothing",
        "/..%2fserver.tokens",
    ];
    api.chain(pages.map(str::to_owned)).collect()
}

#[test]
fn each_address_wants_a_token() {
    let place = place();
    let read = token(place.path(), &["add", "--scope", "read"]);
    let served = Served::start_with(place.path(), &["--require-token"]);
    let addresses = addresses(&served, &bearer(&read));
    assert!(addresses.len() > 25, "{addresses:?}");
    for path in &addresses {
        let strange = [
            served.get(path),
            served.as_who("GET", path, &bearer("subunit_wrong")),
            served.as_who("GET", path, &basic("subunit_wrong")),
            served.as_who("GET", path, &basic("")),
            served.as_who("GET", path, "Negotiate"),
            served.ask(
                "GET",
                path,
                &[("Authorization", &bearer(&read)), ("Authorization", "Bearer x")],
            ),
            served.ask("GET", path, &[("X-Forwarded-User", "ann")]),
            served.as_who("POST", path, "Bearer "),
            served.as_who("BREW", path, "Bearer "),
        ];
        for answer in strange {
            assert_eq!(answer.status, 401, "{path}: {answer:?}");
            let challenges = answer.headers("www-authenticate");
            assert!(challenges.iter().any(|one| one.starts_with("Basic realm=")), "{challenges:?}");
            assert!(challenges.iter().any(|one| one.starts_with("Bearer")), "{challenges:?}");
            assert!(
                !answer.body.contains("b broke") && !answer.body.contains("series/main"),
                "{path}"
            );
            let kind = answer.header("content-type").unwrap();
            assert_eq!(
                kind.starts_with("application/json"),
                path.starts_with("/api"),
                "{path}: {kind}"
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        }
        for credentials in [bearer(&read), basic(&read)] {
            let answer = served.as_who("GET", path, &credentials);
            assert!([200, 400, 404].contains(&answer.status), "{path}: {answer:?}");
            assert!(!answer.body.contains("sha256"), "{path}: {answer:?}");
        }
    }
    for open in ["/health", "/style.css", "/script.js"] {
        assert_eq!(served.get(open).status, 200, "{open}");
    }
}

#[test]
fn each_address_that_is_written_wants_a_token_that_may_write() {
    let (app, web) = (place(), place());
    let scopes = ["read", "write"];
    let [read, write] = scopes.map(|scope| token(app.path(), &["add", "--scope", scope]));
    let other = token(web.path(), &["add", "--scope", "admin"]);
    let project =
        |name: &str, place: &TempDir| format!("--project={name}={}", place.path().display());
    let (app_option, web_option) = (project("app", &app), project("web", &web));
    let words = ["--listen", "127.0.0.1:0", "--require-token", &app_option, &web_option];
    let served = Served::by(&mut serve(&words));
    let document = served.as_who("GET", "/p/app/api/v1/openapi.json", &bearer(&read));
    let document: Json = serde_json::from_str(&document.body).unwrap();
    let methods = |methods: &Json| methods.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let paths = document["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, of)| methods(of).into_iter().map(move |one| (one, path)));
    let writes: Vec<(String, String)> = all
        .filter(|(method, _)| !["get", "head", "parameters"].contains(&&**method))
        .map(|(method, path)| (method.to_uppercase(), path.replace("{run}", ONE)))
        .collect();
    assert_eq!(writes.len(), 2, "{writes:?}");
    for (method, path) in &writes {
        let path = format!("/p/app{path}");
        let send = |headers: &[(&str, &str)]| served.send(method, &path, headers, b"ok 1 - a\n");
        for (credentials, status) in [
            (None, 401),
            (Some("Bearer subunit_wrong".to_owned()), 401),
            // Of another project, whatever it may do there.
            (Some(bearer(&other)), 401),
            (Some(bearer(&read)), 403),
            // What a browser sends by itself writes nothing.
            (Some(basic(&write)), 403),
        ] {
            let headers: Vec<_> =
                credentials.iter().map(|said| ("Authorization", said.as_str())).collect();
            let answer = send(&headers);
            assert_eq!(answer.status, status, "{method} {path} {credentials:?}: {answer:?}");
            assert!(serde_json::from_str::<Json>(&answer.body).unwrap()["error"].is_object());
        }
        let elsewhere = [("Authorization", &*bearer(&write)), ("Origin", "https://evil.example")];
        assert_eq!(send(&elsewhere).status, 403, "{method} {path}");
        assert_eq!(runs(app.path()), 1, "{method} {path}");
    }
    for (method, path) in &writes {
        let bearer = bearer(&write);
        let sent = [("Authorization", &*bearer)];
        let answer = served.send(method, &format!("/p/app{path}"), &sent, b"ok 1 - a\n");
        assert_eq!(answer.status, 201, "{method} {path}: {answer:?}");
    }
    assert_eq!(runs(app.path()), 3);
}

#[test]
fn a_token_counts_from_when_it_is_added_until_it_is_removed_or_expires() {
    let place = place();
    let served = Served::start_with(place.path(), &["--require-token"]);
    let status = |secret: &str| served.as_who("GET", "/", &bearer(secret)).status;
    let one = token(place.path(), &["add", "--scope", "read", "--name", "one"]);
    let two = token(place.path(), &["add", "--scope", "admin", "--expires", "1"]);
    let over = token(place.path(), &["add", "--scope", "read", "--expires", "0", "--name", "over"]);
    assert_eq!((status(&one), status(&two), status(&over)), (200, 200, 401));
    let list = token(place.path(), &["list"]);
    assert!(list.contains("one  read  made 20") && list.contains("admin-1  admin"), "{list}");
    assert!(!list.contains(&one), "{list}");
    token(place.path(), &["remove", "one"]);
    assert_eq!((status(&one), status(&two)), (401, 200));
    fs::remove_file(place.path().join("server.tokens")).unwrap();
    assert_eq!(status(&two), 401);
}

#[test]
fn tokens_are_kept_as_sums_that_only_their_owner_reads() {
    let place = place();
    let secret = token(place.path(), &["add", "--scope", "write", "--name", "ci"]);
    let bits = secret.strip_prefix("subunit_").unwrap();
    assert_eq!(bits.len(), 43, "{secret}");
    let path = place.path().join("server.tokens");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let file = fs::read_to_string(&path).unwrap();
    assert!(file.contains("\"ci\"") && !file.contains(bits), "{file}");
    let here = place.path().to_str().unwrap();
    for (arguments, wanted) in [
        (
            &["token", "add", "--scope", "read", "--name", "ci", "--history", here][..],
            "a token called ci",
        ),
        (&["token", "remove", "other", "--history", here], "no token called other"),
        (&["token", "add", "--scope", "all", "--history", here], "--scope"),
        (&["token", "add", "--history", here], "--scope"),
        (&["--anonymous-read", "--history", here], "--require-token"),
        (&["--tls-key", "key.pem", "--history", here], "--tls-certificate"),
        (&["--behind-proxy", "nginx", "--history", here], "no address"),
        (&["--require-token", "--name", "h:80", "--history", here], "say the name alone"),
        (&["--require-token", "--tokens", "/dev/zero", "--history", here], "/dev/zero"),
    ] {
        let output = serve(arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{stderr}");
        assert!(stderr.contains(wanted) && stderr.matches('\n').count() == 1, "{stderr}");
    }
}

#[test]
fn without_its_tokens_a_server_lets_nobody_in() {
    let place = place();
    let secret = token(place.path(), &["add", "--scope", "admin"]);
    let served = Served::start_with(place.path(), &["--require-token"]);
    fs::write(place.path().join("server.tokens"), "{\"version\":1,\"tokens\":[{}]}").unwrap();
    let answer = served.as_who("GET", "/", &bearer(&secret));
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(served.get("/").status, 401);
    assert_eq!(served.get("/health").status, 200);
}

#[test]
fn a_proxy_says_who_asks_and_they_only_read() {
    let place = place();
    let secret = token(place.path(), &["add", "--scope", "write"]);
    let served = Served::start_with(
        place.path(),
        &["--behind-proxy", "127.0.0.0/8", "--name", "tests.example"],
    );
    let ann = ("X-Forwarded-User", "ann");
    assert_eq!(served.ask("GET", "/", &[ann]).status, 200);
    assert_eq!(served.ask("GET", "/", &[ann, ("Host", "tests.example")]).status, 200);
    assert_eq!(served.ask("GET", "/", &[ann, ("Host", "other.example")]).status, 421);
    // The password of the proxy itself comes along.
    assert_eq!(served.ask("GET", "/", &[ann, ("Authorization", "Basic YTpi")]).status, 200);
    assert_eq!(served.ask("GET", "/", &[ann, ("Authorization", "Bearer x")]).status, 401);
    assert_eq!(served.as_who("GET", "/", &bearer(&secret)).status, 200);
    assert_eq!(served.get("/").status, 401);
    let other = self::place();
    let stranger = Served::start_with(other.path(), &["--behind-proxy", "10.0.0.5"]);
    assert_eq!(stranger.ask("GET", "/", &[ann]).status, 401);
}

#[test]
fn everybody_reads_if_the_server_was_told_so() {
    let place = place();
    let served = Served::start_with(place.path(), &["--require-token", "--anonymous-read"]);
    assert_eq!(served.get("/").status, 200);
    assert_eq!(served.get("/api/v1/runs").status, 200);
    assert_eq!(served.as_who("GET", "/", "Bearer x").status, 401);
    // A browser may send what it was told for a proxy, or for another project.
    assert_eq!(served.as_who("GET", "/", &basic("subunit_other")).status, 200);
    let sent = [("Authorization", &*basic("subunit_other"))];
    assert_eq!(served.send("POST", "/api/v1/runs", &sent, b"ok 1 - a\n").status, 403);
}

#[test]
fn who_asks_too_often_is_told_when_to_come_again() {
    let place = place();
    let secret = token(place.path(), &["add", "--scope", "read"]);
    let served = Served::start_with(place.path(), &["--require-token", "--rate", "1"]);
    let all: Vec<_> = (0..60).map(|_| served.get("/api/v1/runs")).collect();
    let refused = all.iter().find(|answer| answer.status == 429).unwrap();
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{refused:?}");
    assert!(refused.body.contains("\"too_many\""), "{refused:?}");
    // Who has a token is somebody else.
    assert_eq!(served.as_who("GET", "/", &bearer(&secret)).status, 200);
}

#[test]
fn nothing_but_the_history_can_be_read() {
    let place = place();
    fs::write(place.path().join("secret"), "it is out").unwrap();
    fs::write(place.path().parent().unwrap().join("subunit-secret"), "it is out").unwrap();
    let served = Served::start(place.path());
    let ways = [
        "../secret",
        "..%2fsecret",
        "%2e%2e/secret",
        "%2e%2e%2fsecret",
        "..%5csecret",
        "....//secret",
        "..;/secret",
        "../../subunit-secret",
        "%2e%2e%2f%2e%2e%2fsubunit-secret",
        "secret%00",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "..%c0%afsecret",
        "history.db",
        "../history.db",
        "server.address",
        "..%2fserver.address",
    ];
    for base in [
        "/",
        "/run/",
        "/series/",
        "/grid/",
        "/test/",
        "/live/",
        "/badge/",
        "/api/v1/runs/",
        "/run/1/file?id=",
    ] {
        for way in ways {
            let answer = served.get(&format!("{base}{way}"));
            assert!([400, 404].contains(&answer.status), "{base}{way}: {answer:?}");
            for secret in ["it is out", "SQLite format", "root:"] {
                assert!(!answer.body.contains(secret), "{base}{way}: {answer:?}");
            }
        }
    }
}

#[test]
fn nobody_writes_headers_of_an_answer() {
    let place = place();
    let served = Served::start(place.path());
    let evil = "%0d%0aX-Evil:%20yes%0d%0a%0d%0aevil";
    for path in [
        format!("/{evil}"),
        format!("/live/{evil}"),
        format!("/run/1/file?id=a&name={evil}"),
        format!("/api/v1/runs?limit=1&cursor={evil}"),
        format!("/api/v1/runs?limit=1&{evil}=1"),
        format!("/badge/{evil}.svg"),
    ] {
        let answer = served.get(&path);
        assert_eq!(answer.header("x-evil"), None, "{path}: {answer:?}");
    }
    let long = "x".repeat(40_000);
    assert_eq!(served.ask("GET", "/", &[("X-Long", &long)]).status, 431);
    let many: Vec<_> = (0..200).map(|_| ("X-Many", "1")).collect();
    assert_eq!(served.ask("GET", "/", &many).status, 431);
}

#[test]
fn what_only_asks_is_not_sent_content() {
    let place = place();
    let served = Served::start(place.path());
    for headers in [("Content-Length", "1000000"), ("Transfer-Encoding", "chunked")] {
        let answer = served.ask("GET", "/api/v1/runs", &[headers]);
        assert_eq!(answer.status, 413, "{answer:?}");
    }
}

#[test]
fn who_is_silent_or_slow_is_cut_off() {
    let place = place();
    let served = Served::start_with(place.path(), &["--idle", "1s"]);
    let connect = || {
        let stream = TcpStream::connect(&served.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    };
    // The end comes instead of a timeout of ours.
    let mut rest = Vec::new();
    connect().read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty(), "{rest:?}");
    let mut after_an_answer = connect();
    write!(after_an_answer, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    after_an_answer.read_to_end(&mut rest).unwrap();
    assert!(rest.starts_with(b"HTTP/1.1 200"), "{rest:?}");
    // A byte of a header now and then is no request. A minute of them is never sent.
    let mut slow = connect();
    slow.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    write!(slow, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").unwrap();
    let is_cut_off = (0..1200).any(|_| {
        let sent = slow.write_all(b"x");
        let read = slow.read(&mut [0; 64]);
        sent.is_err() || matches!(read, Ok(0)) || read.is_err_and(|error| !is_timeout(&error))
    });
    assert!(is_cut_off);
}

#[test]
fn who_does_not_read_is_cut_off() {
    let (place, text) = (tempdir().unwrap(), "every line is unread\n".repeat(2 << 20));
    let uuid = add_run(place.path(), "main", 0, &[("a", Success, &text)]);
    let served = Served::start_with(place.path(), &["--idle", "1s"]);
    let mut unread = TcpStream::connect(&served.address).unwrap();
    let path = format!("/api/v1/runs/{uuid}/stream");
    write!(unread, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let connections = || {
        let metrics = served.get("/metrics").body;
        let line = metrics.lines().find(|line| line.starts_with("subunit_connections "));
        line.unwrap().rsplit_once(' ').unwrap().1.parse::<u32>().unwrap()
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    // The one that asks is there.
    while connections() > 1 {
        assert!(Instant::now() < deadline, "it is served still");
    }
    let mut rest = Vec::new();
    // It was reset, or ends.
    let _ = unread.read_to_end(&mut rest);
    assert!(rest.len() < text.len(), "the buffers of the system have all of it: {}", rest.len());
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}
