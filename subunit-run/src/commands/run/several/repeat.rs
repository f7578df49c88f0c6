//! The same tests again and again: each time is a run of its own.

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

use crate::commands::run::args::Run;

impl Run {
    /// Whether there may be more than one run.
    pub(in crate::commands::run) fn repeats(&self) -> bool {
        self.repeat.is_some() || self.until_failure
    }

    /// Runs until it was often enough, something fails, or a signal comes. The worst verdict counts.
    pub(in crate::commands::run) fn run_repeatedly(
        mut self,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let mut worst = Exit::NoTests;
        for nth in 1_u64.. {
            match self.repeat {
                Some(most) if nth > most.get() => break,
                Some(most) => console.say(format_args!("run {nth} of {most}"))?,
                None => console.say(format_args!("run {nth}"))?,
            }
            console.flush()?;
            let exit = self.run_once(console)?;
            if rank(exit) > rank(worst) {
                worst = exit;
            }
            let is_over = match exit {
                Exit::Passed => false,
                // It would be the same again.
                Exit::NoTests => true,
                Exit::Failed | Exit::Broken | Exit::Command(_) => self.until_failure,
            };
            if is_over || console.interrupts.heard().is_some() {
                break;
            }
        }
        Ok(worst)
    }
}

fn rank(exit: Exit) -> u8 {
    match exit {
        Exit::NoTests => 0,
        Exit::Passed => 1,
        Exit::Command(_) => 2,
        Exit::Failed => 3,
        Exit::Broken => 4,
    }
}
