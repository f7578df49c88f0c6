//! Command lines of a run, and the environment that they find.

use std::process::Command;

use crate::{
    adapters::LIMITS,
    processes::{ROUTE, RUNS, runs_with},
    supervise::supervisor::Supervisor,
};

impl Supervisor {
    /// A line for a worker of this machine. Only the command itself can make a terminal its own, so it is
    /// then started through this program.
    pub(in crate::supervise) fn command(&self, line: &str, nth: usize) -> Command {
        let ours = std::env::current_exe().ok().filter(|_| self.plan.pty);
        let Some(ours) = ours else { return self.shell(line, Some(nth)) };
        let mut command = Command::new(ours);
        command.args([ON_TERMINAL, line]);
        self.with_environment(command, Some(nth))
    }

    /// A line for `sh -c`, for the worker of a slot or for the listing.
    pub(in crate::supervise) fn shell(&self, line: &str, nth: Option<usize>) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        self.with_environment(command, nth)
    }

    pub(super) fn with_environment(&self, mut command: Command, nth: Option<usize>) -> Command {
        let plan = &self.plan;
        let environment = nth.map_or(0, |nth| self.slots[nth].environment);
        let environment = self.settings.environment(environment);
        command.current_dir(&plan.folder).envs(environment);
        command.env("SUBUNIT_RUN_ID", plan.run.uuid());
        command.env(RUNS, runs_with(plan.run.uuid()));
        command.env("SUBUNIT_WORKERS", self.slots.len().to_string());
        // Python would keep what it prints until a block of a pipe is full.
        for (name, value) in [("PYTHONUNBUFFERED", "1"), ("PYTHONFAULTHANDLER", "1")] {
            if std::env::var_os(name).is_none() && !environment.contains_key(name) {
                command.env(name, value);
            }
        }
        if let Some(nth) = nth {
            self.coverage.measure(&plan.suite.coverage, &mut command);
            if self.settings.has_limits() {
                command.env(LIMITS, "1");
            }
            let name = &self.slots[nth].worker.name;
            command.env("SUBUNIT_WORKER", nth.to_string()).env(ROUTE, route_of(name));
            command.env("SUBUNIT_ATTEMPT", self.slots[nth].attempt.to_string());
        }
        command
    }
}

/// The first argument of this program as it starts a worker on a terminal; the second is the line.
pub const ON_TERMINAL: &str = "--on-terminal";

/// The route of a worker in the outermost run.
fn route_of(worker: &str) -> String {
    match outer_route() {
        Some(outer) => format!("{outer}/{worker}"),
        None => worker.to_owned(),
    }
}

/// The route of this run, if it is part of another one.
pub(super) fn outer_route() -> Option<String> {
    std::env::var(ROUTE).ok().filter(|route| !route.is_empty())
}

/// The part of a route that is within this run.
pub(super) fn within<'r>(outer: Option<&str>, route: &'r str) -> &'r str {
    let Some(outer) = outer else { return route };
    route.strip_prefix(outer).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_told_apart_by_the_run_that_they_are_within() {
        assert_eq!(within(None, "0"), "0");
        assert_eq!(within(None, "1/0"), "1/0");
        assert_eq!(within(Some("1"), "1/0"), "0");
        assert_eq!(within(Some("1"), "1/0/2"), "0/2");
        assert_eq!(within(Some("1"), "1"), "");
        assert_eq!(within(Some("1"), "10/0"), "");
    }
}
