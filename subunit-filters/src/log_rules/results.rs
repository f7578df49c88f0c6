//! What do the rules come to at the end of the log? A result each, or one test whose attachments they are.

use subunit_core::{
    Event, FileChunk, Status, TagsBuf,
    run::counted,
    sink::{Flow, Sink},
};
use subunit_formats::events::emit::{Outcome, TEXT};

use super::{
    count::Count,
    options::LogOptions,
    rules::{LogValue, Rule, RuleKind, Rules, Words},
    sections::SeenSections,
    tally::{LogTest, RuleTally},
};

/// The directory of files that hold a number, by the name of the rule.
const METRIC: &str = "metric/";

/// What the results come to, if they are one test.
pub(super) struct RuleResults {
    prefix: String,
    as_test: Option<String>,
    worst: Option<Status>,
    reasons: String,
    tags: TagsBuf,
}

/// What a rule comes to.
struct Said<'a> {
    status: Status,
    tag: Option<&'static str>,
    reason: String,
    values: &'a str,
}

impl Said<'_> {
    fn new(status: Status, reason: impl Into<String>) -> Self {
        Self { status, tag: None, reason: reason.into(), values: "" }
    }
}

/// The id of a rule or a test.
pub(super) fn with_prefix(prefix: &str, id: &str) -> String {
    if prefix.is_empty() { id.to_owned() } else { format!("{prefix}/{id}") }
}

impl RuleResults {
    pub(super) fn new(options: &LogOptions) -> Self {
        let (prefix, as_test) = (options.prefix.clone(), options.as_test.clone());
        Self { prefix, as_test, worst: None, reasons: String::new(), tags: TagsBuf::new() }
    }

    /// A test that the log names has ended.
    pub(super) fn note_test(&mut self, test: &LogTest) {
        if self.as_test.is_some() {
            let reason = test.reason.clone().unwrap_or_default();
            self.add(&test.id, &Said::new(test.status, reason));
        }
    }

    /// The log has ended.
    pub(super) fn finish(
        &mut self,
        rules: &Rules,
        options: &LogOptions,
        sections: &SeenSections,
        tallies: &[RuleTally],
        sink: &mut dyn Sink,
    ) -> Flow {
        for (nth, section) in rules.sections.iter().enumerate() {
            let said = match sections.problem(nth, section) {
                Some(problem) => Said::new(Status::Fail, problem),
                None if section.is_required || section.times.is_some() => {
                    Said::new(Status::Success, "")
                }
                None => continue,
            };
            if self.push(&section.name, &said, sink).is_break() {
                return Flow::Break;
            }
        }
        for (rule, tally) in rules.rules.iter().zip(tallies) {
            if self.finish_rule(rule, tally, options, sink).is_break() {
                return Flow::Break;
            }
        }
        self.finish_test(sink)
    }

    fn finish_rule(
        &mut self,
        rule: &Rule,
        tally: &RuleTally,
        options: &LogOptions,
        sink: &mut dyn Sink,
    ) -> Flow {
        for waiver in rule.waivers.iter().filter(|waiver| waiver.until < options.today) {
            let reason = format!("this waiver ended on {}: {}\n", waiver.until, waiver.reason);
            let said = Said::new(Status::Fail, reason);
            if self.push(&format!("{} (waiver)", rule.id), &said, sink).is_break() {
                return Flow::Break;
            }
        }
        if matches!(rule.kind, RuleKind::Infra) && tally.hits > 0 {
            return push_infra(rule, tally, sink);
        }
        if let RuleKind::Test(words) = &rule.kind {
            return self.finish_tests(words, rule, tally, sink);
        }
        match said(rule, tally, options) {
            Some(said) => self.push(&rule.id, &said, sink),
            None => Flow::Continue,
        }
    }

