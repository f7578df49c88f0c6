//! `[[group]]`, `[[override]]`, `[[instance]]`, `[[policy]]`, `[[test]]`, `[history]` and
//! `[coverage]`.

use std::collections::BTreeMap;

use super::{
    check::check,
    source::{Access, LayerSource},
    value::Setting,
};
use crate::config::{
    CoverageSettings, HistorySettings, InputSettings, InstanceSettings, Mistake, Origin, Override,
    PolicySettings, TestGroup, amount, keys::Place, tree::Table,
};

pub(super) fn group(
    source: &LayerSource,
    line: usize,
    table: &Table,
    access: Access<'_>,
) -> Result<TestGroup, Mistake> {
    check(source, table, "group.", &[Place::Group])?;
    let mut group = TestGroup { origin: source.origin(line), ..TestGroup::default() };
    for entry in &table.0 {
        let item = Setting::new(source, "group.", entry).resolved(access)?;
        match entry.key.as_str() {
            "match" => group.tests = item.regex()?,
            "max" => group.max = Some(item.number(1)?),
            "weight" => group.weight = Some(item.number(1)?),
            "exclusive" => group.exclusive = item.flag()?,
            _ => {}
        }
    }
    match table.get("match") {
        Some(_) => Ok(group),
        None => Err(source.mistake(line, "group", "there is no `match`")),
    }
}

pub(super) fn one_override(
    source: &LayerSource,
    line: usize,
    table: &Table,
    access: Access<'_>,
) -> Result<Override, Mistake> {
    check(source, table, "override.", &[Place::Override])?;
    let mut one = Override { origin: source.origin(line), ..Override::default() };
    for entry in &table.0 {
        let item = Setting::new(source, "override.", entry);
        if entry.key == "environment" {
            let Override { environment, origins, .. } = &mut one;
            item.environment(access, environment, origins)?;
            continue;
        }
        let item = item.resolved(access)?;
        match entry.key.as_str() {
            "tests" => one.tests = Some(item.regex()?),
            "tag" => one.tag = Some(item.text()?),
            "series" => one.series = Some(item.text()?),
            "variant" => one.variant = Some(item.text()?),
            "test_timeout" => one.test_timeout = Some(item.limit()?),
            "no_output_timeout" => one.no_output_timeout = Some(item.limit()?),
            "max_duration" => one.max_duration = Some(item.limit()?),
            "test_order" => one.test_order = Some(item.order()?),
            "retries" => one.retries = Some(item.number(0)?),
            "max" => one.max = Some(item.number(1)?),
            "weight" => one.weight = Some(item.number(1)?),
            "exclusive" => one.exclusive = Some(item.flag()?),
            "priority" => one.priority = Some(item.number(i64::MIN)?),
            _ => {}
        }
        one.origins.insert(entry.key.clone(), item.origin());
    }
    let of_tests = one.tests.is_some() || one.tag.is_some();
    match ["max_duration", "test_order"].into_iter().find_map(|key| table.get(key)) {
        Some(entry) if of_tests => {
            let what = "is for a whole run, and this override is for some tests";
            Err(source.mistake(entry.line, &format!("override.{}", entry.key), what))
        }
        _ => Ok(one),
    }
}

pub(super) fn policy(
    source: &LayerSource,
    line: usize,
    table: &Table,
    access: Access<'_>,
) -> Result<PolicySettings, Mistake> {
    check(source, table, "policy.", &[Place::Policy])?;
    let mut policy = PolicySettings { origin: source.origin(line), ..PolicySettings::default() };
    for entry in &table.0 {
        let item = Setting::new(source, "policy.", entry).resolved(access)?;
        match entry.key.as_str() {
            "tests" => policy.tests = Some(item.regex()?),
            "fail" => {
                let text = item.text()?;
                let (bad, of) = text.split_once(" of ").unwrap_or((&text, ""));
                let numbers = (bad.trim().parse().ok(), of.trim().parse().ok());
                (policy.bad, policy.of) = match numbers {
                    (Some(bad), Some(of)) if 0 < bad && bad <= of && of <= 200 => (bad, of),
                    _ => {
                        return Err(
                            item.mistake("must be `N of M`, such as `9 of 10`, M at most 200")
                        );
                    }
                };
            }
            "clear" => policy.clear = Some(item.number(1)?),
            _ => {}
        }
    }
    match table.get("fail") {
        Some(_) => Ok(policy),
        None => Err(source.mistake(line, "policy", "there is no `fail`, such as `9 of 10`")),
    }
}

