//! What a single line of libtest's text says.

use crate::{events::emit::fit, text::rust_output::plain};

/// What a line says, as far as it can be told without what came before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Line {
    /// `running 3 tests`
    Running(u64),
    /// `test name ... ok`; `before` bytes of the line stand in front of it.
    Test {
        before: usize,
        name: String,
        outcome: Outcome,
    },
    /// `test name ... ` with something after it that is no outcome: the test's own output, from byte
    /// `output` on.
    Start {
        name: String,
        output: usize,
    },
    /// `ok` or `FAILED` alone.
    Outcome(Outcome),
    /// `..i. 4/7`: a character for each test that has ended, its name left out (`cargo test -q`).
    Terse {
        passed: u64,
        ignored: u64,
    },
    /// `failures:` or `successes:`
    Section,
    /// `---- name stdout ----`
    Body(String),
    /// `test result: ok. 1 passed; 0 failed; ...`
    Result {
        ok: bool,
        passed: u64,
        failed: u64,
        all: u64,
    },
    Other,
}

/// How a test has ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    Ok,
    Failed,
    /// Not run, with the reason where there is one.
    Ignored(String),
    /// What a benchmark measured.
    Bench(String),
    /// Seconds, where the time is reported.
    Timed(bool, String),
}

impl Outcome {
    pub(super) fn is_failure(&self) -> bool {
        matches!(self, Self::Failed | Self::Timed(false, _))
    }
}

/// What a line says.
pub(super) fn classify(bytes: &[u8]) -> Line {
    let line = plain(bytes);
    let line = line.trim_end_matches(['\n', '\r']);
    match line {
        "failures:" | "successes:" => return Line::Section,
        _ => {}
    }
    if let Some(rest) = line.strip_prefix("running ") {
        let number = rest.strip_suffix(" tests").or_else(|| rest.strip_suffix(" test"));
        return number.and_then(|number| number.parse().ok()).map_or(Line::Other, Line::Running);
    }
    if let Some(name) =
        line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----"))
    {
        return Line::Body(fit(name).into_owned());
    }
    if let Some(rest) = line.strip_prefix("test result: ") {
        return result(rest).unwrap_or(Line::Other);
    }
    if let Some(outcome) = outcome(line) {
        return Line::Outcome(outcome);
    }
    terse(line).unwrap_or_else(|| test(bytes, line))
}

/// `..i. 4/7`, or `name --- FAILED`.
fn terse(line: &str) -> Option<Line> {
    if let Some(shown) = line.strip_suffix(" --- FAILED") {
        return Some(Line::Test { before: 0, name: name(shown), outcome: Outcome::Failed });
    }
    let (marks, count) = line.split_once(' ').unwrap_or((line, ""));
    let is_count = count.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/');
    let are_marks = !marks.is_empty() && marks.bytes().all(|mark| b".iF".contains(&mark));
    let number = |wanted| marks.bytes().filter(|mark| *mark == wanted).count() as u64;
    (is_count && are_marks).then(|| Line::Terse { passed: number(b'.'), ignored: number(b'i') })
}

