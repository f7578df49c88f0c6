//! Do the lines with `curl` of the guide work as they stand there? Takes bash and curl.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{fs, process::Command};

use subunit_core::Status::{Fail, Success};
use subunit_history::History;
use support::{Served, add_run, stream};
use tempfile::tempdir;

/// The server of the guide.
const ADDRESS: &str = "127.0.0.1:7357";

/// How many bytes the guide sends in two pieces.
const SENT: usize = 10_500;

/// A stream of this length: text may stand anywhere in one.
fn stream_of(length: usize) -> Vec<u8> {
    let mut bytes = stream(0, &[("a", Success, ""), ("c", Fail, "c broke")]);
    bytes.resize(length, b'\n');
    bytes
}

#[test]
fn lines_with_curl_of_the_guide_work() {
    let page = include_str!("../../docs/server.md");
    let lines: Vec<&str> =
        page.lines().filter(|line| line.starts_with("curl ") && line.contains(ADDRESS)).collect();
    assert!(lines.len() >= 9, "{lines:?}");
    let (history, work) = (tempdir().unwrap(), tempdir().unwrap());
    add_run(history.path(), "main", 0, &[("a", Success, ""), ("b", Success, "")]);
    let served = Served::start(history.path());
    let both = stream_of(SENT);
    let files = [
        ("results.xml", &b"<testsuite><testcase name='x'/></testsuite>"[..]),
        ("run.subunit", &stream(100, &[("a", Success, "")])),
        ("first", &both[..10_000]),
        ("last", &both[10_000..]),
    ];
    for (name, content) in files {
        fs::write(work.path().join(name), content).unwrap();
    }
    for line in lines {
        // An answer that is an error ends curl with 22. What watches a stream has its own tests.
        let functions = "set -o pipefail; subunit() { cat > watched; test -s watched; }
                         curl() { command curl -sS --fail-with-body \"$@\"; }\n";
        let script = format!("{functions}{}", line.replace(ADDRESS, &served.address));
        let mut bash = Command::new("bash");
        bash.args(["-c", &script]).current_dir(work.path()).env_remove("http_proxy");
        let output = bash.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&said));
    }
    let runs = History::open(history.path()).unwrap().unwrap().runs(None).unwrap();
    let sent: Vec<_> = runs.iter().map(|run| (run.raw_bytes, run.counts.tests())).collect();
    assert_eq!(runs.len(), 4, "{sent:?}");
    assert!(sent.contains(&(SENT as u64, 2)), "{sent:?}");
}
