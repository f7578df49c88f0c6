//! Where workers run: this machine, or instances that commands of the configuration provide, check and end.

use std::{collections::BTreeSet, path::Path};

use subunit_mux::process::Signals;

use crate::{
    callout::{self, CalloutError},
    config::{Suite, command},
    schedule::Worker,
};

/// The instances of a run. They are ended once, at the end of the run or of the program.
#[derive(Debug, Default)]
pub struct Instances {
    names: Vec<String>,
    dispose: Option<String>,
}

/// Why there are no instances.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// The command that provides them is of no use.
    #[error("instance_provision: {0}")]
    Provision(CalloutError),
    /// It named none.
    #[error("instance_provision: `{0}` names too few instances: {1} of {2}")]
    TooFew(String, usize, usize),
    /// All of them were left out.
    #[error("instance_check: no instance can be used: {0}")]
    NoneLeft(String),
}

impl Instances {
    /// Provides instances for this many workers, and checks them. `say` gets a line for each that is left out.
    ///
    /// # Errors
    ///
    /// If there are none. Those that were provided are ended when the value is dropped.
    pub fn provide(
        suite: &Suite,
        workers: usize,
        folder: &Path,
        signals: &mut Signals,
        say: &mut dyn FnMut(&str),
    ) -> Result<Self, InstanceError> {
        let mut instances = Self::default();
        let Some(line) = command::provision(suite, workers) else { return Ok(instances) };
        while instances.names.len() < workers {
            let printed = callout::run(&line, folder, callout::LIMIT, signals)
                .map_err(InstanceError::Provision)?;
            let printed = String::from_utf8_lossy(&printed).into_owned();
            let before = instances.names.len();
            instances.names.extend(command::instances(&printed).map(str::to_owned));
            instances.dispose = command::dispose(suite, &instances.names);
            if instances.names.len() == before {
                return Err(InstanceError::TooFew(line, before, workers));
            }
        }
        instances.check(suite, folder, signals, say)?;
        Ok(instances)
    }

    fn check(
        &mut self,
        suite: &Suite,
        folder: &Path,
        signals: &mut Signals,
        say: &mut dyn FnMut(&str),
    ) -> Result<(), InstanceError> {
        let mut last = String::new();
        let mut left_out = BTreeSet::new();
        for name in &self.names {
            let Some(line) = command::check(suite, name) else { return Ok(()) };
            if let Err(error) = callout::run(&line, folder, callout::LIMIT, signals) {
                say(&format!("instance {name} is left out: {error}"));
                last = error.to_string();
                left_out.insert(name.clone());
            }
        }
        self.names.retain(|name| !left_out.contains(name));
        if self.names.is_empty() { Err(InstanceError::NoneLeft(last)) } else { Ok(()) }
    }

    /// The workers of a run: one in each instance, or `local` on this machine.
    pub fn workers(&self, local: usize) -> Vec<Worker> {
        let worker = |(nth, instance): (usize, String)| Worker { name: nth.to_string(), instance };
        if self.names.is_empty() {
            return (0..local).map(|nth| worker((nth, String::new()))).collect();
        }
        self.names.iter().take(local).cloned().enumerate().map(worker).collect()
    }

    /// The command line of a listing, on an instance if there are any.
    pub fn listing_line(&self, suite: &Suite, line: &str) -> String {
        match (self.names.first(), &suite.instance_execute) {
            (Some(name), Some(_)) => command::on_instance(suite, name, "", line),
            _ => line.to_owned(),
        }
    }

    /// Ends them, if that was not done.
    ///
    /// # Errors
    ///
    /// In a line, if the command fails. It is not tried again.
    pub fn dispose(&mut self, folder: &Path, signals: &mut Signals) -> Result<(), String> {
        let Some(line) = self.dispose.take() else { return Ok(()) };
        // A signal that came before is no reason to leave them behind.
        signals.take();
        callout::run(&line, folder, callout::LIMIT, signals)
            .map(drop)
            .map_err(|error| format!("instance_dispose: {error}\n"))
    }
}

impl Drop for Instances {
    /// Errors on the way leave no instance behind.
    fn drop(&mut self) {
        if let Some(line) = self.dispose.take() {
            let _ = std::process::Command::new("sh").args(["-c", &line]).status();
        }
    }
}