fn test(bytes: &[u8], line: &str) -> Line {
    if let Some((head, tail)) = line.rsplit_once(" ... ")
        && let Some(outcome) = outcome(tail)
        && let Some(at) = if head.starts_with("test ") { Some(0) } else { head.rfind("test ") }
    {
        let before = if at == 0 { 0 } else { memchr::memmem::rfind(bytes, b"test ").unwrap_or(0) };
        return Line::Test { before, name: name(&head[at + 5..]), outcome };
    }
    let Some((head, _)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "))
    else {
        return Line::Other;
    };
    let output = memchr::memmem::find(bytes, b" ... ").map_or(bytes.len(), |at| at + 5);
    Line::Start { name: name(head), output }
}

/// The name without what libtest puts after it.
fn name(shown: &str) -> String {
    let ends = [" - should panic", " - compile fail", " - compile"];
    let name = ends.into_iter().find_map(|end| shown.strip_suffix(end)).unwrap_or(shown);
    fit(name).into_owned()
}

fn outcome(text: &str) -> Option<Outcome> {
    let timed = |ok, rest: &str| {
        let time = rest.trim_start().strip_prefix('<')?.strip_suffix("s>")?;
        Some(Outcome::Timed(ok, time.to_owned()))
    };
    match text {
        "ok" => Some(Outcome::Ok),
        "FAILED" => Some(Outcome::Failed),
        "ignored" => Some(Outcome::Ignored(String::new())),
        _ => None,
    }
    .or_else(|| text.strip_prefix("ok").and_then(|rest| timed(true, rest)))
    .or_else(|| text.strip_prefix("FAILED").and_then(|rest| timed(false, rest)))
    .or_else(|| text.strip_prefix("ignored, ").map(|reason| Outcome::Ignored(reason.to_owned())))
    .or_else(|| text.strip_prefix("bench: ").map(|bench| Outcome::Bench(bench.trim().to_owned())))
}

/// `ok. 7 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.49s`
fn result(text: &str) -> Option<Line> {
    let (word, counts) = text.split_once(". ")?;
    let ok = match word {
        "ok" => true,
        "FAILED" => false,
        _ => return None,
    };
    let mut numbers =
        counts.split("; ").zip(["passed", "failed", "ignored", "measured", "filtered out"]);
    let mut next = || {
        let (part, word) = numbers.next()?;
        part.strip_suffix(word)?.trim_end().parse::<u64>().ok()
    };
    let (passed, failed, ignored, measured) = (next()?, next()?, next()?, next()?);
    next()?;
    let all = [failed, ignored, measured].into_iter().fold(passed, u64::saturating_add);
    Some(Line::Result { ok, passed: passed.saturating_add(measured), failed, all })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_spaces_and_lines_may_begin_with_something_else() {
        let line = classify(b"raw \xfftest src/lib.rs - add (line 4) - compile fail ... ok\n");
        let name = "src/lib.rs - add (line 4)".to_owned();
        assert_eq!(line, Line::Test { before: 5, name, outcome: Outcome::Ok });
        let line = classify(b"test a - should panic ... \x1b[31mFAILED\x1b[0m\r\n");
        assert_eq!(line, Line::Test { before: 0, name: "a".into(), outcome: Outcome::Failed });
    }

    #[test]
    fn output_may_stand_where_the_outcome_should() {
        assert_eq!(
            classify(b"test a ... raw \xff\n"),
            Line::Start { name: "a".into(), output: 11 }
        );
        assert_eq!(classify(b"test a ... \n"), Line::Start { name: "a".into(), output: 11 });
    }

    #[test]
    fn terse_lines_have_a_mark_for_each_test() {
        assert_eq!(classify(b"ii. 3/8\n"), Line::Terse { passed: 1, ignored: 2 });
        assert_eq!(classify(b"..F\r\n"), Line::Terse { passed: 2, ignored: 0 });
        assert_eq!(
            classify(b"\x1b[32m.\x1b(B\x1b[m 88/90\n"),
            Line::Terse { passed: 1, ignored: 0 }
        );
        let name = "a::b".to_owned();
        let failed = Line::Test { before: 0, name, outcome: Outcome::Failed };
        assert_eq!(classify(b"a::b --- FAILED\n"), failed);
        for line in [&b"... and more\n"[..], b"\n", b" 3/8\n"] {
            assert_eq!(classify(line), Line::Other);
        }
    }

    #[test]
    fn a_result_names_all_its_numbers() {
        let line = b"test result: ok. 1 passed; 0 failed; 2 ignored; 4 measured; 0 filtered out; finished in 0s";
        assert_eq!(classify(line), Line::Result { ok: true, passed: 5, failed: 0, all: 7 });
        assert_eq!(classify(b"test result: ok. 1 passed\n"), Line::Other);
    }

    #[test]
    fn outcomes() {
        assert_eq!(outcome("ignored, because"), Some(Outcome::Ignored("because".into())));
        assert_eq!(outcome("ok <0.001s>"), Some(Outcome::Timed(true, "0.001".into())));
        assert_eq!(outcome("bench:    12 ns/iter"), Some(Outcome::Bench("12 ns/iter".into())));
        assert_eq!(outcome("okay"), None);
    }
}
