//! Reads a log by rules, in flat memory: lines in, results of the rules out.

use memchr::{memchr, memchr_iter, memrchr};
use regex_automata::PatternSet;
use subunit_core::sink::{Flow, Sink};
use subunit_formats::{FormatReader, events::emit::Outcome};

use super::{
    options::LogOptions,
    patterns::Owner,
    results::{RuleResults, with_prefix},
    rules::Rules,
    sections::SeenSections,
    tally::{LogTest, RuleTally},
};

/// A line without an end is cut there, so that it is never kept whole.
const LONGEST_LINE: usize = 1 << 20;

/// Reads a log.
pub(crate) struct LogReader {
    /// The beginning of a line whose end has not been read.
    carried: Vec<u8>,
    look: Look,
}

/// All that looks at lines.
struct Look {
    rules: Rules,
    options: LogOptions,
    sections: SeenSections,
    tallies: Vec<RuleTally>,
    matched: PatternSet,
    /// SeenSections that this line has begun.
    begun: Vec<usize>,
    /// Of the last line, from 1.
    number: u64,
    results: RuleResults,
}

impl LogReader {
    /// Before the first byte.
    pub(crate) fn new(rules: Rules, options: LogOptions) -> Self {
        let tallies = rules.rules.iter().map(|rule| RuleTally::new(rule).expecting(rule)).collect();
        let sections = SeenSections::new(rules.sections.len());
        let (matched, results) = (rules.patterns.set(), RuleResults::new(&options));
        let begun = Vec::new();
        let look = Look { rules, options, sections, tallies, matched, begun, number: 0, results };
        Self { carried: Vec::new(), look }
    }

    /// Waivers that hold, and that nothing needed: each as a line for a person.
    pub(crate) fn unused_waivers(&self) -> impl Iterator<Item = String> {
        let rules = self.look.rules.rules.iter().zip(&self.look.tallies);
        rules.flat_map(|(rule, tally)| {
            let waivers = rule.waivers.iter().zip(&tally.used);
            let unused = waivers
                .filter(|(waiver, used)| **used == 0 && waiver.until >= self.look.options.today);
            unused.map(|(waiver, _)| {
                format!("{}: nothing needs the waiver any more: {}", rule.id, waiver.reason)
            })
        })
    }
}

impl FormatReader for LogReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut rest = bytes;
        if !self.carried.is_empty() {
            let end = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let (first, after) = rest.split_at(end);
            self.carried.extend_from_slice(first);
            rest = after;
            let is_whole = self.carried.ends_with(b"\n") || self.carried.len() >= LONGEST_LINE;
            if is_whole && self.flush(sink).is_break() {
                return Flow::Break;
            }
        }
        let end = memrchr(b'\n', rest).map_or(0, |end| end + 1);
        let (whole, partial) = rest.split_at(end);
        self.carried.extend_from_slice(partial);
        self.look.take(whole, sink)
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        if self.flush(sink).is_break() {
            return Flow::Break;
        }
        let Look { rules, options, sections, tallies, results, .. } = &mut self.look;
        results.finish(rules, options, sections, tallies, sink)
    }
}

impl LogReader {
    /// What was carried is all that the line has.
    fn flush(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut line = std::mem::take(&mut self.carried);
        let flow = self.look.take(&line, sink);
        line.clear();
        self.carried = line;
        flow
    }
}

impl Look {
    /// Whole lines; only the last one of the log may have no end.
    fn take(&mut self, lines: &[u8], sink: &mut dyn Sink) -> Flow {
        // Lines before `at` have been looked at, bytes before `passed` have been passed on.
        let (mut at, mut passed) = (0, 0);
        while at < lines.len() {
            let Some(found) = self.rules.patterns.next_candidate(lines, at) else { break };
            // An empty pattern matches after the last line, too.
            if found >= lines.len() {
                break;
            }
            let start = memrchr(b'\n', lines.get(..found).unwrap_or_default());
            let start = start.map_or(0, |newline| newline + 1).max(at);
            let rest = lines.get(start..).unwrap_or_default();
            let length = memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
            self.number += newlines(lines, at, start) + 1;
            let end = start + length;
            let test = self.line(without_end(rest.get(..length).unwrap_or(rest)));
            if let Some(test) = test {
                let flow = self.pass(lines.get(passed..end).unwrap_or_default(), sink);
                passed = end;
                if flow.is_break() || self.push(&test, sink).is_break() {
                    return Flow::Break;
                }
            }
            at = end;
        }
        self.number += newlines(lines, at, lines.len());
        self.pass(lines.get(passed..).unwrap_or_default(), sink)
    }

    /// One line, without its end. The test that it is about, if it is about one.
    fn line(&mut self, line: &[u8]) -> Option<LogTest> {
        let Self { rules, options, sections, tallies, matched, begun, number, .. } = self;
        let (mut is_taken, mut test) = (false, None);
        begun.clear();
        for owner in rules.patterns.look_at(line, matched) {
            match owner {
                Owner::Begin(nth) => {
                    let section = rules.sections.get(nth);
                    if section.is_some_and(|section| sections.begin(nth, section)) {
                        begun.push(nth);
                    }
                }
                Owner::Rule(nth) => {
                    let Some((rule, tally)) = rules.rules.get(nth).zip(tallies.get_mut(nth)) else {
                        continue;
                    };
                    let is_free = rule.looks_on || !is_taken;
                    if is_free && rule.places.holds(|section| sections.is_open(section)) {
                        is_taken |= !rule.looks_on;
                        let about = tally.take(rule, options.today, *number, line);
                        test = test.or(about);
                    }
                }
                // The line that ends a section is inside, unless it is the one that begins it.
                Owner::End(nth) if begun.contains(&nth) => {}
                Owner::End(nth) => sections.end(nth),
            }
        }
        test
    }

    fn pass(&self, text: &[u8], sink: &mut dyn Sink) -> Flow {
        if text.is_empty() || !self.options.passes_text {
            return Flow::Continue;
        }
        sink.text(text)
    }

    fn push(&mut self, test: &LogTest, sink: &mut dyn Sink) -> Flow {
        self.results.note_test(test);
        let id = with_prefix(&self.options.prefix, &test.id);
        let reason = test.reason.as_deref().map(str::as_bytes);
        if self.options.as_test.is_some() {
            return Flow::Continue;
        }
        Outcome { reason, ..Outcome::new(&id, test.status) }.push(sink)
    }
}

fn newlines(lines: &[u8], from: usize, to: usize) -> u64 {
    memchr_iter(b'\n', lines.get(from..to).unwrap_or_default()).count() as u64
}

/// The line without LF, CR LF or CR at its end.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
