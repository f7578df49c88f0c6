//! Two levels of `mux` say of their inputs what these say themselves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mux_support;

use std::{
    fs,
    process::{Command, Stdio},
};

use mux_support::{SUBUNIT, directory};
use subunit_core::{Event, Status};

/// What `stats --json` says of a stream in a file.
fn stats(path: &str) -> serde_json::Value {
    let output = Command::new(SUBUNIT)
        .args(["stats", "--json", "--no-text", path])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// With damage no test begins, so that none is open where its end was.
fn passed_and_failed(damaged: bool) -> Vec<u8> {
    let mut stream = Vec::new();
    for (test_id, status) in
        [("s.passes", Status::Success), ("s.skipped", Status::Skip), ("s.fails", Status::Fail)]
    {
        if !damaged {
            Event::status(test_id, Status::InProgress).encode(&mut stream).unwrap();
        }
        let begin = stream.len();
        Event::status(test_id, status).encode(&mut stream).unwrap();
        if damaged && status == Status::Skip {
            stream[begin + 6] ^= 0x10;
        }
    }
    stream
}

const FIGURES: [&str; 8] =
    ["tests", "success", "fail", "skip", "xfail", "uxsuccess", "unfinished", "damage"];

/// Every input is read below two multiplexers as it is alone, and all of them together as their sum.
#[test]
fn figures_are_those_of_the_inputs() {
    let folder = directory("levels");
    let tap = "1..4\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP later\nnot ok 4 - d # TODO\n";
    let junit = "<testsuite name=\"s\" tests=\"2\" failures=\"1\"><testcase name=\"j\" time=\"0.5\"/>\
                 <testcase name=\"k\"><failure message=\"m\"/></testcase></testsuite>\n";
    let go = "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"T\"}\n\
              {\"Action\":\"fail\",\"Package\":\"p\",\"Test\":\"T\",\"Elapsed\":1}\n\
              {\"Action\":\"fail\",\"Package\":\"p\",\"Elapsed\":1}\n";
    let mut dies = Vec::new();
    Event::status("dies", Status::InProgress).encode(&mut dies).unwrap();
    let inputs: [(&str, Vec<u8>); 6] = [
        ("stream", passed_and_failed(false)),
        ("tap", tap.into()),
        ("junit", junit.into()),
        ("gojson", go.into()),
        ("damaged", passed_and_failed(true)),
        ("dies", dies),
    ];
    let (mut leaves, mut sums) = (String::new(), [0; FIGURES.len()]);
    for (name, content) in &inputs {
        let path = format!("{folder}/{name}");
        fs::write(&path, content).unwrap();
        let dies = if *name == "dies" { "; kill -KILL $$" } else { "" };
        leaves += &format!(" --run 'cat {path}{dies}'");
        let alone = stats(&path);
        let mut figures = FIGURES.map(|figure| alone[figure].as_u64().unwrap());
        if *name == "dies" {
            // The test that it was running fails, as one that never ends does.
            assert_eq!(figures, [0, 0, 0, 0, 0, 0, 1, 0]);
            figures = [1, 0, 1, 0, 0, 0, 0, 0];
        }
        let joined = through_two_levels(&folder, &format!("--run 'cat {path}{dies}'"));
        assert_eq!(FIGURES.map(|figure| joined[figure].as_u64().unwrap()), figures, "{name}");
        sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
    }
    let joined = through_two_levels(&folder, &leaves);
    // Beside tests that can be run by themselves, the four points of TAP are counted apart.
    sums[0] -= 4;
    assert_eq!(FIGURES.map(|figure| joined[figure].as_u64().unwrap()), sums);
    assert_eq!(sums[FIGURES.len() - 1], 1, "one place of damage");
}

fn through_two_levels(folder: &str, leaves: &str) -> serde_json::Value {
    let script = format!("{folder}/middle.sh");
    fs::write(&script, format!("exec {SUBUNIT} mux {leaves}\n")).unwrap();
    let joined = format!("{folder}/joined.subunit");
    let status = Command::new(SUBUNIT)
        .args(["mux", "--run", &format!("sh {script}")])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .stdout(fs::File::create(&joined).unwrap())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
    stats(&joined)
}
