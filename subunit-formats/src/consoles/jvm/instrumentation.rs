//! What `am instrument -r` prints of Android's tests: blocks of `INSTRUMENTATION_STATUS`, each with a code.
//!
//! By public samples; no device was at hand.
//!
//! * Ids are `package.Class#method`, which `am instrument -e class` takes. A code of 1 starts a test, another one ends it.
//! * What goes on over lines belongs to the value before it: the file `traceback`, or `stdout` for `stream`.
//! * `numtests` of the last run must be what was read. Without `INSTRUMENTATION_CODE`, or with another code than -1, the run is red.

use subunit_core::{
    Status,
    conventions::{REASON, STDOUT, TRACEBACK},
    run::counted,
};

use crate::{
    events::{
        push::Push,
        reported::{DocumentRun, Ledger, Reported},
    },
    format::{Row, Signs},
    text::{
        line_reader::{LineReader, LineState},
        lines::Lines,
    },
};

/// What `am instrument -r` prints.
pub(crate) const ROW: Row = Row {
    name: "instrumentation",
    title: "what `am instrument -r` prints of Android's tests",
    signs: Signs {
        first: &["INSTRUMENTATION_STATUS: "],
        begins: &["INSTRUMENTATION_FAILED: ", "INSTRUMENTATION_RESULT: "],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::new(|| Box::<LineReader<Session, Lines>>::default())
};

const SESSION: &str = "instrumentation [session]";

/// Values are kept up to this size; what is more is text.
const LONGEST: usize = 1 << 20;

fn tells(line: &[u8]) -> bool {
    ["INSTRUMENTATION_STATUS: ", "INSTRUMENTATION_FAILED: ", "INSTRUMENTATION_RESULT: "]
        .iter()
        .any(|word| line.starts_with(word.as_bytes()))
}

/// What is known of a run. Memory: one block.
#[derive(Default)]
struct Session {
    ledger: Ledger,
    block: Vec<(String, String)>,
    /// The test that runs.
    open: Option<String>,
    planned: Option<u64>,
    began: bool,
    /// What the run says of itself at its end.
    result: String,
    in_result: bool,
    is_over: bool,
}

impl LineState for Session {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        let mut ledger = std::mem::take(&mut self.ledger);
        let mut run = DocumentRun::new(push, &mut ledger);
        self.read(line, &mut run);
        self.ledger = ledger;
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        let mut ledger = std::mem::take(&mut self.ledger);
        let mut run = DocumentRun::new(push, &mut ledger);
        self.cut_off(&mut run);
        *self = Self::default();
    }
}

impl Session {
    fn read(&mut self, line: &[u8], run: &mut DocumentRun<'_, '_>) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches(['\r', '\n']);
        if let Some(value) = text.strip_prefix("INSTRUMENTATION_STATUS: ") {
            if std::mem::take(&mut self.is_over) {
                *self = Self { ledger: std::mem::take(&mut self.ledger), ..Self::default() };
                run.next_document();
            }
            (self.began, self.in_result) = (true, false);
            let (key, value) = value.split_once('=').unwrap_or((value, ""));
            self.block.push((key.to_owned(), value.to_owned()));
        } else if let Some(code) = text.strip_prefix("INSTRUMENTATION_STATUS_CODE: ") {
            self.end_block(code.split_whitespace().next().unwrap_or_default(), run);
        } else if let Some(value) = text.strip_prefix("INSTRUMENTATION_RESULT: ") {
            (self.began, self.in_result) = (true, true);
            self.result.push_str(value);
            self.result.push('\n');
        } else if let Some(code) = text.strip_prefix("INSTRUMENTATION_CODE: ") {
            self.end(code.trim(), run);
        } else if let Some(why) = text.strip_prefix("INSTRUMENTATION_FAILED: ") {
            self.began = true;
            run.failure(SESSION, why);
            self.is_over = true;
        } else if self.in_result && self.result.len() < LONGEST {
            self.result.push_str(text);
            self.result.push('\n');
        } else if let Some((_, value)) =
            self.block.last_mut().filter(|(_, value)| value.len() < LONGEST)
        {
            value.push('\n');
            value.push_str(text);
        } else {
            run.text(line);
        }
    }

    /// The status of a test, which the block before its code is about.
    fn end_block(&mut self, code: &str, run: &mut DocumentRun<'_, '_>) {
        let block = std::mem::take(&mut self.block);
        let value = |key: &str| {
            let found = block.iter().rfind(|(known, _)| known == key);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        let (class, test) = (value("class"), value("test"));
        self.planned = value("numtests").parse().ok().or(self.planned);
        let id = format!("{class}#{test}");
        let is_start = matches!(code, "1" | "2") || class.is_empty() || test.is_empty();
        let files = ["stack", "stream"].map(|name| block.iter().rposition(|(key, _)| key == name));
        for (nth, (_, value)) in block.iter().enumerate() {
            let is_told = !is_start && files.contains(&Some(nth));
            if let Some((_, more)) = value.split_once('\n').filter(|_| !is_told) {
                run.text(more.as_bytes());
                run.text(b"\n");
            }
        }
        if class.is_empty() || test.is_empty() {
            if code.starts_with('-') && !value("Error").is_empty() {
                run.failure(SESSION, value("Error"));
            }
            return;
        }
        if matches!(code, "1" | "2") {
            self.open = Some(id);
            return;
        }
        self.open = None;
        let mut reported = Reported::of_word(id, code, |code| match code {
            "0" => Some(Status::Success),
            "-1" | "-2" => Some(Status::Fail),
            "-3" | "-4" => Some(Status::Skip),
            _ => None,
        });
        let is_skip = reported.status() == Status::Skip;
        reported.file(if is_skip { REASON } else { TRACEBACK }, value("stack").trim_end());
        reported.file(STDOUT, value("stream").trim());
        run.result(&reported);
    }

    fn end(&mut self, code: &str, run: &mut DocumentRun<'_, '_>) {
        let result = std::mem::take(&mut self.result);
        self.incomplete(run);
        let tests = run.counts().tests();
        let crashed = result.contains("shortMsg=") || result.contains("Process crashed");
        if crashed || code != "-1" {
            run.failure(SESSION, &format!("code {code}: {}", result.trim()));
        } else if let Some(planned) = self.planned.filter(|planned| *planned > tests) {
            run.shortfall(
                SESSION,
                &format!("it has {}, and results of {tests}", counted(planned, "test")),
            );
        } else if result.contains("FAILURES!!!") && run.counts().is_green() {
            run.shortfall(SESSION, "it says that it failed, and shows no failure");
        }
        run.output("result", result.trim().as_bytes());
        (self.is_over, self.in_result) = (true, false);
    }

    /// The test that runs has no end.
    fn incomplete(&mut self, run: &mut DocumentRun<'_, '_>) {
        if let Some(id) = self.open.take() {
            let mut reported = Reported::new(id, Status::Fail);
            reported.cut_off();
            run.result(&reported);
        }
    }

    fn cut_off(&mut self, run: &mut DocumentRun<'_, '_>) {
        self.incomplete(run);
        for (_, value) in std::mem::take(&mut self.block) {
            run.text(value.as_bytes());
            run.text(b"\n");
        }
        run.output("result", self.result.trim().as_bytes());
        if self.began && !self.is_over {
            run.shortfall(SESSION, "it did not end: there is no INSTRUMENTATION_CODE");
        }
    }
}
