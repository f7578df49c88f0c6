//! What a suite is, and where each of its values is from: `run --show-config`.

use std::{collections::BTreeMap, fmt::Display};

use ::toml::Value;

use crate::config::{
    Batch, Concurrency, CoverageSettings, HistorySettings, InstanceSettings, Origin, Override,
    ScriptSettings, ScriptTests, Suite,
    keys::{KEYS, Place},
    overrides::{Overrides, Share},
    regex::{BadRegex, GroupKey},
};

/// What is said of a value that nobody set.
const USUAL: &str = "default";

/// All values of a suite as TOML, each with a comment that says where it is from.
#[must_use]
pub fn suite(suite: &Suite) -> String {
    let mut lines = Vec::new();
    for key in KEYS.iter().filter(|key| key.place == Place::Suite) {
        let Some(value) = value(suite, key.name) else { continue };
        lines.push((format!("{} = {value}", key.name), origin(&suite.origins, key.name)));
    }
    let mut text = aligned(&lines);
    if !suite.environment.is_empty() {
        text.push_str("\n[environment]\n");
        text.push_str(&environment(&suite.environment, &suite.origins));
    }
    let coverage = coverage(&suite.coverage);
    if !coverage.is_empty() {
        text.push_str(&format!("\n[coverage]\n{coverage}"));
    }
    let history = history(&suite.history, &suite.origins);
    if !history.is_empty() {
        text.push_str(&format!("\n[history]\n{history}"));
    }
    for one in &suite.policies {
        let values = [
            one.tests.as_ref().map(|tests| format!("tests = {}", quoted(tests))),
            Some(format!("fail = \"{} of {}\"", one.bad, one.of)),
            one.clear.map(|clear| format!("clear = {clear}")),
        ];
        let values: String = values.into_iter().flatten().map(|line| line + "\n").collect();
        text.push_str(&format!("\n[[policy]]  # {}\n{values}", one.origin));
    }
    for one in &suite.inputs {
        let values = [
            Some(format!("match = {}", quoted(&one.tests))),
            words(&one.files).map(|files| format!("inputs = {files}")),
            words(&one.needs).map(|needs| format!("needs = {needs}")),
        ];
        let values: String = values.into_iter().flatten().map(|line| line + "\n").collect();
        text.push_str(&format!("\n[[test]]  # {}\n{values}", one.origin));
    }
    for one in &suite.scripts {
        text.push_str(&format!("\n[[script]]  # {}\n{}", one.origin, script(one)));
    }
    for one in &suite.instances {
        text.push_str(&format!("\n[[instance]]  # {}\n", one.origin));
        text.push_str(&instance(one));
    }
    for group in &suite.groups {
        let values = [
            Some(format!("match = {}", quoted(&group.tests))),
            group.max.map(|max| format!("max = {max}")),
            group.weight.map(|weight| format!("weight = {weight}")),
            group.exclusive.then(|| "exclusive = true".to_owned()),
        ];
        let values: String = values.into_iter().flatten().map(|line| line + "\n").collect();
        text.push_str(&format!("\n[[group]]  # {}\n{values}", group.origin));
    }
    for one in &suite.overrides {
        text.push_str(&format!("\n[[override]]  # {}\n", one.origin));
        text.push_str(&one_override(one));
    }
    text
}

