//! What somebody sees and has done who looks after a server.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::BufRead as _,
    path::Path,
    process::Stdio,
};

use subunit_core::Status::{Fail, Success};
use support::{
    Served, add_run,
    sent::{ONE, TESTS, path, put},
    serve, stream,
};
use tempfile::{TempDir, tempdir};

fn place() -> TempDir {
    let place = tempdir().unwrap();
    add_run(place.path(), "main", 0, &[("a", Success, ""), ("b", Fail, "b broke")]);
    place
}

/// The text format of Prometheus: each family with its kind, and its samples.
struct Families {
    kinds: BTreeMap<String, String>,
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Families {
    fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line has no end");
        let (mut kinds, mut helped, mut samples) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, about) = help.split_once(' ').unwrap();
                assert!(is_name(name) && !about.is_empty() && helped.insert(name), "{line}");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
            } else {
                let (what, value) = line.rsplit_once(' ').unwrap();
                let (name, labels) = match what.split_once('{') {
                    Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
                    None => (what, ""),
                };
                let labels = labels.split("\",").filter(|label| !label.is_empty()).map(|label| {
                    let (key, value) = label.split_once("=\"").unwrap();
                    assert!(is_name(key), "{line}");
                    (key.to_owned(), value.trim_end_matches('"').to_owned())
                });
                assert!(is_name(name), "{line}");
                samples.push((name.to_owned(), labels.collect(), value.parse().unwrap()));
            }
        }
        Self { kinds, samples }
    }

    fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let is_meant = |known: &BTreeMap<String, String>| {
            labels.iter().all(|(key, value)| known.get(*key).is_some_and(|known| known == value))
        };
        let found = self.samples.iter().find(|(known, has, _)| known == name && is_meant(has));
        found.map(|(_, _, value)| *value)
    }
}

#[test]
fn metrics_count_what_was_asked() {
    let place = place();
    let served = Served::start(place.path());
    let run = served.get("/api/v1/runs/@last").body;
    let run: serde_json::Value = serde_json::from_str(&run).unwrap();
    let run = format!("/run/{}", run["run"]["uuid"].as_str().unwrap());
    for path in ["/", "/", &run, "/run/nothing", "/nothing", "/nothing/either", "/api/v1/runs"] {
        served.get(path);
    }
    served.ask("BREW", "/", &[]);
    let answer = served.get("/metrics");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let families = Families::read(&answer.body);
    let requests = "subunit_http_requests_total";
    for (route, method, class, count) in [
        ("/", "GET", "2xx", Some(2.0)),
        ("/", "other", "4xx", Some(1.0)),
        ("/run/{uuid}", "GET", "2xx", Some(1.0)),
        ("/run/{uuid}", "GET", "4xx", Some(1.0)),
        ("/api/v1/runs", "GET", "2xx", Some(1.0)),
        ("other", "GET", "4xx", Some(2.0)),
        ("/nothing", "GET", "4xx", None),
    ] {
        let labels = [("route", route), ("method", method), ("status", class)];
        assert_eq!(families.value(requests, &labels), count, "{labels:?}: {}", answer.body);
    }
    for (name, kind) in
        [(requests, "counter"), ("subunit_http_request_duration_seconds", "histogram")]
    {
        assert_eq!(families.kinds[name], kind);
    }
    // Each sample is of a family, and the classes of a histogram hold each other.
    let mut last: Option<(String, f64)> = None;
    for (name, labels, value) in &families.samples {
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        assert!(families.kinds.contains_key(family.unwrap_or(name)), "{name}");
        assert!(value.is_finite() && *value >= 0.0, "{name} {value}");
        let who = format!("{:?} {:?}", labels.get("route"), labels.get("method"));
        if name.ends_with("_bucket") {
            let before = last.filter(|(known, _)| *known == who).map_or(0.0, |(_, value)| value);
            assert!(*value >= before, "{who}: {value} after {before}");
            last = Some((who, *value));
        } else if name.ends_with("_count") {
            assert_eq!(last, Some((who, *value)));
        }
    }
    // Those before may still be closing.
    assert!(families.value("subunit_connections", &[]).unwrap() >= 1.0);
    assert_eq!(families.value("subunit_event_streams", &[]), Some(0.0));
    let size: u64 = ["", "runs"]
        .iter()
        .flat_map(|name| fs::read_dir(place.path().join(name)).unwrap())
        .map(|entry| entry.unwrap().metadata().unwrap())
        .filter(fs::Metadata::is_file)
        .map(|found| found.len())
        .sum();
    assert_eq!(families.value("subunit_store_bytes", &[]), Some(size as f64));
}

