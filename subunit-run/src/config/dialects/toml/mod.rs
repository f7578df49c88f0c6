//! `subunit.toml` and `inquest.toml`.

mod check;
mod scripts;
mod source;
mod tables;
mod value;

use subunit_filters::cli::mistake::nearest;

pub(in crate::config) use self::source::{Access, Layer, layers};
pub use self::source::{RunLine, shell};
use self::{check::check, source::LayerSource, value::Setting};
use crate::config::{
    Mistake, Suite,
    keys::{self, Kind, Place},
    tree::{Table, Value},
};

/// The version of `subunit.toml` that is known.
const VERSION: u32 = 1;

/// Which profile counts: the one that is asked for, or the last that a file names.
///
/// # Errors
///
/// If no file has it.
pub(in crate::config) fn profile(
    layers: &[Layer],
    asked: Option<&str>,
) -> Result<Option<String>, Mistake> {
    let names: Vec<&str> = layers
        .iter()
        .filter_map(|layer| layer.table.table("profiles"))
        .flat_map(|profiles| profiles.0.iter().map(|entry| entry.key.as_str()))
        .collect();
    let what = |name: &str| match nearest(name, names.iter().copied()) {
        Some(near) => format!("no profile `{name}`; did you mean `{near}`?"),
        None if names.is_empty() => format!("no profile `{name}`; there are none"),
        None => format!("no profile `{name}`; there are {}", names.join(", ")),
    };
    if let Some(name) = asked {
        return match names.contains(&name) {
            true => Ok(Some(name.to_owned())),
            false => Err(Mistake::in_file("--profile", what(name))),
        };
    }
    let given = |layer: &'_ Layer| {
        let entry = layer.table.get("default_profile")?.clone();
        Some((layer.source.clone(), entry))
    };
    let Some((source, entry)) = layers.iter().rev().find_map(given) else { return Ok(None) };
    let item = Setting::new(&source, "", &entry);
    let name = item.text()?;
    match names.contains(&name.as_str()) {
        true => Ok(Some(name)),
        false => Err(item.mistake(what(&name))),
    }
}

/// Sets what a layer says, and what its table of the profile says.
pub(in crate::config) fn apply(
    suite: &mut Suite,
    layer: &Layer,
    profile: Option<&str>,
    access: Access<'_>,
) -> Result<(), Mistake> {
    let source = &layer.source;
    let mut setter = Setter { suite, source, access };
    setter.all(&layer.table, "", &[Place::Suite, Place::Top])?;
    let Some(profiles) = layer.table.get("profiles") else { return Ok(()) };
    for entry in Setting::new(source, "", profiles).named_tables()? {
        let within = format!("profiles.{}.", entry.key);
        let Value::Table(table) = &entry.node.value else {
            let key = format!("profiles.{}", entry.key);
            let what = format!("must be a table, and is {}", entry.node.value.kind());
            return Err(source.mistake(entry.line, &key, what));
        };
        match profile == Some(&entry.key) {
            true => setter.all(table, &within, &[Place::Suite])?,
            false => check(source, table, &within, &[Place::Suite])?,
        }
    }
    Ok(())
}

/// Sets keys of a suite.
struct Setter<'a> {
    suite: &'a mut Suite,
    source: &'a LayerSource,
    access: Access<'a>,
}