    /// Expected tests that the log does not name, and how many it names.
    fn finish_tests(
        &mut self,
        words: &Words,
        rule: &Rule,
        tally: &RuleTally,
        sink: &mut dyn Sink,
    ) -> Flow {
        for (id, _) in tally.tests.iter().filter(|(_, seen)| **seen == 0) {
            let said = Said::new(Status::Fail, "expected, and not in the log\n");
            if self.push_as(id, &said, true, sink).is_break() {
                return Flow::Break;
            }
        }
        let Some(count) = words.count else { return Flow::Continue };
        let said = if count.allows(tally.hits) {
            Said::new(Status::Success, "")
        } else {
            Said::new(Status::Fail, format!("{}, {count} wanted\n", counted(tally.hits, "test")))
        };
        self.push(&rule.id, &said, sink)
    }

    fn push(&mut self, id: &str, said: &Said<'_>, sink: &mut dyn Sink) -> Flow {
        self.push_as(id, said, false, sink)
    }

    /// As a result of its own, or as an attachment of the one test.
    fn push_as(&mut self, id: &str, said: &Said<'_>, runnable: bool, sink: &mut dyn Sink) -> Flow {
        if self.as_test.is_some() {
            self.add(id, said);
            return self.push_values(id, said, sink);
        }
        let flow = self.push_values(id, said, sink);
        if flow.is_break() {
            return flow;
        }
        let id = with_prefix(&self.prefix, id);
        let mut tags = TagsBuf::new();
        tags.extend(said.tag);
        let tags = said.tag.map(|_| tags.as_tags());
        let reason = Some(said.reason.as_bytes()).filter(|reason| !reason.is_empty());
        Outcome { reason, tags, runnable, ..Outcome::new(&id, said.status) }.push(sink)
    }

    /// The numbers of a rule, as a file of the test that it is, or belongs to.
    fn push_values(&self, rule: &str, said: &Said<'_>, sink: &mut dyn Sink) -> Flow {
        if said.values.is_empty() {
            return Flow::Continue;
        }
        let own = with_prefix(&self.prefix, rule);
        let name = format!("{METRIC}{rule}");
        sink.event(&Event {
            test_id: Some(self.as_test.as_deref().unwrap_or(&own)),
            file: Some(FileChunk { name: &name, bytes: said.values.as_bytes() }),
            mime_type: Some(TEXT),
            eof: true,
            ..Event::default()
        })
    }

    fn add(&mut self, id: &str, said: &Said<'_>) {
        self.tags.extend(said.tag);
        let is_worse = self.worst.is_none_or(|worst| rank(said.status) > rank(worst));
        if is_worse {
            self.worst = Some(said.status);
        }
        self.reasons += &format!("{id}: {}\n", said.status.name());
        for line in said.reason.lines() {
            self.reasons += &format!("  {line}\n");
        }
    }

    /// The one test, if the rules are one.
    fn finish_test(&self, sink: &mut dyn Sink) -> Flow {
        let (Some(id), Some(status)) = (&self.as_test, self.worst) else { return Flow::Continue };
        let tags = Some(self.tags.as_tags()).filter(|tags| tags.iter().next().is_some());
        let reason = Some(self.reasons.as_bytes());
        Outcome { reason, tags, ..Outcome::new(id, status) }.push(sink)
    }
}

/// Which result says more of the whole.
fn rank(status: Status) -> u8 {
    match status {
        Status::Success => 1,
        Status::ExpectedFailure => 2,
        Status::Skip => 3,
        Status::Fail => 4,
        Status::UnexpectedSuccess | Status::Exists | Status::InProgress => 0,
    }
}

