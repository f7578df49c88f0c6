//! Shows a run while it goes on, and writes reports of it in the same pass: for `watch`, and for programs
//! that make runs.

mod again;
mod answers;
mod captured;
mod onlooker;
mod outputs;
mod prompts;
mod steered;
mod watcher;

use std::{
    collections::HashMap,
    io::Write,
    time::{Duration, Instant},
};

pub use self::{again::Again, answers::Answers, outputs::OutputArgs};
use self::{
    captured::Captured,
    onlooker::{KeySource, Onlooker, keyboard},
    prompts::OpenPrompts,
    steered::{Steered, Wheel},
    watcher::{Show, Stopwatch, ViewKind, Watcher},
};
use crate::{
    child::status::Commands,
    commands::to::{report::LastLine, writing::write_reports},
    console::Console,
    exit::{Error, Exit},
    pipeline::{Filter, Judged, ReportArgs},
    style::Look,
    watch::{Run, beat::Beat, chatter::Chatter, live::Live},
};

/// How a run is shown.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ViewArgs {
    /// Which results to show as they arrive [default: all; failures in the live view]
    #[arg(long, value_name = "WHICH", conflicts_with = "brief")]
    show: Option<Show>,
    /// Show what tests print as they print it, also of those that pass
    #[arg(long, conflicts_with = "brief")]
    no_capture: bool,
    /// Show the N slowest tests [default: 5 that took at least 0.1 s]
    #[arg(long, value_name = "N", conflicts_with = "brief")]
    slowest: Option<usize>,
    /// Show each result as a line, even on a terminal
    #[arg(long, conflicts_with = "brief")]
    plain: bool,
    /// Write only the counts and the first lines of each failure, at the end
    #[arg(long)]
    brief: bool,
    /// Write at most BYTES; the counts are always written
    #[arg(long, value_name = "BYTES", default_value_t = 8192, requires = "brief")]
    budget: usize,
}

/// What is shown.
pub struct Shown<'s, 'v, 'j> {
    /// The reports that are written in the same pass.
    pub outputs: OutputArgs,
    /// These get each event before it is shown.
    pub before: &'s mut [&'v mut dyn Filter],
    /// How the run is judged.
    pub report: &'s ReportArgs,
    /// Where it comes from.
    pub judged: Judged<'j>,
    /// How long tests usually take, by id.
    pub times: HashMap<String, Duration>,
    /// How to run again what failed.
    pub again: Option<&'s Again<'s>>,
}

impl ViewArgs {
    /// Shows a run, and writes reports of it.
    ///
    /// # Errors
    ///
    /// If what is judged cannot be read or started, or standard output cannot be written.
    pub fn show(self, shown: Shown<'_, '_, '_>, console: &mut Console<'_>) -> Result<Exit, Error> {
        if shown.outputs.0.take_standard_output() {
            return self.step_aside(shown, console);
        }
        console.show_on_stdout();
        let live = !self.plain && shows_pictures(console.stdout_look);
        let begun = Instant::now();
        let has_keys = live && matches!(shown.judged, Judged::Run(_));
        let keys = if has_keys { keyboard() } else { None };
        self.watch(live, Box::new(move || begun.elapsed()), keys, shown, console)
    }

    /// A report has standard output: only the verdict is shown, on standard error.
    fn step_aside(
        self,
        shown: Shown<'_, '_, '_>,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        if let Some(option) = self.given() {
            let message = format!(
                "{option} says how the run is shown, and a report has standard output: name a file \
                 for it, such as --tap FILE or --github=FILE"
            );
            return Err(Error::Usage(message));
        }
        let Shown { outputs, before, report, judged, .. } = shown;
        let opened = outputs.0.open(report, console)?;
        LastLine::default().write(before, opened, report, judged, console)
    }

    /// An option of these that was given.
    fn given(&self) -> Option<&'static str> {
        [
            ("--show", self.show.is_some()),
            ("--no-capture", self.no_capture),
            ("--slowest", self.slowest.is_some()),
            ("--plain", self.plain),
            ("--brief", self.brief),
        ]
        .into_iter()
        .find_map(|(option, is_given)| is_given.then_some(option))
    }

    /// Shows a live view if the output can, and that is what is asked for. The clock begins with the run.
    fn watch(
        self,
        live: bool,
        clock: Stopwatch,
        keys: Option<Box<dyn KeySource>>,
        shown: Shown<'_, '_, '_>,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let Shown { outputs, before, report, judged, times, again } = shown;
        let judge = report.judge.judge(&report.inputs, console)?;
        let opened = outputs.0.open(report, console)?;
        let view = if self.brief {
            ViewKind::Brief(self.budget)
        } else if !live {
            ViewKind::Lines
        } else {
            let live = Live::new(console.stdout_look);
            let mut live = if judged.has_prompts() { live.with_prompts() } else { live };
            if matches!(judged, Judged::Run(_)) {
                live.tell_prompt(false);
            }
            ViewKind::Live(Box::new(live), Captured::default())
        };
        let shown = if matches!(view, ViewKind::Live(..)) { Show::Failures } else { Show::All };
        let captured = view.captured().filter(|_| console.stderr_look.terminal);
        let slowest = if self.brief { Some(0) } else { self.slowest };
        let wheel = Wheel::default();
        let mut watcher = Watcher {
            run: Run::new(slowest.unwrap_or(SLOWEST))
                .with_baseline(judge.baseline)
                .with_times(times),
            show: self.show.unwrap_or(shown),
            shows_output: self.no_capture,
            at_least: if slowest.is_some() { Duration::ZERO } else { AT_LEAST },
            clock,
            beat: Beat::default(),
            view,
            commands: Commands::default(),
            prompts: OpenPrompts::default(),
            chatter: Chatter::default(),
            spaced: true,
            again,
            onlooker: keys.map(|keys| Onlooker::new(keys, wheel.clone())),
        };
        let mut steered;
        let judged = match judged {
            Judged::Run(run) => {
                steered = Steered { run, wheel };
                Judged::Run(&mut steered)
            }
            Judged::Command(command) => Judged::Command(command),
            Judged::Inputs => Judged::Inputs,
        };
        let failed = |source| Error::System { name: "signals".into(), source };
        console.interrupts.hear_questions().map_err(failed)?;
        let mut views: Vec<&mut dyn Filter> =
            before.iter_mut().map(|view| &mut **view as _).collect();
        views.push(&mut watcher);
        let Some(captured) = captured else {
            return write_reports(&mut views, opened, report, judged, console);
        };
        // Messages on the same terminal go above the live view.
        let stderr = std::mem::replace(&mut console.stderr, Box::new(captured.clone()));
        let result = write_reports(&mut views, opened, report, judged, console);
        console.stderr = stderr;
        if result.is_err() {
            console.stdout.write_all(b"\r\x1b[J")?;
        }
        console.stderr.write_all(&captured.take())?;
        result
    }
}

/// How many of the slowest tests are named,
const SLOWEST: usize = 5;
/// if they took at least this long.
const AT_LEAST: Duration = Duration::from_millis(100);

/// Whether standard output is a terminal that a person looks at and that can be drawn on.
fn shows_pictures(look: Look) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    look.terminal && !dumb && !set("CI")
}

#[cfg(test)]
mod tests;
