//! `subunit run`: tests in parallel, and what a person looks at meanwhile.

mod args;
mod changed;
mod changes;
mod configured;
mod detach;
mod dirty;
mod files;
mod forward;
mod kept;
mod known;
mod over;
mod prepare;
mod quarantine;
mod record;
mod resume;
mod select;
mod series;
mod several;
mod unlisted;

use std::path::Path;

use subunit_filters::{
    cli::command::Command,
    commands::view::{Again, Answers, Shown},
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, Judged, Producer, ReportArgs},
};
use subunit_history::History;

pub(super) use self::{
    args::{ChosenTests, Run},
    configured::suite,
    known::{FailedBefore, no_test},
    select::SelectArgs,
};
use self::{
    changes::UntilChange,
    forward::ForwardStream,
    prepare::prepare,
    quarantine::{Followed, Quarantined},
    record::RunRecorder,
    resume::Resumed,
};
use crate::{
    commands::history::{tidy, tidy_by},
    memory::{Memory, Times},
    supervise::InTurn,
};

/// What is told of a run besides its stream.
#[derive(Default)]
struct Told<'a> {
    /// How long tests usually take.
    times: Times,
    /// How to run again what failed.
    again: Option<&'a Again<'a>>,
}

/// The listing of the suite of the current folder.
pub(super) fn listing(
    select: SelectArgs,
    profile: Option<String>,
    console: &mut Console<'_>,
) -> Result<InTurn, Error> {
    let mut run = Run { select, profile, ..Run::default() };
    let folder = Run::folder()?;
    run.take_folders(&folder);
    Ok(prepare(&run, true, console)?.run)
}

impl Command for Run {
    const NAME: &'static str = "run";
    const WRITES: Writes = Writes::Nothing;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit run -- cat run.subunit
  $ subunit run --junit run.xml -- cat run.subunit

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or a
command failed; 2 the tests could not be run; 4 there was no test at all.";

    fn run(mut self, console: &mut Console<'_>) -> Result<Exit, Error> {
        if self.init {
            return self.init(console);
        }
        if let Some(folder) = &self.python_worker {
            return write_python_worker(folder, console);
        }
        let folder = Self::folder()?;
        self.take_folders(&folder);
        if self.command.is_given() && self.runner_of_command(&folder).is_none() {
            return self.run_command(&folder, console);
        }
        if let Some(test_id) = &self.show_config {
            if let Some(option) = self.select.given() {
                let message = format!(
                    "{option} does not go with --show-config; for one test write --show-config=TEST"
                );
                return Err(Error::Usage(message));
            }
            return configured::show(&self, test_id.as_deref(), console);
        }
        if let Some(option) = self.select.given().filter(|_| self.resume) {
            let message = format!("{option} does not go with --resume, which runs what is left");
            return Err(Error::Usage(message));
        }
        if self.detach {
            return detach::start(console);
        }
        if self.detached.is_some() {
            detach::leave_terminal();
        }
        if self.analyze_isolation {
            return self.analyze_isolation(console);
        }
        if self.watch {
            return self.run_at_changes(console);
        }
        if self.repeats() { self.run_repeatedly(console) } else { self.run_once(console) }
    }
}

/// Writes the modules for workers in Python.
fn write_python_worker(folder: &Path, console: &mut Console<'_>) -> Result<Exit, Error> {
    let failed = |source| Error::File { name: folder.display().to_string(), source };
    let names = crate::adapters::write_python_worker(folder).map_err(failed)?;
    console.say(format_args!("written into {}: {}", folder.display(), names.join(", ")))?;
    Ok(Exit::Passed)
}

impl Run {
    /// One runner.
    fn run_command(self, folder: &Path, console: &mut Console<'_>) -> Result<Exit, Error> {
        if let Some(option) = self.given_of_suite() {
            let message = format!(
                "{option} does not go with a command after `--` that is run as it stands, and has its own tests"
            );
            return Err(Error::Usage(message));
        }
        let mut memory = crate::memory::KeptRuns::open(&self.history.in_project(folder));
        kept::warn(&mut memory, console)?;
        let mut recorder = self.recorder(&mut memory, false, console)?;
        let command = self.command.clone();
        let (history, is_kept) = (self.history.in_project(folder), !self.no_history);
        let exit = self.watch(&mut recorder, Judged::Command(&command), Told::default(), console);
        recorder.end_report(console);
        drop(recorder);
        if is_kept {
            let added = |history: &History| Ok(history.last(None)?.into_iter().collect());
            tidy(&history, folder, &added, console)?;
        }
        exit
    }

