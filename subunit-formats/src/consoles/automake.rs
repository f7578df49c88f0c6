//! Automake's `.trs` files, and what `make check` prints with its parallel test harness.
//!
//! By the Automake manual, "Parallel Test Harness" and "APIs for Custom Test Drivers".
//!
//! * `.trs`: a `:test-result:` is a test, whose id is the file's name, if that is given, with ` > test N`
//!   after it where the file has several. `:global-test-result:` ends a file; without it, it was cut. Automake's
//!   own `tap-driver.sh` writes it first: then what follows up to the next one is that file's.
//! * `make check`: `PASS: name`; `# TOTAL: n` ends it, and fewer results than that are a failure of
//!   `plan`, and so are fewer failures than the lines below it count.
//! * `ERROR` is `fail`, with the word as the reason. All other lines are text.

use subunit_core::{
    Status,
    run::counted,
    sink::{Flow, Sink},
};

use crate::{
    ansi::plain,
    events::{
        emit::{self, Outcome},
        tally,
    },
    format::{Row, Signs, Told},
    reader::public_reader,
    text::line_reader::{ShortLineReader, ShortLineState},
};

/// The `.trs` files of automake.
pub(crate) const ROW: Row = Row {
    name: "automake",
    title: ".trs files of automake",
    examples: &[
        r"printf ':test-result: PASS a\n:global-test-result: PASS\n' | subunit from-automake | subunit ls",
        r"printf ':test-result: FAIL a\n:global-test-result: FAIL\n' | subunit from-automake | subunit stats",
    ],
    told: Told::Afterwards,
    signs: Signs {
        first: &[":test-result: ", ":global-test-result: "],
        begins: &["make "],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::new(|| Box::new(AutomakeReader::new()))
};

/// A line of a `.trs`, or the first thing that `make check` prints: `make  check-TESTS`.
fn tells(line: &[u8]) -> bool {
    line.starts_with(b":test-result: ")
        || line.starts_with(b":global-test-result: ")
        || line.starts_with(b"make ") && line.ends_with(b" check-TESTS")
}

public_reader! {
    /// Reads a `.trs`, or several in a row, or the output of `make check`. Memory: two lines.
    #[derive(Clone, Debug)]
    AutomakeReader(ShortLineReader<State>) = ShortLineReader::default()
}

#[derive(Clone, Debug, Default)]
struct State {
    name: Option<String>,
    /// The last result of a `.trs`; it is pushed when it is known whether it is the only one.
    held: Option<Held>,
    /// Results of the `.trs`, and of all so far.
    results: u64,
    all: u64,
    red: bool,
    /// Whether there was a red result in the `.trs` before it.
    red_before: bool,
    /// A global result that has no results before it: those after it are its.
    begun: Option<Global>,
    /// Results that `make check` printed, since the last total.
    printed: u64,
    /// How many of these failed, of each of the [`FAILURES`].
    failed: [u64; FAILURES.len()],
    /// The same up to the last total, which are counted below it.
    told: [u64; FAILURES.len()],
    /// The word at the beginning of a run of `make check` has come, and its end has not.
    open: bool,
}

#[derive(Clone, Copy, Debug)]
struct Global {
    status: Status,
    word: &'static str,
    /// False where it may as well have ended the results before it, which followed another one.
    own: bool,
}

#[derive(Clone, Debug)]
struct Held {
    status: Status,
    word: &'static str,
    details: String,
}

impl AutomakeReader {
    /// At the start of the `.trs` of the test `name`, which the file itself does not say.
    pub fn named(name: impl Into<String>) -> Self {
        Self(ShortLineReader::with(State { name: Some(name.into()), ..State::default() }))
    }
}

impl ShortLineState for State {
    fn line(&mut self, raw: &[u8], sink: &mut dyn Sink) -> Flow {
        let ended = raw.ends_with(b"\n");
        let line = raw.trim_ascii_end();
        let colourless;
        let line = if line.starts_with(b"\x1b[") {
            colourless = plain(line);
            colourless.as_bytes()
        } else {
            line
        };
        if let Some(result) = line.strip_prefix(b":test-result:") {
            return match result_word(result.trim_ascii_start()) {
                Some((word, status, details)) => self.test_result(word, status, details, sink),
                None => sink.text(raw),
            };
        }
        if let Some(result) = line.strip_prefix(b":global-test-result:").filter(|_| ended) {
            return self.global_result(result.trim_ascii(), sink);
        }
        if [&b":recheck:"[..], b":copy-in-global-log:"].iter().any(|key| line.starts_with(key)) {
            return Flow::Continue;
        }
        if let Some((word, status, name)) = result_word(line)
            && let Some(name) = name.strip_prefix(b": ")
        {
            self.printed += 1;
            self.open = true;
            let at = FAILURES.iter().position(|known| *known == word);
            if let Some(failed) = at.and_then(|at| self.failed.get_mut(at)) {
                *failed += 1;
            }
            let outcome = Outcome::new;
            let id = emit::id(name.trim_ascii());
            return Outcome { reason: reason(word), ..outcome(&id, status) }.push(sink);
        }
        let total = line.strip_prefix(b"# TOTAL:").filter(|_| ended);
        if let Some(total) =
            total.and_then(|total| std::str::from_utf8(total).ok()?.trim().parse().ok())
            && self.total(total, sink).is_break()
        {
            return Flow::Break;
        }
        if ended
            && let Some(words) = self.uncounted(line)
            && Outcome::failure("plan", &words).push(sink).is_break()
        {
            return Flow::Break;
        }
        sink.text(raw)
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        if let Some(begun) = self.begun.take()
            && self.end_begun(begun, sink).is_break()
        {
            return Flow::Break;
        }
        let cut = self.held.is_some() || self.results > 0;
        if self.push_held(false, sink).is_break() {
            return Flow::Break;
        }
        if !cut && !self.open {
            return Flow::Continue;
        }
        let what = if cut { "global result" } else { "total" };
        let words = format!("there is no {what}: it was cut short, or crashed");
        Outcome::failure("plan", &words).push(sink)
    }
}

impl State {
    fn test_result(
        &mut self,
        word: &'static str,
        status: Status,
        details: &[u8],
        sink: &mut dyn Sink,
    ) -> Flow {
        if self.push_held(false, sink).is_break() {
            return Flow::Break;
        }
        self.red |= status.is_failure();
        let details = emit::id(details.trim_ascii()).into_owned();
        self.held = Some(Held { status, word, details });
        Flow::Continue
    }

    /// The result of all of a `.trs`: of the results before it, else of those to come.
    fn global_result(&mut self, result: &[u8], sink: &mut dyn Sink) -> Flow {
        let global = result_word(result).map(|(word, status, _)| (word, status));
        let (word, status) = global.unwrap_or(("ERROR", Status::Fail));
        let global = Global { status, word, own: self.held.is_none() && self.results == 0 };
        let begun = self.begun.take();
        if begun.is_none() && !global.own {
            return self.end_file(global, sink);
        }
        if let Some(begun) = begun
            && self.end_begun(begun, sink).is_break()
        {
            return Flow::Break;
        }
        self.begun = Some(global);
        Flow::Continue
    }

    /// Ends a `.trs` that began with its global result.
    fn end_begun(&mut self, global: Global, sink: &mut dyn Sink) -> Flow {
        if global.own || self.held.is_some() || self.results > 0 {
            return self.end_file(global, sink);
        }
        if self.red_before || !global.status.is_failure() {
            return Flow::Continue;
        }
        Outcome::failure("global-test-result", global.word).push(sink)
    }

    /// The global result is a test of its own only where there is no other.
    fn end_file(&mut self, global: Global, sink: &mut dyn Sink) -> Flow {
        let Global { status, word, .. } = global;
        let derived = self.red || !status.is_failure();
        if self.held.is_none() && self.results == 0 {
            self.held = Some(Held { status, word, details: String::new() });
        } else if !derived {
            if self.push_held(self.results == 0, sink).is_break() {
                return Flow::Break;
            }
            let id = self.name.clone().unwrap_or_else(|| "global-test-result".to_owned());
            if Outcome::failure(&id, word).push(sink).is_break() {
                return Flow::Break;
            }
        }
        if self.push_held(self.results == 0, sink).is_break() {
            return Flow::Break;
        }
        self.red_before = self.red;
        (self.results, self.red) = (0, false);
        Flow::Continue
    }

    fn push_held(&mut self, only: bool, sink: &mut dyn Sink) -> Flow {
        let Some(held) = self.held.take() else { return Flow::Continue };
        self.results += 1;
        self.all += 1;
        let number = if self.name.is_some() { self.results } else { self.all };
        let inner = if held.details.is_empty() { format!("test {number}") } else { held.details };
        let id = match &self.name {
            Some(name) if only => name.clone(),
            Some(name) => format!("{name} > {inner}"),
            None => inner,
        };
        Outcome { reason: reason(held.word), ..Outcome::new(&id, held.status) }.push(sink)
    }

    fn total(&mut self, total: u64, sink: &mut dyn Sink) -> Flow {
        self.open = false;
        let printed = std::mem::take(&mut self.printed);
        self.told = std::mem::take(&mut self.failed);
        if printed >= total {
            return Flow::Continue;
        }
        let words = format!("it counts {}, and shows results of {printed}", counted(total, "test"));
        Outcome::failure("plan", &words).push(sink)
    }

    /// What a line below the total, `# FAIL:  1`, counts and nobody has read.
    fn uncounted(&self, line: &[u8]) -> Option<String> {
        let (word, _, count) = result_word(line.strip_prefix(b"# ")?)?;
        let read = self.told.get(FAILURES.iter().position(|known| *known == word)?)?;
        let count = std::str::from_utf8(count.strip_prefix(b":")?).ok()?.trim().parse().ok()?;
        tally::shortfall([(word, count, *read)])
    }
}

const WORDS: [(&str, Status); 6] = [
    ("PASS", Status::Success),
    ("FAIL", Status::Fail),
    ("XPASS", Status::UnexpectedSuccess),
    ("XFAIL", Status::ExpectedFailure),
    ("SKIP", Status::Skip),
    ("ERROR", Status::Fail),
];

/// The words of what failed.
const FAILURES: [&str; 3] = ["FAIL", "XPASS", "ERROR"];

/// The word at the beginning of `text`, and what follows it.
fn result_word(text: &[u8]) -> Option<(&'static str, Status, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let (word, rest) = text.split_at(length);
    let (word, status) = WORDS.into_iter().find(|(name, _)| name.as_bytes() == word)?;
    Some((word, status, rest))
}

fn reason(word: &'static str) -> Option<&'static [u8]> {
    (word == "ERROR").then_some(word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Log;

    const ONE: &str =
        ":test-result: FAIL\n:global-test-result: FAIL\n:recheck: yes\n:copy-in-global-log: yes\n";

    #[test]
    fn one_result() {
        let log = Log::read(AutomakeReader::named("a.sh"), ONE.as_bytes());
        assert_eq!(log.results(), [("a.sh", "fail", "")]);
        let log = Log::read(AutomakeReader::new(), format!("{ONE}{ONE}").as_bytes());
        assert_eq!(log.results(), [("test 1", "fail", ""), ("test 2", "fail", "")]);
    }

    #[test]
    fn several_results_and_one_that_is_no_test() {
        let log = Log::read(
            AutomakeReader::named("t"),
            b":test-result: PASS one\n:test-result: XFAIL\n:test-result: SKIP\n:global-test-result: ERROR\n",
        );
        let expected = [
            ("t > one", "success", ""),
            ("t > test 2", "xfail", ""),
            ("t > test 3", "skip", ""),
            ("t", "fail", "ERROR"),
        ];
        assert_eq!(log.results(), expected);
    }

    #[test]
    fn a_file_that_was_cut_is_red() {
        let green = ":test-result: PASS\n:global-test-result: PASS\n";
        assert!(Log::read(AutomakeReader::new(), green.as_bytes()).is_green());
        for cut in 0..green.len() {
            assert!(
                !Log::read(AutomakeReader::new(), &green.as_bytes()[..cut]).is_green(),
                "{cut}"
            );
        }
    }

    #[test]
    fn a_global_result_may_stand_first() {
        let tap =
            ":global-test-result: PASS\n:recheck: no\n:test-result: PASS a\n:test-result: SKIP b\n";
        let log = Log::read(AutomakeReader::named("t.tap"), tap.as_bytes());
        let expected = [("t.tap > a", "success", ""), ("t.tap > b", "skip", "")];
        assert_eq!((&*log.results(), log.is_green()), (&expected[..], true));
        let several = format!("{tap}{ONE}{tap}");
        let log = Log::read(AutomakeReader::new(), several.as_bytes());
        let ids: Vec<&str> = log.results().iter().map(|(id, ..)| *id).collect();
        assert_eq!(ids, ["a", "b", "test 3", "a", "b"]);
        let red = tap.replacen("PASS", "FAIL", 1);
        assert!(!Log::read(AutomakeReader::new(), red.as_bytes()).is_green());
        let red = format!("{tap}:test-result: PASS\n:global-test-result: ERROR\n");
        assert!(!Log::read(AutomakeReader::new(), red.as_bytes()).is_green());
    }

    #[test]
    fn make_check_in_colours() {
        let run =
            "\x1b[0;32mPASS\x1b[m: a.sh\n\x1b[0;35mERROR\x1b[m: b.sh\n\x1b[1m# TOTAL: 2\x1b[m\n";
        let log = Log::read(AutomakeReader::new(), run.as_bytes());
        assert_eq!(log.results(), [("a.sh", "success", ""), ("b.sh", "fail", "ERROR")]);
    }

    #[test]
    fn failures_that_are_counted_and_nobody_has_read_are_red() {
        let whole = "make check-TESTS\nPASS: a\nFAIL: b\n====\n# TOTAL: 2\n# PASS:  1\n# FAIL:  1\n# ERROR: 0\n";
        let results = |run: &str| {
            let log = Log::read(AutomakeReader::new(), run.as_bytes());
            let last = log.results().last().map(|(id, _, reason)| format!("{id} {reason}"));
            (log.results().len(), last.unwrap_or_default())
        };
        assert_eq!(results(whole), (2, "b ".to_owned()));
        // A test's own word for passed hides that a line was lost.
        let torn = whole.replace("\nFAIL", "\nPASS: fake\nwarning FAIL");
        let words = "plan it counts 1 FAIL, of which 0 were read";
        assert_eq!(results(&torn), (3, words.to_owned()));
        assert_eq!(results(&format!("{whole}{torn}")), (5, words.to_owned()));
    }

    #[test]
    fn make_check() {
        let run = "make check-TESTS\nPASS: a.sh\nXPASS: b.sh\nERROR: t 3 - c\n====\n# TOTAL: 3\n# PASS:  1\n";
        let log = Log::read(AutomakeReader::new(), run.as_bytes());
        let expected =
            [("a.sh", "success", ""), ("b.sh", "uxsuccess", ""), ("t 3 - c", "fail", "ERROR")];
        assert_eq!(log.results(), expected);
        for red in ["PASS: a\n", "PASS: a\n# TOTAL: 2\n", "PASS: a\n# TOTAL: 1"] {
            assert!(!Log::read(AutomakeReader::new(), red.as_bytes()).is_green(), "{red}");
        }
    }
}
