//! Instances: where commands run. They are provided when they are needed, used again, and ended once.

use subunit_mux::process::Signals;

use super::shell::{self, ShellError};
use crate::config::{Suite, command};

/// What went wrong with instances, in the words of testr.
#[derive(Debug, thiserror::Error)]
pub(in crate::traditional) enum PoolError {
    /// `instance_provision` failed.
    #[error("Provisioning instances failed, return {0}")]
    Provision(i32),
    /// `instance_provision` printed no name.
    #[error("instance_provision printed no instance")]
    NoInstance,
    /// `instance_dispose` failed.
    #[error("Disposing of instances failed, return {0}")]
    Dispose(i32),
    /// The command cannot be run.
    #[error(transparent)]
    Shell(#[from] ShellError),
}

/// The instances of a run.
#[derive(Debug, Default)]
pub(in crate::traditional) struct Pool {
    all: Vec<String>,
    busy: Vec<String>,
}

impl Pool {
    /// Takes an instance for a command, if the suite has instances. `wanted` is how many will be needed, so
    /// that they are provided at once. `told` learns which command is started for that.
    ///
    /// # Errors
    ///
    /// If there is none, and none can be provided.
    pub(in crate::traditional) fn take(
        &mut self,
        suite: &Suite,
        wanted: usize,
        signals: &mut Signals,
        told: &mut dyn FnMut(&str),
    ) -> Result<Option<String>, PoolError> {
        let wanted = wanted.max(self.busy.len() + 1);
        while self.all.len() < wanted {
            let Some(line) = command::provision(suite, wanted - self.all.len()) else {
                return Ok(None);
            };
            told(&line);
            let (status, printed) = shell::capture(&line, signals)?;
            if !status.success() {
                return Err(PoolError::Provision(shell::code_of(status)));
            }
            let printed = String::from_utf8_lossy(&printed);
            let known = self.all.len();
            for name in command::instances(&printed) {
                if !self.all.iter().any(|old| old == name) {
                    self.all.push(name.to_owned());
                }
            }
            if self.all.len() == known {
                return Err(PoolError::NoInstance);
            }
        }
        let free = self.all.iter().find(|name| !self.busy.contains(name)).cloned();
        self.busy.extend(free.clone());
        Ok(free)
    }

    /// Nothing runs on them any more.
    pub(in crate::traditional) fn release_all(&mut self) {
        self.busy.clear();
    }

    /// Ends all instances, if the suite has a command for that.
    ///
    /// # Errors
    ///
    /// If the command fails.
    pub(in crate::traditional) fn dispose(
        &mut self,
        suite: &Suite,
        told: &mut dyn FnMut(&str),
    ) -> Result<(), PoolError> {
        let all = std::mem::take(&mut self.all);
        let Some(line) = command::dispose(suite, &all) else { return Ok(()) };
        told(&line);
        let status = shell::run(&line).map_err(ShellError::from)?;
        if status.success() { Ok(()) } else { Err(PoolError::Dispose(shell::code_of(status))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(provision: &str) -> Suite {
        Suite {
            instance_provision: Some(provision.to_owned()),
            instance_dispose: Some("exit $(( $(echo $INSTANCE_IDS | wc -w) ))".to_owned()),
            ..Suite::default()
        }
    }

    #[test]
    fn as_many_as_are_wanted_are_provided_at_once_and_used_again() {
        let (suite, mut instances) = (suite("seq $INSTANCE_COUNT"), Pool::default());
        let (mut lines, mut signals) = (Vec::new(), Signals::catch().unwrap());
        let mut take = |instances: &mut Pool, wanted| {
            let told = &mut |line: &str| lines.push(line.to_owned());
            instances.take(&suite, wanted, &mut signals, told).unwrap()
        };
        assert_eq!(take(&mut instances, 2).as_deref(), Some("1"));
        assert_eq!(take(&mut instances, 1).as_deref(), Some("2"));
        instances.release_all();
        assert_eq!(take(&mut instances, 1).as_deref(), Some("1"));
        assert_eq!(lines, ["seq 2"]);
        let disposed = instances.dispose(&suite, &mut |_| {});
        assert!(matches!(disposed, Err(PoolError::Dispose(2))), "{disposed:?}");
    }

    #[test]
    fn a_failure_or_an_answer_without_names_ends_it() {
        let mut signals = Signals::catch().unwrap();
        for (line, expected) in [
            ("exit 7", "Provisioning instances failed, return 7"),
            ("kill $$", "Provisioning instances failed, return -15"),
            ("true", "instance_provision printed no instance"),
        ] {
            let error =
                Pool::default().take(&suite(line), 1, &mut signals, &mut |_| {}).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        let none = Pool::default().take(&Suite::default(), 1, &mut signals, &mut |_| {});
        assert!(matches!(none, Ok(None)));
    }
}
