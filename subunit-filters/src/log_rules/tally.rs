//! What has a rule seen so far? Counters and a few lines, whatever the length of the log.

use std::collections::BTreeMap;

use jiff::civil::Date;
use regex::bytes::{Captures, Regex};
use subunit_core::Status;

use super::{
    lines::FirstLines,
    rules::{LogValue, Rule, RuleKind, Waiver, Words},
};

/// What one rule has seen.
#[derive(Clone, Debug)]
pub(super) struct RuleTally {
    /// Lines that it took.
    pub(super) hits: u64,
    /// Of these, or of values out of their bounds, those that a waiver is about.
    pub(super) waived: u64,
    /// How often each waiver was needed.
    pub(super) used: Vec<u64>,
    /// Values out of their bounds that no waiver is about.
    pub(super) outside: u64,
    /// The first lines that matter.
    pub(super) lines: FirstLines,
    /// The first values, a line each.
    pub(super) values: String,
    values_kept: usize,
    /// The expected tests that were seen.
    pub(super) tests: BTreeMap<String, u64>,
}

/// A test that the log names.
pub(super) struct LogTest {
    pub(super) id: String,
    pub(super) status: Status,
    /// Why it is no success, if the rules say so.
    pub(super) reason: Option<String>,
}

/// How many values are kept.
const MOST_VALUES: usize = 20;

impl RuleTally {
    pub(super) fn new(rule: &Rule) -> Self {
        Self {
            hits: 0,
            waived: 0,
            used: vec![0; rule.waivers.len()],
            outside: 0,
            lines: FirstLines::default(),
            values: String::new(),
            values_kept: 0,
            tests: BTreeMap::new(),
        }
    }

    /// The rule has taken a line. The test that the line is about, if it is about one.
    pub(super) fn take(
        &mut self,
        rule: &Rule,
        today: Date,
        number: u64,
        line: &[u8],
    ) -> Option<LogTest> {
        self.hits += 1;
        match &rule.kind {
            RuleKind::Ignore => None,
            RuleKind::Value(value) => {
                self.take_value(value, rule, today, number, line);
                None
            }
            RuleKind::Test(words) => self.take_test(words, line),
            RuleKind::Forbid(_) => {
                if self.waive(rule, today, line) {
                    self.waived += 1;
                } else {
                    self.lines.keep(number, line);
                }
                None
            }
            RuleKind::Note
            | RuleKind::Expect(_)
            | RuleKind::Warn
            | RuleKind::Skip
            | RuleKind::Infra => {
                self.lines.keep(number, line);
                None
            }
        }
    }

    /// Whether a waiver that holds today is about this line.
    fn waive(&mut self, rule: &Rule, today: Date, line: &[u8]) -> bool {
        let is_about = |waiver: &Waiver| {
            waiver.until >= today && waiver.pattern.as_ref().is_none_or(|it| it.is_match(line))
        };
        let found = rule.waivers.iter().position(is_about);
        if let Some(used) = found.and_then(|nth| self.used.get_mut(nth)) {
            *used += 1;
        }
        found.is_some()
    }

    fn take_value(&mut self, value: &LogValue, rule: &Rule, today: Date, number: u64, line: &[u8]) {
        let text = captured(&value.patterns, line).and_then(|found| group(&found, "value"));
        let text = text.unwrap_or_default();
        let read = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        if let Some(read) = read {
            self.keep_value(text.trim());
            if value.within.as_ref().is_none_or(|bounds| bounds.contains(read)) {
                return;
            }
        }
        if self.waive(rule, today, line) {
            self.waived += 1;
        } else {
            self.outside += 1;
            self.lines.keep(number, line);
        }
    }

    fn keep_value(&mut self, text: &str) {
        if self.values_kept < MOST_VALUES {
            self.values_kept += 1;
            self.values.push_str(text);
            self.values.push('\n');
        }
    }

    fn take_test(&mut self, words: &Words, line: &[u8]) -> Option<LogTest> {
        let found = captured(&words.patterns, line)?;
        let id = group(&found, "test").unwrap_or_default();
        let word = group(&found, "result").unwrap_or_default();
        if let Some(seen) = self.tests.get_mut(&id) {
            *seen += 1;
        }
        let is_expected = words.expected.as_ref().is_none_or(|expected| expected.contains(&id));
        let (status, reason) = match words.results.status(&word) {
            _ if id.is_empty() => (Status::Fail, Some("a test without a name\n".to_owned())),
            None => (Status::Fail, Some(format!("no result is called {word:?} by the rules\n"))),
            Some(_) if !is_expected => {
                (Status::Fail, Some(format!("{word}, and not among the expected tests\n")))
            }
            Some(status) => (status, None),
        };
        Some(LogTest { id, status, reason })
    }

    /// The expected tests, none of which has been seen.
    pub(super) fn expecting(mut self, rule: &Rule) -> Self {
        if let RuleKind::Test(Words { expected: Some(expected), .. }) = &rule.kind {
            self.tests = expected.iter().map(|id| (id.clone(), 0)).collect();
        }
        self
    }
}

/// What the first of these patterns that matches finds.
fn captured<'l>(patterns: &[Regex], line: &'l [u8]) -> Option<Captures<'l>> {
    patterns.iter().find_map(|pattern| pattern.captures(line))
}

fn group(found: &Captures<'_>, name: &str) -> Option<String> {
    let bytes = found.name(name)?.as_bytes();
    // The wire has no NUL in a test id.
    Some(String::from_utf8_lossy(bytes).replace('\0', "\u{2400}"))
}
