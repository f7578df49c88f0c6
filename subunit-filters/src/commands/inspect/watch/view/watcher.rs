//! Shows what is read.

use std::{
    io::{self, Write},
    time::Duration,
};

use subunit_core::{Event, Packet, Status, conventions::is_aside, run::cause, sink::Summary};

use super::{
    again::{Again, run_again},
    captured::Captured,
    onlooker::{Onlooker, Scene},
    prompts::OpenPrompts,
};
use crate::{
    child::status::Commands,
    commands::inspect::stats::{write_commands, write_counts},
    pipeline::{Filter, Out},
    style::Look,
    watch::{
        Ended, Run,
        beat::Beat,
        brief::write_brief,
        chatter::Chatter,
        line::{write_details, write_result},
        live::{Live, Size},
        report::{write_end, write_flaky},
        running::write_running,
    },
};

/// How many lines of each file of a test are shown as it fails.
const LINES: usize = 100;

/// Which results are shown as they come.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(super) enum Show {
    /// Every result.
    All,
    /// Failures only.
    Failures,
}

/// How a run is shown.
pub(super) enum ViewKind {
    /// A line for each result.
    Lines,
    /// The live view, and what is written to standard error meanwhile.
    Live(Box<Live>, Captured),
    /// Only the end, in at most this many bytes.
    Brief(usize),
}

impl ViewKind {
    pub(super) fn captured(&self) -> Option<Captured> {
        match self {
            Self::Live(_, captured) => Some(captured.clone()),
            Self::Lines | Self::Brief(_) => None,
        }
    }
}

/// How long the run has been watched.
pub(super) type Stopwatch = Box<dyn Fn() -> Duration>;

pub(super) struct Watcher<'w> {
    pub(super) run: Run,
    pub(super) show: Show,
    /// Whether what tests print is shown as it comes.
    pub(super) shows_output: bool,
    pub(super) at_least: Duration,
    pub(super) clock: Stopwatch,
    pub(super) beat: Beat,
    pub(super) view: ViewKind,
    pub(super) commands: Commands,
    pub(super) prompts: OpenPrompts,
    pub(super) chatter: Chatter,
    /// Whether a blank line, or nothing, comes before what is shown next.
    pub(super) spaced: bool,
    /// How to run again what failed.
    pub(super) again: Option<&'w Again<'w>>,
    /// Who may press keys.
    pub(super) onlooker: Option<Onlooker>,
}

