//! What LLVM's `lit` prints.
//!
//! By the lit manual (llvm.org/docs/CommandGuide/lit.html), "Test status results".
//!
//! * The id is `suite :: path`. The block of a test that failed is its attachment `output`.
//! * `UNRESOLVED` and `TIMEOUT` are `fail`, `UNSUPPORTED`, `SKIPPED` and `EXCLUDED` are `skip`, and
//!   `FLAKYPASS` is `success`; the word is the reason. All other lines are text.
//! * Where neither all the tests that were announced came, nor the totals, `plan` has failed.

use subunit_core::{
    FileChunk, Status,
    sink::{Flow, Sink},
};

use super::{
    FormatReader,
    emit::{self, Outcome},
    lines::Lines,
};

const BLOCK: &[u8] = b"********************";

/// Reads the output of `lit`. Memory: a line and an id.
#[derive(Clone, Debug, Default)]
pub struct LitReader {
    lines: Lines,
    state: State,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// A result whose block may follow.
    held: Option<Held>,
    /// Whether the lines are of the held result's block.
    within_block: bool,
    announced: Option<u64>,
    results: u64,
    /// Whether the totals have come.
    total: bool,
    within_line: bool,
}

#[derive(Clone, Debug)]
struct Held {
    id: String,
    word: Word,
}

impl LitReader {
    /// At the start of the input.
    pub fn new() -> Self {
        Self::default()
    }
}

impl FormatReader for LitReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let state = &mut self.state;
        self.lines.feed::<()>(bytes, |line| state.line(line, sink))
    }

    fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        if self.state.within_block { Flow::Continue(()) } else { self.state.push_held(sink) }
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        if let Some(line) = self.lines.finish() {
            self.state.line(&line, sink)?;
        }
        self.state.finish(sink)
    }
}

impl State {
    fn line(&mut self, raw: &[u8], sink: &mut dyn Sink) -> Flow {
        let ended = raw.ends_with(b"\n");
        let continues = std::mem::replace(&mut self.within_line, !ended);
        let line = raw.trim_ascii_end();
        if self.within_block {
            if line == BLOCK && !continues {
                return self.push_held(sink);
            }
            return self.block_line(raw, false, sink);
        }
        if continues {
            return sink.text(raw);
        }
        if let Some((word, name, number)) = result(line) {
            self.push_held(sink)?;
            // A line that may have been cut within its numbers counts for nothing.
            self.results += u64::from(ended);
            self.announced = self.announced.or(number);
            self.held = Some(Held { id: emit::id(name).into_owned(), word });
            return Flow::Continue(());
        }
        if self.begins_block(line) {
            self.within_block = true;
            return Flow::Continue(());
        }
        self.push_held(sink)?;
        self.note(line, ended, sink)?;
        sink.text(raw)
    }

    fn begins_block(&self, line: &[u8]) -> bool {
        let Some(held) = &self.held else { return false };
        let inner = line.strip_prefix(BLOCK).and_then(|rest| rest.strip_suffix(BLOCK));
        let name = inner.and_then(|inner| inner.trim_ascii().strip_prefix(b"TEST '"));
        name.is_some_and(|name| emit::id(name).starts_with(&format!("{}' ", held.id)))
    }

    fn block_line(&mut self, bytes: &[u8], eof: bool, sink: &mut dyn Sink) -> Flow {
        let id = self.held.as_ref().map(|held| &*held.id);
        emit::attach(sink, id, FileChunk { name: "output", bytes }, emit::TEXT, eof)
    }

    fn push_held(&mut self, sink: &mut dyn Sink) -> Flow {
        if std::mem::take(&mut self.within_block) {
            self.block_line(b"", true, sink)?;
        }
        let Some(Held { id, word }) = self.held.take() else { return Flow::Continue(()) };
        let reason = word.reason.then_some(word.name.as_bytes());
        Outcome { reason, ..Outcome::new(&id, word.status) }.push(sink)
    }

    /// Takes note of how many tests there will be, and of the totals at the end.
    fn note(&mut self, line: &[u8], ended: bool, sink: &mut dyn Sink) -> Flow {
        if let Some(rest) = line.strip_prefix(b"-- Testing: ") {
            self.close(sink)?;
            self.announced = leading_number(rest);
        }
        let totals = [&b"Total Discovered Tests:"[..], b"Testing Time:"];
        self.total |= ended && totals.iter().any(|total| line.starts_with(total));
        Flow::Continue(())
    }

