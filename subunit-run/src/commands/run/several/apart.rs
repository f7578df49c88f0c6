//! Tests in quarantine after the others: two runs, of which the first one counts.

use subunit_filters::{
    commands::view::OutputArgs,
    console::Console,
    exit::{Error, Exit},
};

use crate::commands::run::{args::Run, quarantine::Quarantined};

impl Run {
    /// Runs the tests that are not in quarantine, and then the others, as a run of their own. The verdict is that of the
    /// first run, as are the reports.
    pub(in crate::commands::run) fn run_apart(
        &mut self,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        if self.subunit {
            let message = "--quarantined=apart makes two runs, and --subunit writes one: use skip, and then only";
            return Err(Error::Usage(message.into()));
        }
        let mut others = Self { quarantined: Some(Quarantined::Skip), ..self.clone() };
        let exit = others.run_pass(console)?;
        self.tests = std::mem::take(&mut others.tests);
        let has_changed = self.changes.as_ref().is_some_and(|changes| changes.have_come());
        if console.interrupts.heard().is_some() || has_changed || exit == Exit::Broken {
            return Ok(exit);
        }
        console.say("tests in quarantine, which change neither the verdict nor the reports:")?;
        console.flush()?;
        let mut quarantined = Self {
            quarantined: Some(Quarantined::Second),
            outputs: OutputArgs::default(),
            ..self.clone()
        };
        let word = match quarantined.run_pass(console)? {
            Exit::Passed => "passed",
            Exit::NoTests => "there were none",
            Exit::Failed | Exit::Command(_) => "failed",
            Exit::Broken => "could not be run",
        };
        console.say(format_args!("tests in quarantine: {word}"))?;
        Ok(exit)
    }
}