/// What counts for one test, as TOML with comments that say where it is from.
///
/// # Errors
///
/// If the regex of the groups is none.
pub fn test(
    overrides: &Overrides,
    test_id: &str,
    tags: &[impl AsRef<str>],
) -> Result<String, BadRegex> {
    let settings = overrides.test(test_id, tags);
    let suite = overrides.suite();
    let origins = &settings.origins;
    let mut lines = Vec::new();
    let mut add = |key: &str, value: String| {
        lines.push((format!("{key} = {value}"), origin(origins, key)));
    };
    add("test_timeout", quoted(settings.test_timeout));
    add("no_output_timeout", quoted(settings.no_output_timeout));
    add("retries", settings.retries.to_string());
    add("weight", settings.weight.to_string());
    add("exclusive", settings.exclusive.to_string());
    add("priority", settings.priority.to_string());
    for (share, max) in &settings.shares {
        let origin = match share {
            Share::Group(place) => &suite.groups[*place].origin,
            Share::Override(place) => &suite.overrides[*place].origin,
        };
        lines.push((format!("max = {max}"), origin.to_string()));
    }
    if let Some(regex) = &suite.group_regex {
        let key = GroupKey::new(regex)?;
        let line = format!("group = {}", quoted(key.of(test_id)));
        lines.push((line, origin(&suite.origins, "group_regex")));
    }
    let mut text = format!("# {}\n{}", test_id.escape_debug(), aligned(&lines));
    if !settings.environment.is_empty() {
        text.push_str("\n[environment]\n");
        text.push_str(&environment(&settings.environment, origins));
    }
    Ok(text)
}

fn value(suite: &Suite, key: &str) -> Option<String> {
    let text = |value: &Option<String>| value.as_ref().map(quoted);
    match key {
        "runner" => text(&suite.runner),
        "test_command" => Some(quoted(&suite.test_command)),
        "test_id_option" => text(&suite.test_id_option),
        "test_list_option" => text(&suite.test_list_option),
        "test_id_list_default" => text(&suite.test_id_list_default),
        "concurrency" => suite.concurrency.as_ref().map(|concurrency| match concurrency {
            Concurrency::Workers(number) => number.to_string(),
            Concurrency::Command(command) => format!("{{ command = {} }}", quoted(command)),
        }),
        "batch" => Some(match suite.batch {
            Batch::Tests(number) => number.to_string(),
            batch => quoted(batch),
        }),
        "group_regex" => text(&suite.group_regex),
        "filter_tags" => words(&suite.filter_tags),
        "record_environment" => words(&suite.record_environment),
        "instance_provision" => text(&suite.instance_provision),
        "instance_execute" => text(&suite.instance_execute),
        "instance_dispose" => text(&suite.instance_dispose),
        "instance_check" => text(&suite.instance_check),
        "instance_identity" => text(&suite.instance_identity),
        "incremental" => Some(suite.incremental.to_string()),
        "console" => Some(suite.console.to_string()),
        "debug_prompt_regex" => text(&suite.debug_prompt),
        "test_timeout" => Some(quoted(suite.test_timeout)),
        "max_duration" => Some(quoted(suite.max_duration)),
        "no_output_timeout" => Some(quoted(suite.no_output_timeout)),
        "test_order" => Some(quoted(suite.order)),
        "retries" => Some(suite.retries.to_string()),
        "setup" => text(&suite.setup),
        "teardown" => text(&suite.teardown),
        "changed_tests" => text(&suite.changed_tests),
        "quarantine" => text(&suite.quarantine),
        _ => None,
    }
}

fn words(words: &[String]) -> Option<String> {
    let words: Vec<String> = words.iter().map(quoted).collect();
    (!words.is_empty()).then(|| format!("[{}]", words.join(", ")))
}

fn coverage(settings: &CoverageSettings) -> String {
    let CoverageSettings { environment, merge, origins } = settings;
    let merge =
        merge.as_ref().map(|line| (format!("merge = {}", quoted(line)), "merge".to_owned()));
    let variables = environment.iter().map(|(name, value)| {
        let key = format!("environment.{name}");
        (format!("environment.{} = {}", name_of(name), quoted(value)), key)
    });
    let lines = merge.into_iter().chain(variables);
    let lines: Vec<_> = lines.map(|(line, key)| (line, origin(origins, &key))).collect();
    aligned(&lines)
}

