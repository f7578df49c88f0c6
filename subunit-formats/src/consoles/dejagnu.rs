//! DejaGnu's `.sum` files, of gcc, gdb, binutils and others.
//!
//! By the DejaGnu manual, "Summary log file" and "A POSIX conforming test framework".
//!
//! * The id is the text after the result word, without `(PRMS: x)`; the variation stands in front, with
//!   ` > ` between them, where the schedule has more than one. Names repeat, and so do ids.
//! * `UNRESOLVED` is `fail`, `UNTESTED` and `UNSUPPORTED` are `skip`; the word is the reason.
//! * `ERROR` is a failure that is no test. `WARNING`, `NOTE`, `DUPLICATE` and all other lines are text.
//! * A tool whose summary never came, or counts more failures than were read, is a failure of `plan`.

use subunit_core::{
    Status,
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

/// What DejaGnu prints.
pub(crate) const ROW: Row = Row {
    name: "dejagnu",
    title: "the output of DejaGnu",
    examples: &[
        r"printf 'PASS: gdb.base/a.exp: b\n' | subunit from-dejagnu | subunit ls",
        r"printf 'FAIL: gdb.base/a.exp: b\n' | subunit from-dejagnu | subunit stats",
    ],
    signs: Signs {
        first: &["\t\t=== "],
        line: Some(|line| line.starts_with(b"\t\t=== ") && line.ends_with(b"===")),
        ..Signs::NONE
    },
    ..Row::new(|| Box::new(DejagnuReader::new()))
};

public_reader! {
    /// Reads a `.sum`, or several in a row. Memory: one line.
    #[derive(Clone, Debug)]
    DejagnuReader(ShortLineReader<State>) = ShortLineReader::default()
}

#[derive(Clone, Debug, Default)]
struct State {
    /// Results have begun and their summary has not.
    open: bool,
    /// Whether the lines of the schedule are being read, and how many there were.
    schedule: bool,
    variations: usize,
    variation: String,
    /// Whether the lines of a tool's summary are being read.
    summary: bool,
    /// How many results of each of the [`FAILURES`] were read, and how many the summary counts.
    read: [u64; FAILURES.len()],
    counted: [u64; FAILURES.len()],
}

impl ShortLineState for State {
    fn line(&mut self, raw: &[u8], sink: &mut dyn Sink) -> Flow {
        let ended = raw.ends_with(b"\n");
        let line = raw.trim_ascii_end();
        if let Some((word, name)) = result(line) {
            return self.result(word, name, sink);
        }
        if let Some(reason) = line.strip_prefix(b"ERROR: ") {
            let reason = String::from_utf8_lossy(reason);
            self.count("ERROR");
            return Outcome::failure(&self.id(b"ERROR"), &reason).push(sink);
        }
        if self.note(line, sink).is_break() {
            return Flow::Break;
        }
        if self.summary && ended {
            self.summary(line);
        }
        sink.text(raw)
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        self.close(sink)
    }
}

impl State {
    /// Takes a line of the summary: `# of unexpected failures`, a tab or two, and the count.
    fn summary(&mut self, line: &[u8]) {
        let Some(rest) = line.strip_prefix(b"# of ") else { return };
        let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let (name, count) = rest.split_at(rest.len() - digits);
        let at = FAILURES.iter().position(|(_, known)| known.as_bytes() == name.trim_ascii());
        let count = std::str::from_utf8(count).ok().and_then(|count| count.parse().ok());
        if let (Some(counted), Some(count)) = (at.and_then(|at| self.counted.get_mut(at)), count) {
            *counted = count;
        }
    }

    /// Counts a result that failed.
    fn count(&mut self, word: &str) {
        let at = FAILURES.iter().position(|(known, _)| *known == word);
        if let Some(read) = at.and_then(|at| self.read.get_mut(at)) {
            *read += 1;
        }
    }

    fn result(&mut self, word: Word, name: &[u8], sink: &mut dyn Sink) -> Flow {
        self.open = true;
        self.count(word.name);
        let (name, bug) = match memchr::memmem::rfind(name, b"(PRMS") {
            Some(at) if name.ends_with(b")") => (name[..at].trim_ascii_end(), Some(&name[at..])),
            _ => (name, None),
        };
        let word_reason = word.reason.then_some(word.name.as_bytes());
        let reason = bug.or(word_reason);
        Outcome { reason, ..Outcome::new(&self.id(name), word.status) }.push(sink)
    }

    /// Takes note of the lines that say where results begin and end.
    fn note(&mut self, line: &[u8], sink: &mut dyn Sink) -> Flow {
        if std::mem::take(&mut self.schedule) && line.starts_with(b"    ") {
            self.variations += 1;
            self.schedule = true;
        }
        if line == b"Schedule of variations:" {
            (self.schedule, self.variations) = (true, 0);
        } else if let Some(target) = line.strip_prefix(b"Running target ") {
            self.variation = emit::id(target.trim_ascii()).into_owned();
        } else if line.starts_with(b"Test run by ") || line.starts_with(b"Test Run By ") {
            if self.close(sink).is_break() {
                return Flow::Break;
            }
            (self.variations, self.variation) = (0, String::new());
        } else if let Some(title) = title(line) {
            self.summary = title.ends_with(b" Summary");
            if title.ends_with(b" tests") {
                if self.close(sink).is_break() {
                    return Flow::Break;
                }
                self.open = true;
            } else if self.summary {
                self.open = false;
            }
        }
        Flow::Continue
    }

    fn id(&self, name: &[u8]) -> String {
        let name = emit::id(name);
        match self.variations {
            0 | 1 => name.into_owned(),
            _ => format!("{} > {name}", self.variation),
        }
    }

    fn close(&mut self, sink: &mut dyn Sink) -> Flow {
        self.summary = false;
        let (read, counted) = (std::mem::take(&mut self.read), std::mem::take(&mut self.counted));
        if std::mem::take(&mut self.open) {
            let words = "there is no summary: it was cut short, or crashed";
            return Outcome::failure("plan", words).push(sink);
        }
        let kinds = FAILURES.into_iter().zip(counted.into_iter().zip(read));
        match tally::shortfall(kinds.map(|((_, name), (counted, read))| (name, counted, read))) {
            Some(words) => Outcome::failure("plan", &words).push(sink),
            None => Flow::Continue,
        }
    }
}

/// `=== gcc Summary ===` without its marks.
fn title(line: &[u8]) -> Option<&[u8]> {
    line.trim_ascii().strip_prefix(b"=== ")?.strip_suffix(b" ===")
}

#[derive(Clone, Copy, Debug)]
struct Word {
    name: &'static str,
    status: Status,
    /// Whether the word says more than the status.
    reason: bool,
}

const WORDS: [Word; 9] = [
    Word { name: "PASS", status: Status::Success, reason: false },
    Word { name: "FAIL", status: Status::Fail, reason: false },
    Word { name: "XPASS", status: Status::UnexpectedSuccess, reason: false },
    Word { name: "XFAIL", status: Status::ExpectedFailure, reason: false },
    Word { name: "KPASS", status: Status::UnexpectedSuccess, reason: true },
    Word { name: "KFAIL", status: Status::ExpectedFailure, reason: true },
    Word { name: "UNRESOLVED", status: Status::Fail, reason: true },
    Word { name: "UNTESTED", status: Status::Skip, reason: true },
    Word { name: "UNSUPPORTED", status: Status::Skip, reason: true },
];

/// The words of what failed, and their names in a summary. What passed is often left out of the output.
const FAILURES: [(&str, &str); 5] = [
    ("FAIL", "unexpected failures"),
    ("XPASS", "unexpected successes"),
    ("KPASS", "unknown successes"),
    ("UNRESOLVED", "unresolved testcases"),
    ("ERROR", "DejaGnu errors"),
];

fn result(line: &[u8]) -> Option<(Word, &[u8])> {
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(colon + 1..)?.strip_prefix(b" ")?;
    let word = WORDS.into_iter().find(|word| word.name.as_bytes() == &line[..colon])?;
    Some((word, name.trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Log;

    const SUM: &str = "Test run by me on Fri Nov 20 07:00:00 2026\nNative configuration is x86_64\n\n\
        \t\t=== gcc tests ===\n\nSchedule of variations:\n    unix\n    unix/-m32\n\n\
        Running target unix\nRunning /src/dg.exp ...\n\
        PASS: gcc.dg/a.c (test for excess errors)\n\
        FAIL: gcc.dg/a.c: x: y\n\
        KFAIL: gcc.dg/k.c step (PRMS: gdb/123)\n\
        UNRESOLVED: gcc.dg/a.c compilation failed to produce executable\n\
        WARNING: program timed out\n\
        Running target unix/-m32\nXPASS: b\nXFAIL: c\nUNSUPPORTED: d\nUNTESTED: e\nKPASS: f (PRMS 12)\n\n\
        \t\t=== gcc Summary for unix/-m32 ===\n\n# of expected passes\t\t1\n\n\
        \t\t=== gcc Summary ===\n\n# of expected passes\t\t1\n";

    #[test]
    fn every_word() {
        let log = Log::read(DejagnuReader::new(), SUM.as_bytes());
        assert_eq!(
            log.results(),
            [
                ("unix > gcc.dg/a.c (test for excess errors)", "success", ""),
                ("unix > gcc.dg/a.c: x: y", "fail", ""),
                ("unix > gcc.dg/k.c step", "xfail", "(PRMS: gdb/123)"),
                (
                    "unix > gcc.dg/a.c compilation failed to produce executable",
                    "fail",
                    "UNRESOLVED"
                ),
                ("unix/-m32 > b", "uxsuccess", ""),
                ("unix/-m32 > c", "xfail", ""),
                ("unix/-m32 > d", "skip", "UNSUPPORTED"),
                ("unix/-m32 > e", "skip", "UNTESTED"),
                ("unix/-m32 > f", "uxsuccess", "(PRMS 12)"),
            ]
        );
        assert!(log.text.contains("WARNING: program timed out\n"));
    }

    #[test]
    fn without_its_summary_it_is_red_wherever_it_was_cut() {
        let green =
            "\t\t=== gdb tests ===\n\nPASS: a\nPASS: b\n\n\t\t=== gdb Summary ===\n\n# of\n";
        let end = green.find("=== gdb Summary ===").unwrap() + "=== gdb Summary ===".len();
        let begin = green.find("===\n").unwrap() + 3;
        assert!(Log::read(DejagnuReader::new(), green.as_bytes()).is_green());
        for cut in begin..end {
            let log = Log::read(DejagnuReader::new(), &green.as_bytes()[..cut]);
            assert!(!log.is_green(), "{cut}");
        }
        let twice = format!("{}{green}", &green[..40]);
        assert!(!Log::read(DejagnuReader::new(), twice.as_bytes()).is_green());
    }

    #[test]
    fn failures_that_the_summary_counts_and_nobody_has_read_are_red() {
        let whole = "\t\t=== gcc tests ===\n\nRunning target unix\nPASS: a\nFAIL: b\n\n\t\t=== gcc Summary for unix ===\n\n\
            # of unexpected failures\t1\n\n\t\t=== gcc Summary ===\n\n# of expected passes\t\t1\n\
            # of unexpected failures\t1\n# of unknown successes\t\t0\n";
        let plan = |input: &str| {
            let log = Log::read(DejagnuReader::new(), input.as_bytes());
            let plan = log.results().into_iter().find(|(id, ..)| *id == "plan");
            plan.map(|(.., reason)| reason.to_owned()).unwrap_or_default()
        };
        assert_eq!(plan(whole), "");
        let torn = whole.replace("\nFAIL", "\nspawn failedFAIL");
        let words = "it counts 1 unexpected failures, of which 0 were read";
        assert_eq!(plan(&torn), words);
        assert_eq!(plan(&format!("{torn}{whole}")), words);
        assert_eq!(plan(&format!("{whole}{torn}")), words);
        let unresolved = whole.replace("unknown successes\t\t0", "unresolved testcases\t12");
        assert!(plan(&unresolved).starts_with("it counts 12 unresolved testcases, "));
    }

    #[test]
    fn an_error_of_the_harness_is_no_test_and_red() {
        let log = Log::read(DejagnuReader::new(), b"ERROR: no such board\n");
        assert_eq!(log.results(), [("ERROR", "fail", "no such board")]);
        assert!(!log.events[0].runnable);
    }
}
