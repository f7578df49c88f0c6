//! Writes JUnit XML that every reader takes.

mod attachments;
mod attributes;
mod element;
mod names;
mod printed;
mod properties;
mod recorded;
mod render;
mod result_element;
mod spool;
mod suites;

use std::{
    io::{self, BufWriter, Write},
    sync::Arc,
};

pub use attachments::AttachmentFolder;
use attachments::{ARTIFACTS, Taken};
use recorded::RecordedCases;
pub(super) use spool::Spool;
use subunit_core::{
    Damage, Event, FileChunk, Status,
    run::{Judge, Outputs, Results, TestResult, counted},
    sink::{Attachment, Flow, Sink, TestRecord},
};
use suites::{Report, WrittenCase};

use crate::{
    junit::options::JunitOptions,
    report::{Row, report},
};

/// The report.
pub(crate) const REPORT: Row = Row::new("to-junit", "Write JUnit XML", |out| {
    Box::new(JunitWriter::new(out, JunitOptions::default()))
});

report! { JunitWriter: false => set_judge }

/// Writes one report for Jenkins, GitLab, actions of GitHub, Azure, CircleCI and Buildkite: suites by class
/// name, none in another; class and name for every test case; one result in each, whose text holds its message. Names
/// in the route of a test are packages in front of its class. Attempts that the source marks
/// are one case: where the last one failed, the first is its failure and all others are `rerunFailure`, else the
/// earlier ones are `flakyFailure`. Times are in UTC, and left out where they are relative; counts are true.
///
/// The report is written at [`Sink::finish`], for its counts stand first. Until then test cases wait in
/// a temporary file: memory does not grow with the run. What tests print is repaired, never trusted.
/// Tests that were listed only are left out; files of no test are output of their suite, or else of the suite that has
/// the report's name; text outside of tests is not the report's business.
///
/// Sinks cannot fail: errors are kept for [`JunitWriter::into_result`], and end the run.
pub struct JunitWriter<W> {
    out: W,
    results: Results,
    outputs: Outputs,
    cases: Cases,
    attachments: Option<AttachmentFolder>,
    damage: u64,
    first_damage: String,
}

impl<W: Write> JunitWriter<W> {
    /// Will write to `out`.
    pub fn new(out: W, options: JunitOptions) -> Self {
        let limit = options.max_output.saturating_mul(4).max(1 << 16);
        Self {
            out,
            results: Results::with_limit(limit),
            outputs: Outputs::default(),
            cases: Cases::new(options),
            attachments: None,
            damage: 0,
            first_damage: String::new(),
        }
    }

    /// Files of tests that the report has no place for go into a folder, as they come, and the report names
    /// them; otherwise text is in the report, and of other files only the names and sizes.
    #[must_use]
    pub fn with_attachments(self, folder: AttachmentFolder) -> Self {
        Self { attachments: Some(folder), ..self }
    }

    /// What the run is judged by; told before anything else is.
    pub fn set_judge(&mut self, judge: &Judge) {
        self.results = std::mem::take(&mut self.results).with_judge(judge);
    }

    /// The output, or what went wrong on the way.
    pub fn into_result(self) -> io::Result<W> {
        match self.cases.error {
            Some(error) => Err(error),
            None => Ok(self.out),
        }
    }

    /// Takes an event, with the path instead of a file that went into the folder.
    fn record(&mut self, event: &Event<'_>) -> io::Result<()> {
        let taken = match &mut self.attachments {
            Some(folder) => folder.take(event)?,
            None => Taken::Left,
        };
        let result = match taken {
            Taken::Left => self.results.note(event),
            Taken::Written(None) => self.results.note(&Event { file: None, ..*event }),
            Taken::Written(Some(path)) => self.results.note(&Event {
                file: Some(FileChunk { name: ARTIFACTS, bytes: path.as_bytes() }),
                mime_type: Some("text/uri-list"),
                eof: true,
                ..*event
            }),
        };
        if let Some(result) = result {
            self.outputs.explain(result.last);
            self.cases.take(result);
        }
        Ok(())
    }