fn history(settings: &HistorySettings, origins: &BTreeMap<String, Origin>) -> String {
    let HistorySettings { keep, older_than, max_size, move_to, on_change } = settings;
    let values = [
        ("keep", keep.map(|keep| keep.to_string())),
        ("older_than", older_than.as_ref().map(|(text, _)| quoted(text))),
        ("max_size", max_size.as_ref().map(|(text, _)| quoted(text))),
        ("move_to", move_to.as_ref().map(quoted)),
        ("on_change", on_change.as_ref().map(quoted)),
    ];
    let line = |(key, value): (&str, Option<String>)| {
        Some((format!("{key} = {}", value?), origin(origins, &format!("history.{key}"))))
    };
    aligned(&values.into_iter().filter_map(line).collect::<Vec<_>>())
}

fn script(one: &ScriptSettings) -> String {
    let (files, name, line) = match &one.tests {
        ScriptTests::Files { globs, line } => (words(globs), None, line.as_ref()),
        ScriptTests::Command { name, line } => (None, Some(quoted(name)), Some(line)),
    };
    let values = [
        ("files", files),
        ("name", name),
        ("command", line.map(quoted)),
        ("test_timeout", one.test_timeout.map(quoted)),
        ("retries", one.retries.map(|retries| retries.to_string())),
    ];
    lines(values, &one.environment)
}

/// Values that are given, and variables, without where they are from.
fn lines<const N: usize>(
    values: [(&str, Option<String>); N],
    environment: &BTreeMap<String, String>,
) -> String {
    let line = |(key, value): (&str, Option<String>)| Some(format!("{key} = {}\n", value?));
    let mut lines: String = values.into_iter().filter_map(line).collect();
    for (name, value) in environment {
        lines.push_str(&format!("environment.{} = {}\n", name_of(name), quoted(value)));
    }
    lines
}

fn instance(one: &InstanceSettings) -> String {
    let text = |value: &Option<String>| value.as_ref().map(quoted);
    let values = [
        ("name", Some(quoted(&one.name))),
        ("host", text(&one.host)),
        ("slots", one.slots.map(|slots| slots.to_string())),
        ("sync", text(&one.sync)),
        ("directory", text(&one.directory)),
        ("activate", text(&one.activate)),
    ];
    let line = |(key, value): (&str, Option<String>)| {
        let origin = one.origins.get(key).unwrap_or(&one.origin);
        Some((format!("{key} = {}", value?), origin.to_string()))
    };
    aligned(&values.into_iter().filter_map(line).collect::<Vec<_>>())
}

fn one_override(one: &Override) -> String {
    let text = |value: &Option<String>| value.as_ref().map(quoted);
    let values = [
        ("tests", text(&one.tests)),
        ("tag", text(&one.tag)),
        ("series", text(&one.series)),
        ("variant", text(&one.variant)),
        ("test_timeout", one.test_timeout.map(quoted)),
        ("no_output_timeout", one.no_output_timeout.map(quoted)),
        ("max_duration", one.max_duration.map(quoted)),
        ("test_order", one.test_order.map(quoted)),
        ("retries", one.retries.map(|retries| retries.to_string())),
        ("max", one.max.map(|max| max.to_string())),
        ("weight", one.weight.map(|weight| weight.to_string())),
        ("exclusive", one.exclusive.map(|exclusive| exclusive.to_string())),
        ("priority", one.priority.map(|priority| priority.to_string())),
    ];
    lines(values, &one.environment)
}

fn environment(variables: &BTreeMap<String, String>, origins: &BTreeMap<String, Origin>) -> String {
    let line = |(name, value): (&String, &String)| {
        let line = format!("{} = {}", name_of(name), quoted(value));
        (line, origin(origins, &format!("environment.{name}")))
    };
    aligned(&variables.iter().map(line).collect::<Vec<_>>())
}

fn origin(origins: &BTreeMap<String, Origin>, key: &str) -> String {
    origins.get(key).map_or_else(|| USUAL.to_owned(), Origin::to_string)
}

