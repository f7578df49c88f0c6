//! Shows a run while it goes on, and writes reports of it in the same pass: for `watch`, and for programs
//! that make runs.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
    time::{Duration, Instant},
};

use subunit_core::{Event, Packet, Status, conventions::is_aside, run::cause, sink::Summary};

use crate::{
    child::status::Commands,
    commands::{
        inspect::stats::{write_commands, write_counts},
        to::{report::Outputs, writing::write_reports},
    },
    console::Console,
    exit::{Error, Exit},
    pipeline::{Filter, Judged, Out, ReportArgs},
    style::Look,
    watch::{
        Ended, Run,
        beat::Beat,
        brief::write_brief,
        chatter::Chatter,
        line::{write_details, write_result},
        live::{Live, Size},
        report::write_end,
    },
};

/// How a run is shown.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ViewArgs {
    /// Which results to show as they arrive [default: all; failures in the live view]
    #[arg(long, value_name = "WHICH", conflicts_with = "brief")]
    show: Option<Show>,
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

/// The reports that are written beside the view: the options of `report`, most of them in the long help only.
#[derive(Clone, Debug, Default)]
pub struct OutputArgs(Outputs);

impl clap::Args for OutputArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        const SHOWN: [&str; 4] = ["junit", "html", "github", "summary"];
        let others: Vec<clap::Id> =
            command.get_arguments().map(|argument| argument.get_id().clone()).collect();
        Outputs::augment_args(command).mut_args(|argument| {
            let id = argument.get_id();
            let is_shown = others.contains(id) || SHOWN.contains(&id.as_str());
            if is_shown { argument } else { argument.hide_short_help(true) }
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for OutputArgs {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        Outputs::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl OutputArgs {
    /// Writes the reports in one pass, beside what `views` make of the run. The last of these judges it.
    ///
    /// # Errors
    ///
    /// If what is judged cannot be read or started, or standard output cannot be written.
    pub fn write(
        self,
        views: &mut [&mut dyn Filter],
        report: &ReportArgs,
        judged: Judged<'_>,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        self.0.refuse_standard_output()?;
        let opened = self.0.open(report, console)?;
        write_reports(views, opened, report, judged, console)
    }
}

/// Which results are shown as they come.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
enum Show {
    /// Every result.
    All,
    /// Failures only.
    Failures,
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
}

impl ViewArgs {
    /// Shows a run, and writes reports of it.
    ///
    /// # Errors
    ///
    /// If what is judged cannot be read or started, or standard output cannot be written.
    pub fn show(self, shown: Shown<'_, '_, '_>, console: &mut Console<'_>) -> Result<Exit, Error> {
        console.show_on_stdout();
        let live = !self.plain && shows_pictures(console.stdout_look);
        let begun = Instant::now();
        self.watch(live, Box::new(move || begun.elapsed()), shown, console)
    }

    /// Shows a live view if the output can, and that is what is asked for. The clock begins with the run.
    fn watch(
        self,
        live: bool,
        clock: Clock,
        shown: Shown<'_, '_, '_>,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let Shown { outputs, before, report, judged } = shown;
        outputs.0.refuse_standard_output()?;
        let judge = report.judge.judge(&report.inputs, console)?;
        let opened = outputs.0.open(report, console)?;
        let view = if self.brief {
            View::Brief(self.budget)
        } else if !live {
            View::Lines
        } else {
            let live = Live::new(console.stdout_look);
            let live = if judged.has_prompts() { live.with_prompts() } else { live };
            View::Live(live, Captured::default())
        };
        let shown = if matches!(view, View::Live(..)) { Show::Failures } else { Show::All };
        let captured = view.captured().filter(|_| console.stderr_look.terminal);
        let slowest = if self.brief { Some(0) } else { self.slowest };
        let mut watcher = Watcher {
            run: Run::new(slowest.unwrap_or(SLOWEST)).with_baseline(judge.baseline),
            show: self.show.unwrap_or(shown),
            at_least: if slowest.is_some() { Duration::ZERO } else { AT_LEAST },
            clock,
            beat: Beat::default(),
            view,
            commands: Commands::default(),
            chatter: Chatter::default(),
            spaced: true,
        };
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
/// How many lines of each file of a test are shown as it fails.
const LINES: usize = 100;

/// Whether standard output is a terminal that a person looks at and that can be drawn on.
fn shows_pictures(look: Look) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    look.terminal && !dumb && !set("CI")
}

/// How a run is shown.
enum View {
    /// A line for each result.
    Lines,
    /// The live view, and what is written to standard error meanwhile.
    Live(Live, Captured),
    /// Only the end, in at most this many bytes.
    Brief(usize),
}

impl View {
    fn captured(&self) -> Option<Captured> {
        match self {
            Self::Live(_, captured) => Some(captured.clone()),
            Self::Lines | Self::Brief(_) => None,
        }
    }
}

/// Replaces standard error while the live view is on the terminal.
#[derive(Clone, Debug, Default)]
struct Captured(Rc<RefCell<Vec<u8>>>);

impl Captured {
    fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How long the run has been watched.
type Clock = Box<dyn Fn() -> Duration>;

struct Watcher {
    run: Run,
    show: Show,
    at_least: Duration,
    clock: Clock,
    beat: Beat,
    view: View,
    commands: Commands,
    chatter: Chatter,
    /// Whether a blank line, or nothing, comes before what is shown next.
    spaced: bool,
}

impl Filter for Watcher {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if let (None, Some(file)) = (event.test_id, event.file)
            && !is_aside(event)
            && cause::is_text_bytes(file.bytes, !event.eof)
        {
            let look = out.console.stderr_look;
            self.spaced &= !out.console.stdout_look.terminal;
            out.text(&self.chatter.shown(event.route_code, file.bytes, look))?;
        }
        self.commands.note(event);
        let Some(ended) = self.run.note(event, (self.clock)()) else { return Ok(()) };
        let failed = ended.status.is_some_and(Status::is_failure);
        if let View::Live(live, captured) = &mut self.view {
            live.text(&captured.take());
            live.go_on();
        }
        if self.show == Show::Failures && !failed {
            return Ok(());
        }
        let look = out.console.stdout_look;
        match &mut self.view {
            View::Lines => {
                self.beat.note((self.clock)());
                self.spaced = write_ended(&ended, look, out.report())?;
            }
            View::Live(live, _) => self.spaced = write_ended(&ended, look, live.above())?,
            View::Brief(_) => {}
        }
        Ok(())
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        self.spaced &= !out.console.stdout_look.terminal;
        self.beat.note((self.clock)());
        out.text(&self.chatter.shown(None, bytes, out.console.stderr_look))
    }

    fn aside(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        self.spaced &= !out.console.stdout_look.terminal;
        self.beat.note((self.clock)());
        out.aside(bytes)
    }

    fn tick_interval(&self) -> Option<Duration> {
        match self.view {
            // Pictures are drawn as often as may be, also where the time is missed once.
            View::Live(..) => Some(Live::PACE / 2),
            View::Lines => Some(self.beat.left((self.clock)())),
            View::Brief(_) => None,
        }
    }

    fn tick(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let counts = out.summary.as_ref().map(|summary| summary.counts()).unwrap_or_default();
        let now = (self.clock)();
        match &mut self.view {
            View::Live(live, captured) => {
                live.text(&captured.take());
                live.draw(&self.run, &counts, now, size(), out.report())
            }
            View::Lines => match self.beat.line(&self.run, &counts, now) {
                Some(line) => writeln!(out.report(), "{line}"),
                None => Ok(()),
            },
            View::Brief(_) => Ok(()),
        }
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let end = self.chatter.end();
        if !end.is_empty() {
            out.text(&end)?;
        }
        let summary = out.summary.take().unwrap_or_default();
        let look = out.console.stdout_look;
        let unfinished = self.run.finish();
        let report = out.report();
        if let View::Brief(budget) = self.view {
            let mut counts = Vec::new();
            write_counts(&summary, look, &mut counts)?;
            write_commands(&self.commands, look, &mut counts)?;
            report.write_all(&counts)?;
            let failures = self.run.failures();
            let shown: Vec<&Ended> = failures.kept().iter().chain(&unfinished).collect();
            let budget = budget.saturating_sub(counts.len());
            write_brief(shown.into_iter(), failures.more(), budget, look, report)?;
        } else {
            if let View::Live(live, captured) = &mut self.view {
                live.text(&captured.take());
                live.end(report)?;
            }
            for ended in unfinished.iter().filter(|ended| !ended.details.is_empty()) {
                self.spaced = write_ended(ended, look, report)?;
            }
            if !self.spaced && (!self.run.failures().kept().is_empty() || !unfinished.is_empty()) {
                writeln!(report)?;
            }
            write_end(&self.run, &unfinished, self.at_least, columns(look), look, report)?;
            write_counts(&summary, look, report)?;
            write_commands(&self.commands, look, report)?;
        }
        out.summary = Some(summary);
        Ok(())
    }

    fn summary(&self) -> Summary {
        Summary::new()
    }
}

/// A result with what is to be known of it; of one that is wrong, with its details and a blank line where they
/// end. Whether there is one.
fn write_ended(ended: &Ended, look: Look, out: &mut dyn Write) -> io::Result<bool> {
    write_result(ended, &ended.note(), columns(look), look, out)?;
    let passed = ended.status.is_some_and(|status| !status.is_failure());
    if passed || ended.details.is_empty() {
        return Ok(false);
    }
    write_details(&ended.details, LINES, look, out)?;
    writeln!(out)?;
    Ok(true)
}

/// How wide a line may be: on a terminal, as wide as that.
fn columns(look: Look) -> Option<usize> {
    look.terminal.then(|| size().columns)
}

/// The terminal's size; a common one where it does not tell.
fn size() -> Size {
    let size = terminal_size::terminal_size();
    size.map_or(Size { columns: 80, lines: 24 }, |(width, height)| Size {
        columns: width.0.into(),
        lines: height.0.into(),
    })
}

#[cfg(test)]
mod tests;
