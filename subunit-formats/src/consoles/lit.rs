//! What LLVM's `lit` prints.
//!
//! By the lit manual (llvm.org/docs/CommandGuide/lit.html), "Test status results".
//!
//! * The id is `suite :: path`. The block of a test that failed is its attachment `output`.
//! * `UNRESOLVED` and `TIMEOUT` are `fail`, `UNSUPPORTED`, `SKIPPED` and `EXCLUDED` are `skip`, and
//!   `FLAKYPASS` is `success`; the word is the reason. All other lines are text.
//! * A test that was tried more than once has a result for each attempt, with its tag. What was wrong with
//!   the first ones lit does not say.
//! * Where neither all the tests that were announced came, nor the totals, `plan` has failed; so it has where the
//!   totals, or the lists in front of them, count more of what failed than was read, or, if passed tests
//!   are named at all, of what passed.
//! * Told to be succinct, `lit` names no test that passed: the one result `passed tests` stands for them, as its
//!   reason says, and is not runnable.

use subunit_core::{
    FileChunk, Status, TagsBuf,
    conventions::attempt_tag,
    run::counted,
    sink::{Flow, Sink},
};

use crate::{
    events::{
        emit::{self, Outcome},
        tally,
    },
    format::{Row, Signs},
    reader::public_reader,
    text::line_reader::{ShortLineReader, ShortLineState},
};

/// What the lit of LLVM prints.
pub(crate) const ROW: Row = Row {
    name: "lit",
    title: "the output of LLVM's lit",
    examples: &[
        r"printf 'PASS: LLVM :: a.ll (1 of 1)\n' | subunit from-lit | subunit ls",
        r"printf 'FAIL: LLVM :: a.ll (1 of 1)\n' | subunit from-lit | subunit stats",
    ],
    signs: Signs {
        first: &["-- Testing: "],
        begins: &["PASS: ", "FAIL: ", "XFAIL: ", "XPASS: ", "UNSUPPORTED: "],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::new(|| Box::new(LitReader::new()))
};

/// `PASS: suite :: path (1 of 7)`, or the line before the first of these.
fn tells(line: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(line, word).is_some();
    let result = has(b" :: ") && has(b" of ") && line.trim_ascii_end().ends_with(b")");
    line.starts_with(b"-- Testing: ")
        || result
            && [&b"PASS: "[..], b"FAIL: ", b"XFAIL: ", b"XPASS: ", b"UNSUPPORTED: "]
                .iter()
                .any(|word| line.starts_with(word))
}

const BLOCK: &[u8] = b"********************";

public_reader! {
    /// Reads the output of `lit`. Memory: a line and an id.
    #[derive(Clone, Debug)]
    LitReader(ShortLineReader<State>) = ShortLineReader::default()
}

#[derive(Clone, Debug, Default)]
struct State {
    /// A result whose block may follow.
    held: Option<Held>,
    /// Whether the lines are of the held result's block.
    within_block: bool,
    announced: Option<u64>,
    results: u64,
    /// How many results of each of the [`WORDS`] were read.
    read: [u64; WORDS.len()],
    totals: Totals,
}

#[derive(Clone, Debug)]
struct Held {
    id: String,
    word: Word,
    /// How often the test was tried.
    attempts: u32,
}

/// More attempts than this are not reported one by one.
const MOST_ATTEMPTS: u32 = 100;

/// What the end of the output says of all of it.
#[derive(Clone, Debug, Default)]
struct Totals {
    /// Whether there are some.
    come: bool,
    /// How many tests there are, in all.
    discovered: Option<u64>,
    /// How many tests the totals speak of, one by one.
    sum: u64,
    /// How many there are of each of the [`WORDS`], by the totals or the lists.
    counted: [u64; WORDS.len()],
    /// Whether the totals leave out what passed.
    terse: bool,
}

impl ShortLineState for State {
    fn line(&mut self, raw: &[u8], sink: &mut dyn Sink) -> Flow {
        let ended = raw.ends_with(b"\n");
        let line = raw.trim_ascii_end();
        if self.within_block {
            if line == BLOCK {
                return self.push_held(sink);
            }
            return self.block_line(raw, false, sink);
        }
        if let Some((word, name, Numbers { of: number, attempts })) = result(line) {
            if self.push_held(sink).is_break() {
                return Flow::Break;
            }
            // A line that may have been cut within its numbers counts for nothing.
            self.results += u64::from(ended);
            self.announced = self.announced.or(number);
            count(&mut self.read, word, u64::from(ended));
            self.held = Some(Held { id: emit::id(name).into_owned(), word, attempts });
            return Flow::Continue;
        }
        if self.begins_block(line) {
            self.within_block = true;
            return Flow::Continue;
        }
        if self.push_held(sink).is_break() {
            return Flow::Break;
        }
        self.note(line, ended, sink).and_then(|| sink.text(raw))
    }

    fn rest(&mut self, piece: &[u8], sink: &mut dyn Sink) -> Flow {
        if self.within_block { self.block_line(piece, false, sink) } else { sink.text(piece) }
    }

    fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        if self.within_block { Flow::Continue } else { self.push_held(sink) }
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let cut = self.within_block;
        let failure = Outcome::failure("plan", "the input ends within a test's output");
        self.push_held(sink)
            .and_then(|| if cut { failure.push(sink) } else { Flow::Continue })
            .and_then(|| self.close(sink))
    }
}