impl Filter for Watcher<'_> {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if let Some(onlooker) = &mut self.onlooker {
            onlooker.focus.note(event.route_code);
        }
        if let Some(file) = event.file
            && self.shows_at_once(event)
            && cause::is_text_bytes(file.bytes, !event.eof)
        {
            let look = out.console.stderr_look;
            self.spaced &= !out.console.stdout_look.terminal;
            out.text(&self.chatter.shown(event.route_code, file.name, file.bytes, look))?;
        }
        self.commands.note(event);
        if let (Some(is_open), ViewKind::Live(live, captured)) =
            (self.prompts.note(event), &mut self.view)
        {
            live.text(&captured.take());
            live.tell_prompt(is_open);
        }
        let Some(ended) = self.run.note(event, (self.clock)()) else { return Ok(()) };
        let failed = ended.status.is_some_and(Status::is_failure);
        if let ViewKind::Live(live, captured) = &mut self.view {
            live.text(&captured.take());
            live.go_on();
        }
        let focus = self.onlooker.as_ref().map(|onlooker| &onlooker.focus);
        let is_focus = focus.is_some_and(|focus| focus.is_on(event.route_code));
        if self.show == Show::Failures && !failed && !is_focus {
            return Ok(());
        }
        let is_short = focus.is_some_and(|focus| !focus.shows(event.route_code));
        let look = out.console.stdout_look;
        match &mut self.view {
            ViewKind::Lines => {
                self.beat.note((self.clock)());
                self.spaced = write_ended(&ended, look, out.report())?;
            }
            ViewKind::Live(live, _) if is_short => {
                write_result(&ended, &ended.note(), columns(look), look, live.above())?;
                self.spaced = false;
            }
            ViewKind::Live(live, _) => self.spaced = write_ended(&ended, look, live.above())?,
            ViewKind::Brief(_) => {}
        }
        Ok(())
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        self.spaced &= !out.console.stdout_look.terminal;
        self.beat.note((self.clock)());
        out.text(&self.chatter.shown(None, "", bytes, out.console.stderr_look))
    }

    fn aside(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        self.spaced &= !out.console.stdout_look.terminal;
        self.beat.note((self.clock)());
        out.aside(bytes)
    }

    fn tick_interval(&self) -> Option<Duration> {
        match self.view {
            // Pictures are drawn as often as may be, also where the time is missed once.
            ViewKind::Live(..) => Some(Live::PACE / 2),
            ViewKind::Lines => Some(self.beat.left((self.clock)())),
            ViewKind::Brief(_) => None,
        }
    }

    fn tick(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let counts = out.summary.as_ref().map(|summary| summary.counts()).unwrap_or_default();
        let now = (self.clock)();
        if out.console.interrupts.take_question() {
            let look = out.console.stderr_look;
            write_running(&self.run, now, look, &mut out.console.stderr)?;
        }
        match &mut self.view {
            ViewKind::Live(live, captured) => {
                live.text(&captured.take());
                if let Some(onlooker) = &mut self.onlooker {
                    let look = out.console.stdout_look;
                    let (run, columns) = (&self.run, columns(look));
                    let prompts = &self.prompts;
                    onlooker.obey(&Scene { run, now, look, columns, prompts }, live)?;
                }
                live.draw(&self.run, &counts, now, size(), out.report())
            }
            ViewKind::Lines => match self.beat.line(&self.run, &counts, now) {
                Some(line) => writeln!(out.report(), "{line}"),
                None => Ok(()),
            },
            ViewKind::Brief(_) => Ok(()),
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
        let again = run_again(self.again, &self.run, &unfinished, &summary);
        let report = out.report();
        if let ViewKind::Brief(budget) = self.view {
            let mut counts = Vec::new();
            write_counts(&summary, look, &mut counts)?;
            write_commands(&self.commands, look, &mut counts)?;
            report.write_all(&counts)?;
            let failures = self.run.failures();
            let shown: Vec<&Ended> = failures.kept().iter().chain(&unfinished).collect();
            let budget = budget.saturating_sub(counts.len());
            let again = again.filter(|again| again.len() <= budget).unwrap_or_default();
            let budget = budget - again.len();
            let mut flaky = Vec::new();
            write_flaky(&self.run, look, &mut flaky)?;
            let flaky = if flaky.len() <= budget { flaky } else { Vec::new() };
            let budget = budget - flaky.len();
            write_brief(shown.into_iter(), failures.more(), budget, look, report)?;
            report.write_all(&flaky)?;
            report.write_all(again.as_bytes())?;
        } else {
            if let ViewKind::Live(live, captured) = &mut self.view {
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
            report.write_all(again.unwrap_or_default().as_bytes())?;
        }
        out.summary = Some(summary);
        Ok(())
    }

    fn summary(&self) -> Summary {
        Summary::new()
    }
}

impl Watcher<'_> {
    /// Whether what an event prints is shown as it comes: what is printed beside the tests, all that the worker prints
    /// that the person looks at, and what tests print if that is asked for.
    fn shows_at_once(&self, event: &Event<'_>) -> bool {
        let is_beside = event.test_id.is_none() && !is_aside(event);
        let name = event.file.map_or("", |file| file.name);
        let is_output = is_beside || matches!(name, "stdout" | "stderr") && !is_aside(event);
        let is_wanted = is_beside || self.shows_output && is_output;
        let Some(onlooker) = &self.onlooker else { return is_wanted };
        let focus = &onlooker.focus;
        is_wanted && focus.shows(event.route_code) || is_output && focus.is_on(event.route_code)
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
