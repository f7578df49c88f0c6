//! `[[script]]`: executables that are tests.

use super::{
    check::check,
    source::{Access, LayerSource},
    value::Setting,
};
use crate::config::{Mistake, ScriptSettings, ScriptTests, Suite, keys::Place, tree::Table};

/// The runner whose tests these are.
const RUNNER: &str = "scripts";

/// Reads one table.
pub(super) fn script(
    source: &LayerSource,
    line: usize,
    table: &Table,
    access: Access<'_>,
    scripts: &mut Vec<ScriptSettings>,
) -> Result<(), Mistake> {
    check(source, table, "script.", &[Place::Script])?;
    let setting = |key: &str| {
        let entry = table.get(key)?;
        Some(Setting::new(source, "script.", entry))
    };
    let resolved = |key| setting(key).map(|item| item.resolved(access)).transpose();
    let tests = tests(resolved("files")?, resolved("command")?, resolved("name")?)
        .ok_or_else(|| source.mistake(line, "script", "there is no `files`, and no `command`"))??;
    let is_named = |other: &ScriptSettings| match (&other.tests, &tests) {
        (ScriptTests::Command { name: other, .. }, ScriptTests::Command { name, .. }) => {
            other == name
        }
        _ => false,
    };
    if scripts.iter().any(is_named) {
        return Err(source.mistake(line, "script.name", "another script is called that"));
    }
    let mut script = ScriptSettings {
        tests,
        test_timeout: None,
        retries: None,
        environment: Default::default(),
        origin: source.origin(line),
        origins: Default::default(),
    };
    if let Some(item) = resolved("test_timeout")? {
        script.test_timeout = Some(item.limit()?);
        script.origins.insert("test_timeout".to_owned(), item.origin());
    }
    if let Some(item) = resolved("retries")? {
        script.retries = Some(item.number(0)?);
        script.origins.insert("retries".to_owned(), item.origin());
    }
    if let Some(item) = setting("environment") {
        item.environment(access, &mut script.environment, &mut script.origins)?;
    }
    scripts.push(script);
    Ok(())
}

/// Which tests a table means. None if it says of none.
fn tests(
    files: Option<Setting<'_>>,
    command: Option<Setting<'_>>,
    name: Option<Setting<'_>>,
) -> Option<Result<ScriptTests, Mistake>> {
    Some(match (files, command, name) {
        (Some(_), _, Some(name)) => {
            Err(name.mistake("does not go with `files`: their tests are called by their paths"))
        }
        (Some(files), command, None) => of_files(&files, command.as_ref()),
        (None, Some(command), Some(name)) => of_command(&command, &name),
        (None, Some(command), None) => {
            Err(command.mistake("there is no `name` for its test, and no `files` that it runs"))
        }
        (None, None, _) => return None,
    })
}

fn of_files(files: &Setting<'_>, command: Option<&Setting<'_>>) -> Result<ScriptTests, Mistake> {
    let globs = files.words()?;
    let line = command.map(Setting::text).transpose()?;
    match globs.iter().any(String::is_empty) || globs.is_empty() {
        true => Err(files.mistake("must name files, such as `tests.d/*`")),
        false => Ok(ScriptTests::Files { globs, line }),
    }
}

fn of_command(command: &Setting<'_>, name: &Setting<'_>) -> Result<ScriptTests, Mistake> {
    let (name_of_test, line) = (name.text()?, command.text()?);
    match name_of_test.is_empty() || name_of_test.contains(['\n', '\r']) {
        true => Err(name.mistake("must be one line that is not empty")),
        false => Ok(ScriptTests::Command { name: name_of_test, line }),
    }
}

/// Scripts have nothing else beside them that runs tests.
pub(super) fn alone(suite: &Suite, script: &ScriptSettings) -> Result<(), Mistake> {
    let other = match &suite.runner {
        _ if !suite.test_command.is_empty() => "test_command",
        Some(runner) if runner != RUNNER => "another runner",
        _ => return Ok(()),
    };
    Err(script.mistake(format!("does not go with {other}: put them into folders of their own")))
}