impl State {
    fn begins_block(&self, line: &[u8]) -> bool {
        let Some(held) = &self.held else { return false };
        let inner = line.strip_prefix(BLOCK).and_then(|rest| rest.strip_suffix(BLOCK));
        let name = inner.and_then(|inner| inner.trim_ascii().strip_prefix(b"TEST '"));
        name.is_some_and(|name| emit::id(name).starts_with(&format!("{}' ", held.id)))
    }

    fn block_line(&mut self, bytes: &[u8], eof: bool, sink: &mut dyn Sink) -> Flow {
        let id = self.held.as_ref().map(|held| &*held.id);
        sink.event(&emit::attachment(id, FileChunk { name: "output", bytes }, emit::TEXT, eof))
    }

    fn push_held(&mut self, sink: &mut dyn Sink) -> Flow {
        if std::mem::take(&mut self.within_block) && self.block_line(b"", true, sink).is_break() {
            return Flow::Break;
        }
        let Some(Held { id, word, attempts }) = self.held.take() else { return Flow::Continue };
        let tag = |number| [attempt_tag(number)].iter().map(String::as_str).collect::<TagsBuf>();
        for number in (1..attempts).take(MOST_ATTEMPTS as usize) {
            let tags = tag(number);
            let tags = Some(tags.as_tags());
            let outcome = Outcome { tags, ..Outcome::new(&id, Status::Fail) };
            if outcome.push(sink).is_break() {
                return Flow::Break;
            }
        }
        let tags = (attempts > 1).then(|| tag(attempts));
        let tags = tags.as_ref().map(TagsBuf::as_tags);
        let reason = word.reason.then_some(word.name.as_bytes());
        Outcome { reason, tags, ..Outcome::new(&id, word.status) }.push(sink)
    }

    /// Takes note of how many tests there will be, and of the totals at the end.
    fn note(&mut self, line: &[u8], ended: bool, sink: &mut dyn Sink) -> Flow {
        if let Some(rest) = line.strip_prefix(b"-- Testing: ") {
            if self.close(sink).is_break() {
                return Flow::Break;
            }
            self.announced = leading_number(rest);
        }
        if ended {
            self.totals.note(line);
        }
        Flow::Continue
    }