    /// The suite of a configuration; in two passes, if that is asked for.
    fn run_once(&mut self, console: &mut Console<'_>) -> Result<Exit, Error> {
        match self.quarantined {
            Some(Quarantined::Apart) => self.run_apart(console),
            _ => self.run_pass(console),
        }
    }

    /// One pass over the suite of a configuration.
    fn run_pass(&mut self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut prepared = prepare(self, false, console)?;
        self.tests = prepared.tests;
        if let Some(path) = &self.detached {
            detach::say_name(path, prepared.run.name())?;
        }
        let mut recorder = self.recorder(&mut *prepared.suite.memory, prepared.partial, console)?;
        let mut resumed;
        let mut changing;
        let mut run: &mut dyn Producer = match &self.changes {
            Some(changes) => {
                changing = UntilChange::new(&mut prepared.run, changes.clone());
                &mut changing
            }
            None => &mut prepared.run,
        };
        if let Some(said) = prepared.suite.said {
            resumed = Resumed::new(said, run);
            run = &mut resumed;
        }
        let mut followed;
        if !prepared.suite.expired.is_empty() {
            followed = Followed::new(run, std::mem::take(&mut prepared.suite.expired));
            run = &mut followed;
        }
        let again = self.again();
        let mut shown = self.clone();
        if let Some(policy) = prepared.suite.policy {
            shown.judge.set_baseline(policy);
        }
        let again = move |_: &[&str]| Some(again.clone());
        let told = Told { times: prepared.suite.times, again: Some(&again) };
        let exit = shown.watch(&mut recorder, Judged::Run(run), told, console);
        recorder.end_report(console);
        drop(recorder);
        kept::warn(&mut *prepared.suite.memory, console)?;
        if !self.no_history {
            let folder = Path::new(".");
            let history = self.history.in_project(folder);
            let added = |history: &History| {
                Ok(history.find(prepared.run.uuid(), |_| true)?.into_iter().collect())
            };
            tidy_by(&prepared.suite.upkeep, &history, folder, &added, console)?;
        }
        if matches!(exit, Ok(Exit::NoTests)) {
            self.say_why_none(console)?;
        }
        exit
    }

    /// Says what the filters had to do with it that no test ran.
    fn say_why_none(&self, console: &mut Console<'_>) -> Result<(), Error> {
        let here = Path::new(".");
        // A person who names a folder of scripts where words are filters may have meant it.
        if let Some(folder) = self.select.folder_among_filters(here) {
            let what = "is a filter of the suite here; for the executables of the folder:";
            return Ok(console.say(format_args!("`{folder}` {what} subunit run -- {folder}"))?);
        }
        // Of the two passes over a quarantine, one may well have no test.
        let why = self.select.no_match(here).filter(|_| self.quarantined.is_none());
        Ok(why.map_or(Ok(()), |why| console.say(why))?)
    }

    /// What keeps the run, unless it is not to be kept.
    fn recorder<'m>(
        &self,
        memory: &'m mut dyn Memory,
        partial: bool,
        console: &mut Console<'_>,
    ) -> Result<RunRecorder<'m>, Error> {
        let mut recorder = match self.no_history {
            true => RunRecorder::default(),
            false => RunRecorder::begin(memory, partial, console)?,
        };
        if let Some(url) = &self.report_to {
            recorder.report_to(url, partial, console)?;
        }
        Ok(recorder)
    }

    /// A command that runs those of the tests again that failed.
    fn again(&self) -> Vec<String> {
        let mut words: Vec<String> =
            ["subunit", "run", "--failing"].into_iter().map(str::to_owned).collect();
        words.extend(self.profile.iter().map(|profile| format!("--profile={profile}")));
        words.extend(self.runner.iter().map(|runner| format!("--runner={runner}")));
        words.extend(self.select.words());
        if let Some(command) = self.command.plain_words().filter(|command| !command.is_empty()) {
            words.push("--".to_owned());
            words.extend(command.into_iter().map(str::to_owned));
        }
        words
    }

    /// Shows what is run, or writes its stream.
    fn watch(
        self,
        recorder: &mut RunRecorder<'_>,
        judged: Judged<'_>,
        told: Told<'_>,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let Self { view, allow_empty, judge, outputs, .. } = self;
        let report = ReportArgs { allow_empty, judge, ..ReportArgs::default() };
        if self.subunit {
            let failed = |source| Error::System { name: "signals".into(), source };
            let mut answers = Answers::new(console).map_err(failed)?;
            let mut views: [&mut dyn Filter; 3] = [recorder, &mut answers, &mut ForwardStream];
            return outputs.write(&mut views, &report, judged, console);
        }
        let mut before: [&mut dyn Filter; 1] = [recorder];
        let (before, Told { times, again }) = (&mut before, told);
        view.show(Shown { outputs, before, report: &report, judged, times, again }, console)
    }
}
