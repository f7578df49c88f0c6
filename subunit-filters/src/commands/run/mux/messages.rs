//! What a person should know of inputs, on standard error; not more often than they would read.

use std::{collections::HashMap, fmt::Display};

use subunit_mux::{
    Report, RunningTest,
    process::{HELD_OPEN, Notice},
};

use crate::{console::Console, exit::Error};

/// How many reports of one route are shown.
const TOLD: u64 = 10;

/// How many running tests are shown of an input that takes too long.
const RUNNING: usize = 10;

pub(super) struct Messages<'c, 'd> {
    console: &'d mut Console<'c>,
    /// How many reports of each route there were.
    reports: HashMap<Option<String>, u64>,
}

impl<'c, 'd> Messages<'c, 'd> {
    pub(super) fn new(console: &'d mut Console<'c>) -> Self {
        Self { console, reports: HashMap::new() }
    }

    pub(super) fn say(&mut self, message: impl Display) -> Result<(), Error> {
        Ok(self.console.say(message)?)
    }

    pub(super) fn notice(&mut self, notice: &Notice) -> Result<(), Error> {
        match notice {
            Notice::TimedOut { name, overrun, running, .. } => {
                self.say(format_args!("{name}: {overrun}: stopping it"))?;
                for test in running.iter().take(RUNNING) {
                    self.running(name, test)?;
                }
            }
            Notice::HeldOpen { name } => self.say(format_args!("{name}: {HELD_OPEN}"))?,
            Notice::Report(report) => self.report(report)?,
            _ => return Ok(()),
        }
        Ok(self.console.stderr.flush()?)
    }

    fn running(&mut self, name: &str, test: &RunningTest) -> Result<(), Error> {
        let RunningTest { test_id, running_for, .. } = test;
        let below = test.route_code.as_ref().map(|route| format!("/{route}")).unwrap_or_default();
        let seconds = running_for.as_secs_f64();
        self.say(format_args!("{name}{below}: running: {test_id} ({seconds:.1} s)"))
    }

    fn report(&mut self, report: &Report) -> Result<(), Error> {
        let count = self.reports.entry(report.route_code.clone()).or_default();
        *count += 1;
        if *count > TOLD {
            return Ok(());
        }
        let route = report.route_code.as_deref().unwrap_or("input");
        self.say(format_args!("{route}: {}", report.kind))
    }

    /// Says how many were not shown.
    pub(super) fn finish(self) -> Result<(), Error> {
        for (route, count) in self.reports.iter().filter(|(_, count)| **count > TOLD) {
            let route = route.as_deref().unwrap_or("input");
            self.console.say(format_args!("{route}: and {} more like these", count - TOLD))?;
        }
        Ok(self.console.stderr.flush()?)
    }
}