    /// Finishes, and writes the report to `out` instead of the output that it was made for. Gives the number
    /// of results that are none: tests that never ended.
    ///
    /// # Errors
    ///
    /// The first error there was, on the way or with `out`.
    pub fn finish_into(mut self, out: &mut dyn Write) -> io::Result<u64> {
        let unfinished = self.end();
        match self.cases.error {
            Some(error) => Err(error),
            None => self.cases.report.write(out, &self.cases.options).map(|()| unfinished),
        }
    }

    /// Takes what is left: open tests, failures that were held, and damage. Gives the number of tests that never
    /// ended.
    fn end(&mut self) -> u64 {
        let mut unfinished = 0;
        for TestResult { earlier, mut last, takes_back } in self.results.finish() {
            unfinished += u64::from(!last.status.is_some_and(Status::is_final));
            self.outputs.explain(&mut last);
            self.cases.take(TestResult { earlier, last: &mut last, takes_back });
        }
        if self.damage > 0 {
            let message =
                format!("{}; {} in all", self.first_damage, counted(self.damage, "place"));
            self.cases.trouble("damage", message);
        }
        self.cases.put_outputs(&self.outputs);
        unfinished
    }
}

impl<W: Write> Sink for JunitWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.cases.report.note_time(event.timestamp);
        self.outputs.note(event);
        if let Err(error) = self.record(event) {
            self.cases.error.get_or_insert(error);
        }
        if self.cases.error.is_some() { Flow::Break } else { Flow::Continue }
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        if self.damage == 0 {
            self.first_damage = damage.to_string();
        }
        self.damage += 1;
        Flow::Continue
    }

    fn finish(&mut self) {
        self.end();
        let Cases { report, options, error, .. } = &mut self.cases;
        if error.is_none() {
            *error = report.write(&mut BufWriter::new(&mut self.out), options).err();
        }
    }
}

/// Makes test cases of results.
struct Cases {
    options: Arc<JunitOptions>,
    report: Report,
    recorded: RecordedCases,
    error: Option<io::Error>,
}

impl Cases {
    fn new(options: JunitOptions) -> Self {
        let report = Report::new(options.memory);
        Self { options: Arc::new(options), report, recorded: RecordedCases::default(), error: None }
    }

    fn take(&mut self, result: TestResult<&mut TestRecord>) {
        let TestResult { earlier: mut attempts, last, takes_back } = result;
        if last.status == Some(Status::Exists) {
            return;
        }
        if takes_back && let Some((place, failure)) = self.recorded.take(last) {
            self.report.take_back(place, &failure);
            attempts.insert(0, failure);
        }
        if !attempts.is_empty() {
            attempts.push(std::mem::take(last));
            self.write(&attempts);
            return;
        }
        if !last.has_failed() {
            self.shorten(last);
            if self.options.failures_only {
                return;
            }
        }
        let place = self.write(std::slice::from_ref(last));
        if let Some(place) = place
            && RecordedCases::may_be_taken_back(last)
        {
            self.recorded.keep(last, place);
        }
    }

    /// Takes the output of a test that passed away, where it is not wanted.
    fn shorten(&self, record: &mut TestRecord) {
        const KEPT: [&str; 5] = ["reason", "details", "type", "properties", ARTIFACTS];
        if self.options.no_passed_output {
            record.attachments.retain(|file| KEPT.contains(&file.name.as_str()));
            record.omitted = 0;
        }
    }

    fn write(&mut self, attempts: &[TestRecord]) -> Option<WrittenCase> {
        match self.report.add(attempts, &self.options) {
            Ok(place) => place,
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    fn put_outputs(&mut self, outputs: &Outputs) {
        if let Err(error) = self.report.add_outputs(outputs, &self.options) {
            self.error.get_or_insert(error);
        }
    }

    /// A test case for what is wrong and is no test.
    fn trouble(&mut self, id: &str, message: String) {
        let attachment = Attachment {
            name: "error".to_owned(),
            bytes: message.into_bytes(),
            ..Default::default()
        };
        let record = TestRecord {
            test_id: id.to_owned(),
            status: Some(Status::Fail),
            attachments: vec![attachment],
            ..TestRecord::default()
        };
        self.write(&[record]);
    }
}