/// What a rule comes to; nothing for one that only takes lines.
fn said<'a>(rule: &Rule, tally: &'a RuleTally, options: &LogOptions) -> Option<Said<'a>> {
    let marked = |tag| Said {
        tag: (tally.hits > 0).then_some(tag),
        ..Said::new(Status::Success, tally.lines.shown())
    };
    Some(match &rule.kind {
        RuleKind::Ignore | RuleKind::Infra | RuleKind::Test(_) => return None,
        RuleKind::Skip if tally.hits == 0 => return None,
        RuleKind::Skip => Said::new(Status::Skip, tally.lines.shown()),
        RuleKind::Note => marked("note"),
        RuleKind::Warn => marked("warn"),
        RuleKind::Expect(count) if count.allows(tally.hits) => Said::new(Status::Success, ""),
        RuleKind::Expect(count) => match whole_waiver(rule, options) {
            Some(reason) => Said::new(Status::ExpectedFailure, reason),
            None => Said::new(Status::Fail, wrong_count(rule, tally, count)),
        },
        RuleKind::Forbid(count) => forbidden(rule, tally, count),
        RuleKind::Value(value) => of_value(value, rule, tally, options),
    })
}

fn forbidden<'a>(rule: &Rule, tally: &RuleTally, count: &Count) -> Said<'a> {
    if !count.allows(tally.hits - tally.waived) {
        return Said::new(Status::Fail, wrong_count(rule, tally, count));
    }
    match tally.waived {
        0 => Said::new(Status::Success, ""),
        _ => Said::new(Status::ExpectedFailure, used_waivers(rule, tally)),
    }
}

fn of_value<'a>(
    value: &LogValue,
    rule: &Rule,
    tally: &'a RuleTally,
    options: &LogOptions,
) -> Said<'a> {
    let values = tally.values.as_str();
    if tally.outside > 0 {
        let wanted =
            value.within.as_ref().map_or_else(|| "a number".to_owned(), ToString::to_string);
        let reason = format!("{} not {wanted}:\n{}", lines(tally.outside), tally.lines.shown());
        return Said { values, ..Said::new(Status::Fail, reason) };
    }
    if !value.count.allows(tally.hits) {
        let said = match whole_waiver(rule, options) {
            Some(reason) => Said::new(Status::ExpectedFailure, reason),
            None => Said::new(Status::Fail, wrong_count(rule, tally, &value.count)),
        };
        return Said { values, ..said };
    }
    match tally.waived {
        0 => Said { values, ..Said::new(Status::Success, "") },
        _ => Said { values, ..Said::new(Status::ExpectedFailure, used_waivers(rule, tally)) },
    }
}

fn lines(count: u64) -> String {
    match count {
        0 => "no line".to_owned(),
        _ => counted(count, "line"),
    }
}

fn wrong_count(rule: &Rule, tally: &RuleTally, count: &Count) -> String {
    let found = lines(tally.hits - tally.waived);
    let colon = if tally.lines.is_empty() { "" } else { ":" };
    format!("{found} with {}, {count} wanted{colon}\n{}", rule.shown, tally.lines.shown())
}

/// Why the rule need not hold today, whatever the lines are.
fn whole_waiver(rule: &Rule, options: &LogOptions) -> Option<String> {
    let mut holding = rule.waivers.iter().filter(|waiver| waiver.until >= options.today);
    let waiver = holding.find(|waiver| waiver.pattern.is_none())?;
    Some(format!("waived until {}: {}\n", waiver.until, waiver.reason))
}

fn used_waivers(rule: &Rule, tally: &RuleTally) -> String {
    let waivers = rule.waivers.iter().zip(&tally.used).filter(|(_, used)| **used > 0);
    let said = waivers.map(|(waiver, used)| {
        format!("{} waived until {}: {}\n", lines(*used), waiver.until, waiver.reason)
    });
    said.collect()
}

/// A failure of what runs the tests, which is none of a test.
fn push_infra(rule: &Rule, tally: &RuleTally, sink: &mut dyn Sink) -> Flow {
    let reason = format!("{}: {}", rule.id, tally.lines.shown());
    let mut tags = TagsBuf::new();
    tags.extend(["infra"]);
    sink.event(&Event {
        status: Some(Status::Fail),
        tags: Some(tags.as_tags()),
        file: Some(FileChunk { name: "reason", bytes: reason.as_bytes() }),
        mime_type: Some(TEXT),
        eof: true,
        runnable: false,
        ..Event::default()
    })
}