    /// Ends a run: what was announced must have come.
    fn close(&mut self, sink: &mut dyn Sink) -> Flow {
        let total = std::mem::take(&mut self.total);
        let results = std::mem::take(&mut self.results);
        match self.announced.take() {
            Some(announced) if !total && results < announced => {
                let words = format!("there were to be {announced} tests, and {results} came");
                Outcome::failure("plan", &words).push(sink)
            }
            None if !total && results > 0 => {
                let words = "there are no totals: it was cut short, or crashed";
                Outcome::failure("plan", words).push(sink)
            }
            _ => Flow::Continue(()),
        }
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let cut = self.within_block;
        self.push_held(sink)?;
        if cut {
            Outcome::failure("plan", "the input ends within a test's output").push(sink)?;
        }
        self.close(sink)
    }
}

#[derive(Clone, Copy, Debug)]
struct Word {
    name: &'static str,
    status: Status,
    /// Whether the word says more than the status.
    reason: bool,
}

const fn word(name: &'static str, status: Status, reason: bool) -> Word {
    Word { name, status, reason }
}

const WORDS: [Word; 10] = [
    word("PASS", Status::Success, false),
    word("FAIL", Status::Fail, false),
    word("XFAIL", Status::ExpectedFailure, false),
    word("XPASS", Status::UnexpectedSuccess, false),
    word("UNRESOLVED", Status::Fail, true),
    word("UNSUPPORTED", Status::Skip, true),
    word("TIMEOUT", Status::Fail, true),
    word("SKIPPED", Status::Skip, true),
    word("EXCLUDED", Status::Skip, true),
    word("FLAKYPASS", Status::Success, true),
];

/// `PASS: suite :: path (1 of 4)`: the word, the name, and how many there are.
fn result(line: &[u8]) -> Option<(Word, &[u8], Option<u64>)> {
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(colon + 1..)?.strip_prefix(b" ")?;
    let word = WORDS.into_iter().find(|word| word.name.as_bytes() == &line[..colon])?;
    memchr::memmem::find(name, b" :: ")?;
    let Some(at) = memchr::memmem::rfind(name, b" (") else { return Some((word, name, None)) };
    let of = memchr::memmem::find(&name[at..], b" of ");
    match of.and_then(|of| leading_number(&name[at + of + 4..])) {
        Some(count) => Some((word, &name[..at], Some(count))),
        None => Some((word, name, None)),
    }
}

fn leading_number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::log::Log;

    const RUN: &str = "-- Testing: 4 tests, 2 workers --\n\
        PASS: S :: a/b.test (1 of 4)\n\
        FAIL: S :: c.test (2 of 4)\n\
        ******************** TEST 'S :: c.test' FAILED ********************\n\
        PASS: S :: fake (3 of 4)\nerror\n\
        ********************\n\
        UNSUPPORTED: S :: d.test (3 of 4)\n\
        TIMEOUT: S :: e.test (4 of 4)\n\
        ********************\nFailed Tests (1):\n  S :: c.test\n\n\
        Testing Time: 0.11s\n\nTotal Discovered Tests: 4\n";

    #[test]
    fn results_and_the_output_of_what_failed() {
        let log = Log::read(LitReader::new(), RUN.as_bytes());
        let expected = [
            ("S :: a/b.test", "success", ""),
            ("S :: c.test", "fail", ""),
            ("S :: d.test", "skip", "UNSUPPORTED"),
            ("S :: e.test", "fail", "TIMEOUT"),
        ];
        assert_eq!(log.results(), expected);
        let output: Vec<u8> = log
            .events
            .iter()
            .filter_map(|event| event.file.as_ref().filter(|file| file.name == "output"))
            .flat_map(|file| file.bytes.to_vec())
            .collect();
        assert_eq!(output, b"PASS: S :: fake (3 of 4)\nerror\n");
    }

    #[test]
    fn a_run_that_was_cut_is_red() {
        let green =
            "-- Testing: 2 tests, 1 workers --\nPASS: S :: a (1 of 2)\nPASS: S :: b (2 of 2)\n";
        assert!(Log::read(LitReader::new(), green.as_bytes()).is_green());
        for cut in 0..green.len() {
            assert!(!Log::read(LitReader::new(), &green.as_bytes()[..cut]).is_green(), "{cut}");
        }
        assert!(!Log::read(LitReader::new(), b"PASS: S :: a\n").is_green());
    }

    #[test]
    fn a_succinct_run_names_no_passed_test_and_is_whole_by_its_totals() {
        let run =
            "-- Testing: 9 tests, 1 workers --\nXFAIL: S :: a (3 of 9)\n\nTesting Time: 0.1s\n";
        let log = Log::read(LitReader::new(), run.as_bytes());
        assert_eq!((log.results(), log.is_green()), (vec![("S :: a", "xfail", "")], true));
    }
}
