//! How is a file of rules read? TOML becomes [`Rules`], or one mistake with its line.

mod marked;
mod tables;

use std::{collections::HashSet, ops::Range};

use regex::bytes::Regex;
use subunit_core::Status;
use toml::Spanned;

use self::{
    marked::Marked,
    tables::{Document, KindName, RuleTable, SectionTable, WaiverTable},
};
use super::{
    count::Count,
    patterns::{self, Builder, Owner},
    rules::{LogValue, Places, ResultWords, Rule, RuleKind, Rules, Section, Waiver, Words},
};
use crate::cli::mistake::Mistake;

/// The section that is always open.
const ALL: &str = "all";

/// Reads a file of rules. `name` is what it is called in a mistake; `may_be_silent` allows rules none of which asks
/// for anything, so that an empty log passes.
pub(crate) fn parse(name: &str, bytes: &[u8], may_be_silent: bool) -> Result<Rules, Mistake> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + line.iter().filter(|byte| **byte == b'\n').count();
        Mistake::new(name, line, "", "not UTF-8")
    })?;
    let marked = read(text).map_err(|marked| marked.in_file(name, text))?;
    if !may_be_silent && !marked.rules.iter().any(Rule::can_be_missed) {
        return Err(Mistake::in_file(name, SILENT));
    }
    Ok(marked)
}

/// What is said of rules that an empty log meets.
const SILENT: &str = "no rule of kind expect, value or test: an empty log would pass; \
                      --allow-silent allows that";

fn read(text: &str) -> Result<Rules, Marked> {
    let document: Document = toml::from_str(text).map_err(|error| Marked {
        span: error.span(),
        what: error.message().replace('\n', "; "),
    })?;
    let mut all = Builder::default();
    let mut names = HashSet::from([ALL.to_owned()]);
    let mut sections = Vec::new();
    for (nth, table) in document.section.iter().enumerate() {
        if !names.insert(table.name.as_ref().clone()) {
            return Err(mark(
                &table.name,
                format!("there is another section {:?}", table.name.as_ref()),
            ));
        }
        add(&mut all, &table.begin, Owner::Begin(nth))?;
        sections.push(section(table));
    }
    let mut rules = Vec::new();
    for (nth, table) in document.rule.into_iter().enumerate() {
        for pattern in &table.patterns {
            add(&mut all, pattern, Owner::Rule(nth))?;
        }
        let rule = rule(nth, table, &sections)?;
        rules.push(rule);
    }
    // After the rules: the line that ends a section is inside.
    for (nth, table) in document.section.iter().enumerate() {
        if let Some(end) = &table.end {
            add(&mut all, end, Owner::End(nth))?;
        }
    }
    let patterns = all.build().map_err(|what| Marked { span: None, what })?;
    Ok(Rules { sections, rules, patterns })
}

fn mark<T>(place: &Spanned<T>, what: impl Into<String>) -> Marked {
    Marked { span: Some(place.span()), what: what.into() }
}

fn add(all: &mut Builder, pattern: &Spanned<String>, owner: Owner) -> Result<(), Marked> {
    all.add(pattern.as_ref(), owner).map_err(|what| mark(pattern, what))
}

fn single(pattern: &Spanned<String>) -> Result<Regex, Marked> {
    patterns::single(pattern.as_ref()).map_err(|what| mark(pattern, what))
}

fn section(table: &SectionTable) -> Section {
    Section {
        name: table.name.as_ref().clone(),
        has_end: table.end.is_some(),
        times: table.times,
        is_required: table.required,
    }
}

fn rule(nth: usize, table: RuleTable, sections: &[Section]) -> Result<Rule, Marked> {
    let kind_name = *table.kind.as_ref();
    only_where_it_means_something(&table, kind_name)?;
    if table.patterns.is_empty() {
        return Err(mark(&table.kind, "a rule needs `match`, a list of patterns"));
    }
    let places = Places {
        inside: places(&table.inside, sections)?,
        outside: places(&table.outside, sections)?,
    };
    let id = match (&table.id, kind_name) {
        (Some(id), _) if id.as_ref().is_empty() => return Err(mark(id, "an id cannot be empty")),
        (Some(id), _) => id.as_ref().replace('\0', "\u{2400}"),
        (None, KindName::Ignore | KindName::Test) => format!("rule {}", nth + 1),
        (None, _) => return Err(mark(&table.kind, "a rule of this kind needs an `id`")),
    };
    let shown: Vec<_> =
        table.patterns.iter().map(|pattern| format!("'{}'", pattern.as_ref())).collect();
    let kind = kind(&table, kind_name)?;
    let waivers = table.waive.0.into_iter().map(waiver).collect::<Result<_, _>>()?;
    Ok(Rule { id, kind, places, looks_on: table.also, shown: shown.join(" or "), waivers })
}

