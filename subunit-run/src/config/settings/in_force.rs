//! What of a suite decides what a test comes to: what is run, and with which variables. How many run at once, in which
//! order, for how long, and what becomes of the results does not.

use std::collections::BTreeMap;

use crate::config::{InstanceSettings, Origin, Override, ScriptSettings, Suite, show};

/// The part of a suite that decides what a test comes to, as text. Values that a command printed are left out: they may be
/// secrets, or new each time.
#[must_use]
pub fn in_force(suite: &Suite) -> String {
    let mut environment = suite.environment.clone();
    environment.retain(|name, _| {
        let origin = suite.origins.get(&format!("environment.{name}"));
        origin.is_none_or(|origin| origin.command.is_none())
    });
    let mut part = Suite {
        runner: suite.runner.clone(),
        group_regex: suite.group_regex.clone(),
        environment,
        scripts: suite.scripts.iter().map(script).collect(),
        instances: suite.instances.iter().map(instance).collect(),
        overrides: suite.overrides.iter().filter_map(variables).collect(),
        instance_provision: suite.instance_provision.clone(),
        instance_execute: suite.instance_execute.clone(),
        setup: suite.setup.clone(),
        ..Suite::default()
    };
    match &suite.adapted {
        // Its command names files that are made for one run.
        Some(adapted) => part.test_command = adapted.command.clone(),
        None => {
            part.test_command = suite.test_command.clone();
            part.test_id_option = suite.test_id_option.clone();
            part.test_id_list_default = suite.test_id_list_default.clone();
            part.incremental = suite.incremental;
            part.console = suite.console;
        }
    }
    show::suite(&part)
}

fn script(one: &ScriptSettings) -> ScriptSettings {
    ScriptSettings {
        tests: one.tests.clone(),
        test_timeout: None,
        retries: None,
        environment: one.environment.clone(),
        origin: Origin::default(),
        origins: BTreeMap::new(),
    }
}

fn instance(one: &InstanceSettings) -> InstanceSettings {
    InstanceSettings {
        slots: None,
        origin: Origin::default(),
        origins: BTreeMap::new(),
        ..one.clone()
    }
}

/// An override as far as it sets variables.
fn variables(one: &Override) -> Option<Override> {
    let mut environment = one.environment.clone();
    environment.retain(|name, _| {
        let origin = one.origins.get(&format!("environment.{name}"));
        origin.is_none_or(|origin| origin.command.is_none())
    });
    let part = Override {
        tests: one.tests.clone(),
        tag: one.tag.clone(),
        series: one.series.clone(),
        variant: one.variant.clone(),
        environment,
        ..Override::default()
    };
    (!part.environment.is_empty()).then_some(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::toml::tests::read;

    #[test]
    fn only_what_decides_what_a_test_comes_to_counts() {
        let of = |text: &str| in_force(&read(&format!("test_command = 'c'\n{text}")).unwrap());
        let plain = of("");
        for other in [
            "concurrency = 3",
            "test_timeout = '5m'",
            "retries = 2",
            "test_order = 'spread'",
            "teardown = 'down'",
            "[history]\nkeep = 7",
            "[[test]]\nmatch = 'a'",
            "[[group]]\nmatch = 'a'\nmax = 1",
            "[[override]]\ntests = 'a'\nretries = 1",
        ] {
            assert_eq!(of(other), plain, "{other}");
        }
        for other in [
            "test_command = 'd'",
            "setup = 'up'",
            "test_id_option = '-i $IDFILE'",
            "[environment]\nA = 'x'",
            "[[override]]\ntests = 'a'\n[override.environment]\nA = 'x'",
            "[[instance]]\nname = 'i'\nhost = 'h'",
        ] {
            let text = if other.starts_with("test_command") {
                read(other)
            } else {
                read(&format!("test_command = 'c'\n{other}"))
            };
            assert_ne!(in_force(&text.unwrap()), plain, "{other}");
        }
        let mut printed = read("test_command = 'c'\n[environment]\nSECRET = 'x'").unwrap();
        let by_command = |origin: &mut Origin| origin.command = Some("date".to_owned());
        printed.origins.get_mut("environment.SECRET").map(by_command).unwrap();
        assert_eq!(in_force(&printed), plain);
        // A line more above it changes nothing.
        assert_eq!(of("# said\n[environment]\nA = 'x'"), of("[environment]\nA = 'x'"));
    }
}
