//! `[[group]]` and `[[override]]`.

use super::{
    check::check,
    source::{Access, LayerSource},
    value::Setting,
};
use crate::config::{Mistake, Override, TestGroup, keys::Place, tree::Table};

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