    /// Ends a run: what was announced must have come, and what the totals count.
    fn close(&mut self, sink: &mut dyn Sink) -> Flow {
        let totals = std::mem::take(&mut self.totals);
        let results = std::mem::take(&mut self.results);
        let read = std::mem::take(&mut self.read);
        let announced = self.announced.take();
        let named = PASSES.iter().any(|name| of(&read, name) > 0);
        let missing = WORDS
            .into_iter()
            .filter(|word| word.status.is_failure() || named && PASSES.contains(&word.name));
        let missing =
            missing.map(|word| (word.label, of(&totals.counted, word.name), of(&read, word.name)));
        let words = match announced {
            Some(announced) if !totals.come && results < announced => {
                Some(format!("it announced {}, and {results} came", counted(announced, "test")))
            }
            None if !totals.come && results > 0 => {
                Some("there are no totals: it was cut short, or crashed".to_owned())
            }
            _ => tally::shortfall(missing).or_else(|| {
                let whole = announced.is_some_and(|announced| results >= announced);
                totals.complaint().filter(|_| !whole)
            }),
        };
        if let Some(words) = words {
            return Outcome::failure("plan", &words).push(sink);
        }
        let passed = PASSES.iter().map(|name| of(&totals.counted, name)).sum();
        if named || passed == 0 { Flow::Continue } else { push_passed(passed, sink) }
    }
}

impl Totals {
    /// Takes note of a line of the end, or of one of the lists above it: `Failed Tests (1):`.
    fn note(&mut self, line: &[u8]) {
        if line.starts_with(b"Testing Time:") {
            self.come = true;
        } else if let Some(count) = line.strip_prefix(b"Total Discovered Tests:") {
            // Without a time, the totals are of what failed only.
            self.terse = !self.come;
            self.come = true;
            self.discovered = leading_number(count.trim_ascii_start());
        } else if let Some((label, count)) = listed(line) {
            self.count(label, count);
        } else if self.come
            && let Some((label, count)) = total(line)
        {
            self.sum = self.sum.saturating_add(count);
            self.count(label, count);
        }
    }

    fn count(&mut self, label: &[u8], count: u64) {
        let labels = |word: &Word| [word.label, word.old_label].map(str::as_bytes).contains(&label);
        if let Some(counted) = WORDS.iter().position(labels).and_then(|at| self.counted.get_mut(at))
        {
            *counted = count.max(*counted);
        }
    }

    /// What is wrong with them where not every test was named.
    fn complaint(&self) -> Option<String> {
        let discovered = self.discovered.filter(|tests| !self.terse && *tests > self.sum)?;
        let sum = self.sum;
        Some(format!(
            "the totals are cut short: they say what became of {} of {discovered}",
            counted(sum, "test")
        ))
    }
}

/// The result that stands for those that were not named.
fn push_passed(passed: u64, sink: &mut dyn Sink) -> Flow {
    let reason = format!("{passed} passed, and lit named none of them");
    let reason = Some(reason.as_bytes());
    let passed = Outcome::new("passed tests", Status::Success);
    Outcome { reason, runnable: false, ..passed }.push(sink)
}

/// `Failed Tests (1):`.
fn listed(line: &[u8]) -> Option<(&[u8], u64)> {
    let line = line.strip_suffix(b"):")?;
    let at = memchr::memmem::rfind(line, b" Tests (")?;
    let count = line.get(at + b" Tests (".len()..)?;
    Some((&line[..at], std::str::from_utf8(count).ok()?.parse().ok()?))
}

/// `  Passed: 2 (66.67%)`.
fn total(line: &[u8]) -> Option<(&[u8], u64)> {
    let line = line.strip_prefix(b"  ")?;
    let colon = memchr::memchr(b':', line)?;
    let count = leading_number(line.get(colon + 1..)?.trim_ascii_start())?;
    Some((line[..colon].trim_ascii(), count))
}

#[derive(Clone, Copy, Debug)]
struct Word {
    name: &'static str,
    status: Status,
    /// Whether the word says more than the status.
    reason: bool,
    /// The word for it in the totals, and that of LLVM before 11.
    label: &'static str,
    old_label: &'static str,
}