pub(super) fn inputs(
    source: &LayerSource,
    line: usize,
    table: &Table,
    access: Access<'_>,
) -> Result<InputSettings, Mistake> {
    check(source, table, "test.", &[Place::Test])?;
    let mut inputs = InputSettings { origin: source.origin(line), ..InputSettings::default() };
    for entry in &table.0 {
        let item = Setting::new(source, "test.", entry).resolved(access)?;
        match entry.key.as_str() {
            "match" => inputs.tests = item.regex()?,
            "inputs" => inputs.files = item.words()?,
            "needs" => inputs.needs = item.regexes()?,
            _ => {}
        }
    }
    match table.get("match") {
        Some(_) => Ok(inputs),
        None => Err(source.mistake(line, "test", "there is no `match`")),
    }
}

/// Sets what a table says of the history. What it does not say stays.
pub(super) fn history(
    source: &LayerSource,
    table: &Table,
    access: Access<'_>,
    history: &mut HistorySettings,
    origins: &mut BTreeMap<String, Origin>,
) -> Result<(), Mistake> {
    check(source, table, "history.", &[Place::History])?;
    for entry in &table.0 {
        let item = Setting::new(source, "history.", entry).resolved(access)?;
        match entry.key.as_str() {
            "keep" => history.keep = Some(item.number(1)?),
            "older_than" => {
                let text = item.text()?;
                let age = amount::age(&text).map_err(|what| item.mistake(what))?;
                history.older_than = Some((text, age));
            }
            "max_size" => {
                let text = item.text()?;
                let size = amount::size(&text).map_err(|what| item.mistake(what))?;
                history.max_size = Some((text, size));
            }
            "move_to" => history.move_to = Some(item.text()?),
            "on_change" => history.on_change = Some(item.text()?),
            _ => {}
        }
        origins.insert(format!("history.{}", entry.key), item.origin());
    }
    Ok(())
}

/// Sets what a table says of coverage. What it does not say stays.
pub(super) fn coverage(
    source: &LayerSource,
    table: &Table,
    access: Access<'_>,
    coverage: &mut CoverageSettings,
) -> Result<(), Mistake> {
    check(source, table, "coverage.", &[Place::Coverage])?;
    let CoverageSettings { environment, merge, origins } = coverage;
    for entry in &table.0 {
        let item = Setting::new(source, "coverage.", entry);
        if entry.key == "environment" {
            item.environment(access, environment, origins)?;
            continue;
        }
        let item = item.resolved(access)?;
        *merge = Some(item.text()?);
        origins.insert(entry.key.clone(), item.origin());
    }
    Ok(())
}

/// Sets what a table says of an instance. One of a name that is there already changes only what it says.
pub(super) fn instance(
    source: &LayerSource,
    line: usize,
    table: &Table,
    access: Access<'_>,
    instances: &mut Vec<InstanceSettings>,
) -> Result<(), Mistake> {
    check(source, table, "instance.", &[Place::Instance])?;
    let name = table.get("name").map(|entry| Setting::new(source, "instance.", entry));
    let Some(name) = name else {
        return Err(source.mistake(line, "instance", "there is no `name`"));
    };
    let name = named(&name.resolved(access)?)?;
    let origin = source.origin(line);
    let known = instances.iter().position(|one| one.name == name);
    let nth = known.unwrap_or(instances.len());
    if known.is_none() {
        instances.push(InstanceSettings { name, origin, ..InstanceSettings::default() });
    }
    let Some(one) = instances.get_mut(nth) else { return Ok(()) };
    for entry in table.0.iter().filter(|entry| entry.key != "name") {
        let item = Setting::new(source, "instance.", entry).resolved(access)?;
        match entry.key.as_str() {
            "host" => one.host = Some(reachable(&item)?),
            "slots" => one.slots = Some(item.number(1)?),
            "sync" => one.sync = Some(item.text()?),
            "directory" => one.directory = Some(item.text()?),
            "activate" => one.activate = Some(item.text()?),
            _ => {}
        }
        one.origins.insert(entry.key.clone(), item.origin());
    }
    Ok(())
}

/// The name of an instance: it stands in names of files and in lists of words.
fn named(item: &Setting<'_>) -> Result<String, Mistake> {
    const LONGEST: usize = 64;
    let name = item.text()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    match is_name && name.len() <= LONGEST && name.chars().all(fits) {
        true => Ok(name),
        false => Err(item.mistake(format!(
            "must be at most {LONGEST} letters, digits, `-`, `_` and `.`, and begin with neither `-` nor `.`"
        ))),
    }
}

/// Where ssh goes. It would take what begins with `-` for an option.
fn reachable(item: &Setting<'_>) -> Result<String, Mistake> {
    let host = item.text()?;
    match host.is_empty() || host.starts_with('-') || host.contains(char::is_whitespace) {
        true => Err(item.mistake("must be a destination of ssh, such as `user@host`")),
        false => Ok(host),
    }
}