/// Lines with their comments below each other; a long line does not push away those of the others.
fn aligned(lines: &[(String, String)]) -> String {
    const WIDEST: usize = 40;
    let width = |line: &str| line.chars().count();
    let widths = lines.iter().map(|(line, _)| width(line)).filter(|width| *width <= WIDEST);
    let column = widths.max().unwrap_or(0);
    let line = |(line, comment): &(String, String)| format!("{line:column$}  # {comment}\n");
    lines.iter().map(line).collect()
}

fn quoted(value: impl Display) -> String {
    Value::String(value.to_string()).to_string()
}

/// A name of a variable, quoted if it must be.
fn name_of(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match name.chars().all(bare) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::toml::tests::read;

    const TEXT: &str = "test_command = 'run \"it\"'\nconcurrency = 2\ngroup_regex = '\\w+\\.'\n\
        filter_tags = 'a b'\ntest_timeout = '1m'\n[environment]\nA = 'x'\n'b c' = 'y'\n\
        [[group]]\nmatch = 'db'\nmax = 1\n\
        [[override]]\ntests = 'slow'\nretries = 2\nmax = 3\n[override.environment]\nA = 'z'\n";

    #[test]
    fn every_value_is_shown_with_where_it_is_from() {
        let expected = r#"test_command = 'run "it"'       # x.toml:1
concurrency = 2                # x.toml:2
batch = "list"                 # default
group_regex = '\w+\.'          # x.toml:3
filter_tags = ["a", "b"]       # x.toml:4
incremental = false            # default
console = false                # default
test_timeout = "60s"           # x.toml:5
max_duration = "disabled"      # default
no_output_timeout = "disabled"  # default
test_order = "discovery"       # default
retries = 0                    # default

[environment]
A = "x"      # x.toml:7
"b c" = "y"  # x.toml:8

[[group]]  # x.toml:9
match = "db"
max = 1

[[override]]  # x.toml:12
tests = "slow"
retries = 2
max = 3
environment.A = "z"
"#;
        let shown = suite(&read(TEXT).unwrap());
        assert_eq!(squeezed(&shown), squeezed(expected), "{shown}");
    }

    #[test]
    fn what_is_shown_means_the_same_suite() {
        let all = crate::config::toml::tests::ALL;
        for text in [TEXT, all] {
            let plain = |suite: Suite| Suite { origins: BTreeMap::new(), ..suite };
            let mut one = plain(read(text).unwrap());
            let mut other = plain(read(&suite(&one)).unwrap());
            for suite in [&mut one, &mut other] {
                suite.groups.iter_mut().for_each(|group| group.origin = Origin::default());
                suite.coverage.origins.clear();
                for one in &mut suite.scripts {
                    one.origin = Origin::default();
                    one.origins.clear();
                }
                suite.inputs.iter_mut().for_each(|inputs| inputs.origin = Origin::default());
                suite.policies.iter_mut().for_each(|policy| policy.origin = Origin::default());
                for one in &mut suite.instances {
                    one.origin = Origin::default();
                    one.origins.clear();
                }
                for one in &mut suite.overrides {
                    one.origin = Origin::default();
                    one.origins.clear();
                }
            }
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
    }

    #[test]
    fn a_test_is_shown_with_what_counts_for_it() {
        let overrides = Overrides::new(&read(TEXT).unwrap(), None, None).unwrap();
        let none: [&str; 0] = [];
        let expected = r#"# db.slow
test_timeout = "60s" # x.toml:5
no_output_timeout = "disabled" # default
retries = 2 # x.toml:14
weight = 1 # default
exclusive = false # default
priority = 0 # default
max = 1 # x.toml:9
max = 3 # x.toml:12
group = "db." # x.toml:3

[environment]
A = "z" # x.toml:17
"b c" = "y" # x.toml:8
"#;
        assert_eq!(squeezed(&test(&overrides, "db.slow", &none).unwrap()), expected);
    }

    /// Without what lines the comments up.
    fn squeezed(text: &str) -> String {
        let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
        text.lines().map(line).collect()
    }
}
