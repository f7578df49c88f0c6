//! `go test -json` as the `gojson2subunit` of python-subunit 1.4.6 converts it.

use std::collections::HashMap;

use subunit_core::{Event, FileChunk, Status, Timestamp};

use crate::{
    events::{emit::fit, push::Push},
    reader::public_reader,
    text::{
        json_line::{LongLines, Object, Tries, find},
        line_reader::{LineReader, LineState},
        time::parse_zoneless,
    },
};

public_reader! {
    /// Reads `go test -json` as python-subunit's `gojson2subunit` does.
    ///
    /// Output is one file `go test output` that comes with the final status, every package failure is a test
    /// `<import path> [build]`, and what is no JSON is dropped. Tests that never end are failures only where they
    /// have written something. Prefer [`GoJson`](super::GoJsonReader), which loses nothing.
    ///
    /// Memory: the output of the tests and packages that have not ended.
    #[derive(Clone, Debug)]
    PythonGoJsonReader(LineReader<State, LongLines>) = LineReader::default()
}

#[derive(Clone, Debug, Default)]
struct State {
    /// In the order of the first output, to report leftovers in.
    tests: HashMap<String, (u64, String)>,
    packages: HashMap<String, String>,
    begun: u64,
}

impl LineState for State {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        let line = line.trim_ascii();
        let Some(found) = find(line, &["\""], |_| true, &mut Tries::default()) else { return };
        if found.before.is_empty() && found.after.is_empty() {
            self.object(&found.object, push);
        }
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        let mut left: Vec<_> = self.tests.drain().collect();
        left.sort_unstable_by_key(|(_, (ordinal, _))| *ordinal);
        for (id, (_, output)) in left {
            end(&id, Status::Fail, &output, None, push);
        }
    }
}

impl State {
    fn object(&mut self, object: &Object, push: &mut Push<'_>) {
        let package = fit(object.str("Package").unwrap_or_default());
        let test = object.str("Test").filter(|test| !test.is_empty());
        let test = test.map(|test| fit(&format!("{package}.{test}")).into_owned());
        let at = object.str("Time").and_then(parse_zoneless).map(microseconds);
        let status = match object.str("Action") {
            Some("output") => {
                let output = object.str("Output").unwrap_or_default();
                self.output(test, &package, output);
                return;
            }
            Some("run") => {
                if let Some(id) = test {
                    push.status(&id, Status::InProgress, at);
                }
                return;
            }
            Some("pass") => Status::Success,
            Some("skip") => Status::Skip,
            Some("fail") => Status::Fail,
            _ => return,
        };
        match test {
            Some(id) => {
                let (_, output) = self.tests.remove(&id).unwrap_or_default();
                end(&id, status, &output, at, push);
            }
            None if status == Status::Fail && !package.is_empty() => {
                let output = self.packages.remove(&*package).unwrap_or_default();
                end(&format!("{package} [build]"), status, &output, at, push);
            }
            None => {}
        }
    }

    fn output(&mut self, test: Option<String>, package: &str, output: &str) {
        if let Some(id) = test {
            let begun = self.begun;
            self.tests.entry(id).or_insert((begun, String::new())).1.push_str(output);
            self.begun += 1;
        } else if !package.is_empty() {
            self.packages.entry(package.to_owned()).or_default().push_str(output);
        }
    }
}

/// Python's clock has no finer times.
fn microseconds(time: Timestamp) -> Timestamp {
    let seconds = u32::try_from(time.seconds()).unwrap_or(u32::MAX);
    Timestamp::new(seconds, time.nanoseconds() / 1000 * 1000)
}

fn end(id: &str, status: Status, output: &str, at: Option<Timestamp>, push: &mut Push<'_>) {
    let file = FileChunk { name: "go test output", bytes: output.as_bytes() };
    let written = !output.is_empty();
    push.event(&Event {
        timestamp: at,
        file: written.then_some(file),
        mime_type: written.then_some("text/plain; charset=UTF8"),
        eof: true,
        ..Event::status(id, status)
    });
}