/// A key that a rule of this kind has no use for is a mistake, not silence.
fn only_where_it_means_something(table: &RuleTable, kind: KindName) -> Result<(), Marked> {
    use KindName::{Expect, Forbid, Test, Value};
    let waive = table.waive.0.first().map(|waiver| waiver.until.span());
    for (key, place, kinds) in [
        ("count", span(&table.count), &[Expect, Forbid, Value, Test][..]),
        ("within", span(&table.within), &[Value]),
        ("results", span(&table.results), &[Test]),
        ("expected", span(&table.expected), &[Test]),
        ("waive", waive, &[Expect, Forbid, Value]),
    ] {
        if place.is_some() && !kinds.contains(&kind) {
            let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
            let what = format!("`{key}` is only for rules of kind {}", names.join(", "));
            return Err(Marked { span: place, what });
        }
    }
    Ok(())
}

fn span<T>(key: &Option<Spanned<T>>) -> Option<Range<usize>> {
    key.as_ref().map(Spanned::span)
}

/// The places of sections in the file, by their names.
fn places(names: &[Spanned<String>], sections: &[Section]) -> Result<Vec<usize>, Marked> {
    let named = names.iter().filter(|name| name.as_ref() != ALL);
    let found = named.map(|name| {
        let place = sections.iter().position(|section| section.name == *name.as_ref());
        place.ok_or_else(|| {
            let known: Vec<_> = sections.iter().map(|section| section.name.as_str()).collect();
            let what = format!("no section is called {:?}; there are: {ALL}", name.as_ref());
            mark(name, [&[what.as_str()], &known[..]].concat().join(", "))
        })
    });
    found.collect()
}

fn kind(table: &RuleTable, name: KindName) -> Result<RuleKind, Marked> {
    let count = table.count.as_ref().map(parsed::<Count>).transpose()?;
    Ok(match name {
        KindName::Ignore => RuleKind::Ignore,
        KindName::Note => RuleKind::Note,
        KindName::Warn => RuleKind::Warn,
        KindName::Skip => RuleKind::Skip,
        KindName::Infra => RuleKind::Infra,
        KindName::Expect => RuleKind::Expect(count.unwrap_or(Count::AT_LEAST_ONE)),
        KindName::Forbid => RuleKind::Forbid(count.unwrap_or(Count::NONE)),
        KindName::Value => RuleKind::Value(LogValue {
            patterns: with_groups(&table.patterns, &["value"])?,
            within: table.within.as_ref().map(parsed).transpose()?,
            count: count.unwrap_or(Count::AT_LEAST_ONE),
        }),
        KindName::Test => RuleKind::Test(Words {
            patterns: with_groups(&table.patterns, &["test", "result"])?,
            results: results(table)?,
            expected: table.expected.as_ref().map(|tests| tests.as_ref().clone()),
            count,
        }),
    })
}

fn parsed<T: std::str::FromStr<Err = String>>(text: &Spanned<String>) -> Result<T, Marked> {
    text.as_ref().parse().map_err(|what| mark(text, what))
}

/// Patterns each of which has these groups.
fn with_groups(patterns: &[Spanned<String>], groups: &[&str]) -> Result<Vec<Regex>, Marked> {
    let checked = patterns.iter().map(|pattern| {
        let regex = single(pattern)?;
        let names: Vec<_> = regex.capture_names().flatten().collect();
        match groups.iter().find(|group| !names.contains(group)) {
            Some(group) => Err(mark(pattern, format!("the pattern needs a group (?<{group}>...)"))),
            None => Ok(regex),
        }
    });
    checked.collect()
}

fn results(table: &RuleTable) -> Result<ResultWords, Marked> {
    let Some(results) = &table.results else { return Ok(ResultWords::Usual) };
    let named = results.as_ref().iter().map(|(word, status)| {
        let known = Status::ALL.into_iter().find(|known| known.name() == status.as_ref());
        let ends = known.filter(|status| status.is_final());
        let ends = ends
            .ok_or_else(|| mark(status, "a result is success, fail, skip, xfail or uxsuccess"))?;
        Ok((word.clone(), ends))
    });
    Ok(ResultWords::Named(named.collect::<Result<_, _>>()?))
}

fn waiver(table: WaiverTable) -> Result<Waiver, Marked> {
    let day = table.until.as_ref().date.filter(|_| table.until.as_ref().time.is_none());
    let date = day.and_then(|day| {
        let year = i16::try_from(day.year).ok()?;
        let (month, day) = (i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?);
        jiff::civil::Date::new(year, month, day).ok()
    });
    let until = date.ok_or_else(|| mark(&table.until, "`until` is a day, such as 2027-01-31"))?;
    let pattern = table.pattern.as_ref().map(single).transpose()?;
    Ok(Waiver { until, reason: table.reason, pattern })
}
