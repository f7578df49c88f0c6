//! `--shard`: which part of the tests, as the user or the variables of a CI service say.

use std::str::FromStr;

use crate::schedule::Shard;

/// A part of the tests, and who says so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::commands::run) struct ShardArg {
    pub(in crate::commands::run) shard: Shard,
    /// The variables that say it, unless the user does.
    pub(in crate::commands::run) said_by: Option<String>,
}

/// How a service tells its jobs apart: whose variables, the number of a job, the number that the first one has, how many
/// there are.
struct Service {
    /// A variable that only this service sets, where others set the same numbers with another meaning.
    sign: Option<&'static str>,
    number: &'static str,
    first: usize,
    count: &'static str,
}

const fn service(number: &'static str, first: usize, count: &'static str) -> Service {
    Service { sign: None, number, first, count }
}

const SERVICES: &[Service] = &[
    Service { sign: Some("GITLAB_CI"), ..service("CI_NODE_INDEX", 1, "CI_NODE_TOTAL") },
    service("CIRCLE_NODE_INDEX", 0, "CIRCLE_NODE_TOTAL"),
    service("BUILDKITE_PARALLEL_JOB", 0, "BUILDKITE_PARALLEL_JOB_COUNT"),
    service("SYSTEM_JOBPOSITIONINPHASE", 1, "SYSTEM_TOTALJOBSINPHASE"),
    service("SEMAPHORE_JOB_INDEX", 1, "SEMAPHORE_JOB_COUNT"),
    service("BITBUCKET_PARALLEL_STEP", 0, "BITBUCKET_PARALLEL_STEP_COUNT"),
    service("TEST_SHARD_INDEX", 0, "TEST_TOTAL_SHARDS"),
];

impl FromStr for ShardArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return of_service(|name| std::env::var(name).ok());
        }
        let shard = text.parse().map_err(|error| format!("{error}, or auto"))?;
        Ok(Self { shard, said_by: None })
    }
}

fn of_service(variable: impl Fn(&str) -> Option<String>) -> Result<ShardArg, String> {
    for service in SERVICES {
        if service.sign.is_some_and(|sign| variable(sign).is_none()) {
            continue;
        }
        let (Some(number), Some(count)) = (variable(service.number), variable(service.count))
        else {
            continue;
        };
        let names = format!("{} and {}", service.number, service.count);
        let given = number.parse::<usize>().ok().and_then(|number| {
            let number = (number + 1).checked_sub(service.first)?;
            format!("{number}/{count}").parse().ok()
        });
        let shard = given
            .ok_or_else(|| format!("{names} are `{number}` and `{count}`, no job of several"))?;
        return Ok(ShardArg { shard, said_by: Some(names) });
    }
    let names: Vec<&str> = SERVICES.iter().map(|service| service.number).collect();
    Err(format!("no CI service says which job this is ({}): write N/M", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn said(variables: &[(&str, &str)]) -> Result<String, String> {
        let variables: HashMap<&str, &str> = variables.iter().copied().collect();
        let found = of_service(|name| variables.get(name).map(|value| (*value).to_owned()))?;
        Ok(format!("{} by {}", found.shard, found.said_by.unwrap()))
    }

    #[test]
    fn a_service_says_which_job_this_is() {
        for (variables, expected) in [
            (
                &[("GITLAB_CI", "true"), ("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")][..],
                "2/5 by CI_NODE_INDEX",
            ),
            (&[("CIRCLE_NODE_INDEX", "0"), ("CIRCLE_NODE_TOTAL", "3")], "1/3 by CIRCLE"),
            (
                &[("BUILDKITE_PARALLEL_JOB", "2"), ("BUILDKITE_PARALLEL_JOB_COUNT", "3")],
                "3/3 by BUILDKITE",
            ),
        ] {
            assert!(said(variables).unwrap().starts_with(expected), "{variables:?}");
        }
    }

    #[test]
    fn what_no_service_says_is_an_error_with_the_way_out() {
        // Others count from 0 in the same variables.
        let unsigned = said(&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "2")]).unwrap_err();
        assert!(unsigned.ends_with("write N/M"), "{unsigned}");
        let wrong = said(&[("CIRCLE_NODE_INDEX", "3"), ("CIRCLE_NODE_TOTAL", "3")]).unwrap_err();
        assert!(wrong.contains("`3` and `3`"), "{wrong}");
        assert!("x".parse::<ShardArg>().unwrap_err().ends_with("or auto"));
    }
}