const fn word(
    name: &'static str,
    status: Status,
    reason: bool,
    [label, old_label]: [&'static str; 2],
) -> Word {
    Word { name, status, reason, label, old_label }
}

const WORDS: [Word; 11] = [
    word("PASS", Status::Success, false, ["Passed", "Expected Passes"]),
    word("FAIL", Status::Fail, false, ["Failed", "Unexpected Failures"]),
    word("XFAIL", Status::ExpectedFailure, false, ["Expectedly Failed", "Expected Failures"]),
    word("XPASS", Status::UnexpectedSuccess, false, ["Unexpectedly Passed", "Unexpected Passes"]),
    word("UNRESOLVED", Status::Fail, true, ["Unresolved", "Unresolved Tests"]),
    word("UNSUPPORTED", Status::Skip, true, ["Unsupported", "Unsupported Tests"]),
    word("TIMEOUT", Status::Fail, true, ["Timed Out", "Individual Timeouts"]),
    word("SKIPPED", Status::Skip, true, ["Skipped", "Skipped Tests"]),
    word("EXCLUDED", Status::Skip, true, ["Excluded", "Excluded Tests"]),
    word("FLAKYPASS", Status::Success, true, ["Passed With Retry", "Passes With Retry"]),
    word("FIXED", Status::Success, true, ["Passed After Update", "Passed After Update"]),
];

/// The words of tests that passed, which are left out where the output is to be succinct.
const PASSES: [&str; 3] = ["PASS", "FLAKYPASS", "FIXED"];

/// How many there are of one of the [`WORDS`].
fn of(counts: &[u64; WORDS.len()], name: &str) -> u64 {
    let at = WORDS.iter().position(|word| word.name == name);
    at.and_then(|at| counts.get(at)).copied().unwrap_or_default()
}

fn count(counts: &mut [u64; WORDS.len()], word: Word, more: u64) {
    let at = WORDS.iter().position(|other| other.name == word.name);
    if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
        *count += more;
    }
}

/// What follows the name of a test.
#[derive(Clone, Copy, Debug, Default)]
struct Numbers {
    /// How many tests there are.
    of: Option<u64>,
    attempts: u32,
}

/// `PASS: suite :: path (1 of 4)`, `FLAKYPASS: suite :: path (2 of 4, 3 of 5 attempts)`.
fn result(line: &[u8]) -> Option<(Word, &[u8], Numbers)> {
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(colon + 1..)?.strip_prefix(b" ")?;
    let word = WORDS.into_iter().find(|word| word.name.as_bytes() == &line[..colon])?;
    memchr::memmem::find(name, b" :: ")?;
    // Lit before 23 does not say how often it tried.
    let attempts = if word.name == "FLAKYPASS" { 2 } else { 1 };
    let numbers = Numbers { of: None, attempts };
    let Some(at) = memchr::memmem::rfind(name, b" (") else { return Some((word, name, numbers)) };
    let (name_only, behind) = name.split_at(at);
    let of = memchr::memmem::find(behind, b" of ").and_then(|of| leading_number(&behind[of + 4..]));
    if of.is_none() {
        return Some((word, name, numbers));
    }
    let told = memchr::memmem::find(behind, b", ").filter(|_| behind.ends_with(b" attempts)"));
    let told = told.and_then(|comma| leading_number(&behind[comma + 2..]));
    let attempts = told.and_then(|told| u32::try_from(told).ok()).unwrap_or(attempts);
    Some((word, name_only, Numbers { of, attempts }))
}