impl Setter<'_> {
    fn all(&mut self, table: &Table, within: &str, places: &[Place]) -> Result<(), Mistake> {
        check(self.source, table, within, places)?;
        for entry in &table.0 {
            let Some(key) = keys::find(&entry.key, self.source.dialect, places) else { continue };
            let item = Setting::new(self.source, within, entry);
            match key.kind {
                Kind::Tables | Kind::Environment | Kind::Files => self.table(key.name, &item)?,
                Kind::Concurrency => {
                    self.suite.concurrency = item.concurrency()?;
                    self.suite.origins.insert("concurrency".to_owned(), item.origin());
                }
                _ => {
                    let item = item.resolved(self.access)?;
                    self.set(key.name, &item)?;
                    self.suite.origins.insert(key.name.to_owned(), item.origin());
                }
            }
        }
        Ok(())
    }

    fn table(&mut self, key: &str, item: &Setting<'_>) -> Result<(), Mistake> {
        match key {
            "environment" => {
                let Suite { environment, origins, .. } = &mut *self.suite;
                item.environment(self.access, environment, origins)?;
            }
            "group" => {
                for (line, table) in item.tables()? {
                    let group = tables::group(self.source, line, table, self.access)?;
                    self.suite.groups.push(group);
                }
            }
            "instance" => {
                for (line, table) in item.tables()? {
                    let instances = &mut self.suite.instances;
                    tables::instance(self.source, line, table, self.access, instances)?;
                }
            }
            "script" => {
                for (line, table) in item.tables()? {
                    let scripts = &mut self.suite.scripts;
                    scripts::script(self.source, line, table, self.access, scripts)?;
                }
            }
            "policy" => {
                for (line, table) in item.tables()? {
                    let policy = tables::policy(self.source, line, table, self.access)?;
                    self.suite.policies.push(policy);
                }
            }
            "test" => {
                for (line, table) in item.tables()? {
                    let inputs = tables::inputs(self.source, line, table, self.access)?;
                    self.suite.inputs.push(inputs);
                }
            }
            "coverage" => {
                let coverage = &mut self.suite.coverage;
                tables::coverage(self.source, item.table()?, self.access, coverage)?;
            }
            "history" => {
                let Suite { history, origins, .. } = &mut *self.suite;
                tables::history(self.source, item.table()?, self.access, history, origins)?;
            }
            "override" => {
                for (line, table) in item.tables()? {
                    let one = tables::one_override(self.source, line, table, self.access)?;
                    self.suite.overrides.push(one);
                }
            }
            // `include` and `profiles` have been looked at already.
            _ => {}
        }
        Ok(())
    }

    fn set(&mut self, key: &str, item: &Setting<'_>) -> Result<(), Mistake> {
        let suite = &mut *self.suite;
        match key {
            "runner" => suite.runner = Some(item.text()?),
            "test_command" => suite.test_command = item.text()?,
            "test_id_option" => suite.test_id_option = Some(item.text()?),
            "test_list_option" => suite.test_list_option = Some(item.text()?),
            "test_id_list_default" => suite.test_id_list_default = Some(item.text()?),
            "group_regex" => suite.group_regex = Some(item.regex()?).filter(|r| !r.is_empty()),
            "batch" => suite.batch = item.batch()?,
            "filter_tags" => suite.filter_tags = item.words()?,
            "instance_provision" => suite.instance_provision = Some(item.text()?),
            "instance_execute" => suite.instance_execute = Some(item.text()?),
            "instance_dispose" => suite.instance_dispose = Some(item.text()?),
            "instance_check" => suite.instance_check = Some(item.text()?),
            "instance_identity" => suite.instance_identity = Some(item.text()?),
            "incremental" => suite.incremental = item.flag()?,
            "console" => suite.console = item.flag()?,
            "debug_prompt_regex" => suite.debug_prompt = Some(item.regex()?),
            "test_timeout" => suite.test_timeout = item.limit()?,
            "max_duration" => suite.max_duration = item.limit()?,
            "no_output_timeout" => suite.no_output_timeout = item.limit()?,
            "test_order" => suite.order = item.order()?,
            "retries" => suite.retries = item.number(0)?,
            "record_environment" => suite.record_environment = item.words()?,
            "setup" => suite.setup = Some(item.text()?),
            "teardown" => suite.teardown = Some(item.text()?),
            "changed_tests" => suite.changed_tests = Some(item.text()?),
            "quarantine" => suite.quarantine = Some(item.text()?),
            "version" => {
                let version: u32 = item.number(0)?;
                if version != VERSION {
                    let what = format!("version {version} is not known here; {VERSION} is");
                    return Err(item.mistake(what));
                }
            }
            // `default_profile` has been looked at already.
            _ => {}
        }
        Ok(())
    }
}

/// Whether a suite that is put together can run. `file` is what its main file is called.
pub(in crate::config) fn whole(suite: &Suite, file: &str) -> Result<(), Mistake> {
    suite.coverage.check()?;
    if let Some(script) = suite.scripts.first() {
        return scripts::alone(suite, script);
    }
    if suite.runner.is_some() {
        // Its adapter says how tests are listed and run.
        return Ok(());
    }
    if suite.test_command.is_empty() {
        return Err(Mistake::in_file(file, "there is no test_command"));
    }
    for (variable, key, value) in [
        ("$IDOPTION", "test_id_option", &suite.test_id_option),
        ("$LISTOPT", "test_list_option", &suite.test_list_option),
    ] {
        if suite.test_command.contains(variable) && value.is_none() {
            let origin = suite.origins.get("test_command");
            return Err(Mistake {
                file: origin.map_or(file, |origin| &origin.place).to_owned(),
                line: origin.and_then(|origin| origin.line),
                key: "test_command".to_owned(),
                what: format!("has {variable}, and there is no {key}"),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