#[test]
fn health_is_that_of_the_history() {
    let place = place();
    let served = Served::start(place.path());
    let well = served.get("/health");
    assert!(well.status == 200 && well.body.contains("\"status\":\"ok\""), "{well:?}");
    fs::remove_file(place.path().join("history.db")).unwrap();
    let ill = served.get("/health");
    assert!(ill.status == 503 && ill.header("retry-after").is_some(), "{ill:?}");
    assert!(!ill.body.contains(place.path().to_str().unwrap()), "{ill:?}");
}

#[test]
fn a_log_says_what_was_asked_and_no_secret() {
    let place = place();
    let here = place.path().to_str().unwrap();
    let mut command =
        serve(&["--history", here, "--listen", "127.0.0.1:0", "--require-token", "--log"]);
    let mut served = Served::by(command.stderr(Stdio::piped()));
    let mut lines = served.said().lines();
    for path in ["/api/v1/runs?limit=1&secret=1", "/%1b[31m", "/health"] {
        served.ask("GET", path, &[("Authorization", "Bearer secret")]);
    }
    for wanted in ["GET /api/v1/runs 401 ", "GET /%1b[31m 401 ", "GET /health 200 "] {
        let line = lines.next().unwrap().unwrap();
        let said = line.strip_prefix("subunit serve: ").unwrap();
        let millis = said.strip_prefix(wanted).and_then(|rest| rest.strip_suffix(" ms"));
        assert!(millis.is_some_and(|millis| millis.parse::<u32>().is_ok()), "{line}");
        assert!(!line.contains("secret"), "{line}");
    }
}

/// How many of these runs are kept.
fn kept(folder: &Path, runs: &[String]) -> usize {
    let file = |run: &&String| folder.join("runs").join(format!("{run}.sub.zst"));
    runs.iter().filter(|run| file(run).exists()).count()
}

#[test]
fn old_runs_go_when_the_server_begins_if_it_is_told_so() {
    let (place, project) = (tempdir().unwrap(), tempdir().unwrap());
    let add = |number: u32| add_run(place.path(), "main", number * 100, &[("a", Success, "")]);
    let runs: Vec<_> = (0..5).map(add).collect();
    let here = place.path().to_str().unwrap();
    let arguments = ["--history", here, "--listen", "127.0.0.1:0", "--prune"];
    let none = serve(&arguments).current_dir(project.path()).output().unwrap();
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("[history]"), "{none:?}");
    fs::write(project.path().join("subunit.toml"), "test_command = 'true'\n[history]\nkeep = 2\n")
        .unwrap();
    assert_eq!(kept(place.path(), &runs), 5);
    let mut command = serve(&arguments);
    let mut served = Served::by(command.current_dir(project.path()).stderr(Stdio::piped()));
    let said = served.said().lines().next().unwrap().unwrap();
    assert_eq!(said, "subunit serve: 3 old runs have gone");
    assert_eq!((kept(place.path(), &runs[..3]), kept(place.path(), &runs[3..])), (0, 2));
    assert_eq!(served.get("/").status, 200);
}

#[test]
fn metrics_count_what_was_received() {
    let place = place();
    let served = Served::start(place.path());
    let now = || {
        let families = Families::read(&served.get("/metrics").body);
        ["received_runs_total", "received_bytes_total", "receiving_runs"]
            .map(|name| families.value(&format!("subunit_{name}"), &[]).unwrap())
    };
    assert_eq!(now(), [0.0; 3]);
    let bytes = stream(100, &TESTS);
    let length = bytes.len() as f64;
    assert_eq!(put(&served, &bytes[..10], "bytes 0-9/*").status, 200);
    assert_eq!(now(), [0.0, 10.0, 1.0]);
    // The rest of it, all of it again, and a file.
    let rest = format!("bytes 10-{}/{}", bytes.len() - 1, bytes.len());
    assert_eq!(put(&served, &bytes[10..], &rest).status, 201);
    assert_eq!(now(), [1.0, length, 0.0]);
    assert_eq!(served.send("PUT", &path(ONE), &[], &bytes).status, 200);
    assert_eq!(served.send("POST", "/api/v1/runs", &[], b"1..1\nok 1 - a\n").status, 201);
    assert_eq!(now(), [2.0, length + 14.0, 0.0]);
}
