//! Writes CTRF documents.

use std::io;

use serde_json::{Value, json};
use subunit_core::{
    Damage, Event, Status, Timestamp,
    run::{Judge, Outputs, Results, TestResult},
    sink::{Flow, Sink, TestRecord},
};

use super::attempt::{self, word};
use crate::{
    events::emit::DAMAGED,
    report::{Row, output::Output, report, taken_back},
    text::time::to_millis,
};

/// How much is kept of the files of a test that runs.
const KEPT: usize = 8 << 20;

/// The report.
pub(crate) const REPORT: Row = Row {
    title: "a stream as CTRF, a report in JSON",
    details: "Valid by the schema of version 1.0.0. Attempts at a test become one test with \
              `retryAttempts`. Text outside packets goes to standard error.",
    examples: &[
        "subunit to-ctrf run.subunit > ctrf-report.json",
        "subunit to-ctrf --no-text run.subunit | tail -n 1",
    ],
    ..Row::new("to-ctrf", "Write CTRF, a report in JSON", |out| Box::new(CtrfWriter::new(out)))
};

report! { CtrfWriter: false, unsaid => set_judge }

/// Writes a CTRF document, valid by the schema of version 1.0.0.
///
/// Results go out as they are certain, the summary after them: attempts that the source marks are one test with
/// `retryAttempts`, `flaky` if the last one did not fail. The text that says why a test failed is the trace, output
/// is `stdout` and `stderr`, all other files are in `extra`; up to 1 MiB of each file. Expected failures are
/// skipped, unexpected successes and unfinished tests have failed, and `rawStatus` says so. Files of no test are in
/// `extra` of the results. Times that are relative are durations: there is no start and no stop, and in the summary
/// 0. Text is left out.
///
/// Memory: that of [`Results`] and [`Outputs`], with 8 MiB for each test.
#[derive(Debug)]
pub struct CtrfWriter<W> {
    results: Results,
    outputs: Outputs,
    document: Document<W>,
    start: Option<Timestamp>,
    stop: Option<Timestamp>,
}

/// What has been written.
#[derive(Debug)]
struct Document<W> {
    out: Output<W>,
    begun: bool,
    counts: Counts,
    taken_back: u64,
}

#[derive(Debug, Default)]
struct Counts {
    tests: u64,
    passed: u64,
    failed: u64,
    skipped: u64,
    flaky: u64,
}

impl<W: io::Write> CtrfWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        let document = Document {
            out: Output::new(out),
            begun: false,
            counts: Counts::default(),
            taken_back: 0,
        };
        Self {
            results: Results::with_limit(KEPT),
            outputs: Outputs::default(),
            document,
            start: None,
            stop: None,
        }
    }

    /// What the run is judged by; told before anything else is.
    pub fn set_judge(&mut self, judge: &Judge) {
        self.results = std::mem::take(&mut self.results).with_judge(judge);
    }

    /// The output, or the first error there was with it. Nothing is written after an error.
    pub fn into_result(self) -> io::Result<W> {
        self.document.out.into_result()
    }

    /// What the document cannot say, in a few words.
    pub(crate) fn unsaid(&self) -> Option<String> {
        taken_back(self.document.taken_back)
    }

    fn note_time(&mut self, time: Option<Timestamp>) {
        let Some(time) = time.filter(|time| !time.is_relative()) else { return };
        self.start = Some(self.start.map_or(time, |start| start.min(time)));
        self.stop = Some(self.stop.map_or(time, |stop| stop.max(time)));
    }
}

impl<W: io::Write> Document<W> {
    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.out.write(BEGIN);
        }
    }

    /// Writes a test with its attempts.
    fn put(&mut self, result: &TestResult<&mut TestRecord>) {
        let (earlier, last) = (&result.earlier, &*result.last);
        if last.status == Some(Status::Exists) {
            return;
        }
        let mut json = attempt::json(last);
        attempt::describe(&mut json, last, !earlier.is_empty());
        if let Some(mark) = last.mark {
            json["extra"]["baseline"] = mark.word().into();
        }
        if !earlier.is_empty() {
            let numbered = earlier.iter().enumerate().map(|(nth, record)| {
                let mut json = attempt::json(record);
                json["attempt"] = (nth + 1).into();
                json
            });
            json["retryAttempts"] = numbered.collect();
            json["retries"] = earlier.len().into();
            json["flaky"] = result.is_flaky().into();
        }
        self.begin();
        let comma: &[u8] = if self.counts.tests > 0 { b",\n" } else { b"\n" };
        self.out.write(comma);
        self.out.write(json.to_string().as_bytes());
        self.counts.tests += 1;
        self.counts.flaky += u64::from(result.is_flaky());
        self.taken_back += u64::from(result.takes_back);
        *match word(last) {
            "passed" => &mut self.counts.passed,
            "skipped" => &mut self.counts.skipped,
            _ => &mut self.counts.failed,
        } += 1;
    }

    /// What belongs to no test, as it follows the summary.
    fn put_outputs(&mut self, outputs: &Outputs) {
        let files: Vec<Value> = outputs.iter().map(attempt::output).collect();
        if !files.is_empty() {
            let mut extra = json!({"files": files});
            if outputs.omitted() > 0 {
                extra["omitted"] = outputs.omitted().into();
            }
            self.out.write(format!(",\"extra\":{extra}").as_bytes());
        }
    }
}

const BEGIN: &[u8] =
    b"{\"reportFormat\":\"CTRF\",\"specVersion\":\"1.0.0\",\"generatedBy\":\"subunit\",\
      \"results\":{\"tool\":{\"name\":\"subunit\"},\"tests\":[";

impl<W: io::Write> Sink for CtrfWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.note_time(event.timestamp);
        self.outputs.note(event);
        if let Some(result) = self.results.note(event) {
            self.outputs.explain(result.last);
            self.document.put(&result);
        }
        self.document.out.flow()
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        let mut last = attempt::failure(DAMAGED, &damage.to_string());
        self.document.put(&TestResult { earlier: Vec::new(), last: &mut last, takes_back: false });
        self.document.out.flow()
    }

    fn finish(&mut self) {
        let document = &mut self.document;
        for TestResult { earlier, mut last, takes_back } in self.results.finish() {
            self.outputs.explain(&mut last);
            document.put(&TestResult { earlier, last: &mut last, takes_back });
        }
        document.begin();
        let counts = &document.counts;
        let summary = json!({
            "tests": counts.tests,
            "passed": counts.passed,
            "failed": counts.failed,
            "skipped": counts.skipped,
            "pending": 0,
            "other": 0,
            "flaky": counts.flaky,
            "start": self.start.map_or(0, to_millis),
            "stop": self.stop.map_or(0, to_millis),
        });
        document.out.write(format!("\n],\"summary\":{summary}").as_bytes());
        document.put_outputs(&self.outputs);
        document.out.write(b"}}\n");
        document.out.flush();
    }
}