fn leading_number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Log;

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

    /// A run that is whole but for one line, to which another program's words are glued.
    const TORN: &str = "-- Testing: 3 tests, 2 workers --\nPASS: S :: a.ll (1 of 3)\n\
        warning: slow fsFAIL: S :: b.ll (2 of 3)\nPASS: S :: c.ll (3 of 3)\n\
        ********************\nFailed Tests (1):\n  S :: b.ll\n\n\nTesting Time: 0.10s\n\n\
        Total Discovered Tests: 3\n  Passed: 2 (66.67%)\n  Failed: 1 (33.33%)\n";

    #[test]
    fn what_the_totals_count_and_nobody_has_read_is_red() {
        let failed = |run: &str| {
            let log = Log::read(LitReader::new(), run.as_bytes());
            let plan = log.results().into_iter().find(|(id, ..)| *id == "plan");
            plan.map(|(.., reason)| reason.to_owned()).unwrap_or_default()
        };
        assert_eq!(failed(TORN), "it counts 1 Failed, of which 0 were read");
        for cut in 0..TORN.len() {
            assert!(!Log::read(LitReader::new(), &TORN.as_bytes()[..cut]).is_green(), "{cut}");
        }
        let old = "PASS: S :: a (1 of 2)\nTesting Time: 1s\n  Expected Passes    : 1\n  \
            Unexpected Passes: 1\n";
        assert_eq!(failed(old), "it counts 1 Unexpectedly Passed, of which 0 were read");
        let passed = TORN.replace("slow fsFAIL", "slow fsPASS").replace("Passed: 2", "Passed: 3");
        let passed = passed.replace("Failed", "Listed");
        assert_eq!(failed(&passed), "it counts 3 Passed, of which 2 were read");
        let whole = TORN.replace("warning: slow fs", "");
        assert_eq!(failed(&whole), "");
        assert_eq!(
            failed(&whole.replace("FAIL", "FIXED").replace("Failed", "Passed After Update")),
            ""
        );
    }

    #[test]
    fn every_attempt_has_a_result_and_its_tag() {
        let run = "-- Testing: 3 tests, 1 workers --\nFLAKYPASS: S :: a (1 of 3, 3 of 4 attempts)\n\
            FAIL: S :: b (2 of 3, 2 of 2 attempts)\nFLAKYPASS: S :: c (3 of 3)\n";
        let log = Log::read(LitReader::new(), run.as_bytes());
        let tags = log.events.iter().map(|event| {
            event.tags.as_ref().and_then(|tags| tags.as_tags().iter().next().map(str::to_owned))
        });
        let tags: Vec<_> = tags.map(Option::unwrap_or_default).collect();
        let expected = ["1", "2", "3", "1", "2", "1", "2"].map(|n| format!("attempt-{n}"));
        assert_eq!(tags, expected);
        let statuses: Vec<_> =
            log.results().iter().map(|(id, status, _)| format!("{id} {status}")).collect();
        assert_eq!(
            statuses,
            [
                "S :: a fail",
                "S :: a fail",
                "S :: a success",
                "S :: b fail",
                "S :: b fail",
                "S :: c fail",
                "S :: c success"
            ]
        );
        let green = run.replace("FAIL: S :: b (2 of 3, 2 of 2 attempts)", "PASS: S :: b (2 of 3)");
        assert!(!log.is_green() && Log::read(LitReader::new(), green.as_bytes()).is_green());
    }

    #[test]
    fn tests_that_passed_are_told_where_none_is_named() {
        let run = "-- Testing: 4 tests, 1 workers --\n\nTesting Time: 0.05s\n\n\
            Total Discovered Tests: 4\n  Unsupported      : 1 (25.00%)\n  Passed           : 2 (50.00%)\n  \
            Passed With Retry: 1 (25.00%)\n";
        let log = Log::read(LitReader::new(), run.as_bytes());
        let reason = "3 passed, and lit named none of them";
        assert_eq!(log.results(), [("passed tests", "success", reason)]);
        assert!(log.is_green() && !log.events[0].runnable);
        for cut in 0..run.len() {
            assert!(!Log::read(LitReader::new(), &run.as_bytes()[..cut]).is_green(), "{cut}");
        }
        let failed = run.replace("\n\nTesting", "\nFAIL: S :: a (4 of 4)\n\nTesting");
        let log = Log::read(LitReader::new(), failed.as_bytes());
        assert_eq!(log.results(), [("S :: a", "fail", ""), ("passed tests", "success", reason)]);
    }

    #[test]
    fn a_succinct_run_names_no_passed_test_and_is_whole_by_its_totals() {
        let run =
            "-- Testing: 9 tests, 1 workers --\nXFAIL: S :: a (3 of 9)\n\nTesting Time: 0.1s\n";
        let log = Log::read(LitReader::new(), run.as_bytes());
        assert_eq!((log.results(), log.is_green()), (vec![("S :: a", "xfail", "")], true));
    }
}
