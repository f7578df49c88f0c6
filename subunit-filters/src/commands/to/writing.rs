//! How reports become commands: sinks that write, fed by the pipeline.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
    time::Duration,
};

use subunit_core::{
    Damage, Event, Packet,
    sink::{Flow, Sink, Summary, Verdict},
};
use subunit_formats::report::Report;

use crate::{
    console::Console,
    exit::{Error, Exit, in_words},
    files::new_file::NewFile,
    pipeline::{Filter, Judged, Out, ReportArgs, broken_input, run_judged},
};

/// Runs a command that writes one report on standard output: `make` is given the output.
///
/// Text goes into the report where that has room for it, or else to standard error; the exit status is
/// the verdict.
///
/// # Errors
///
/// If an input cannot be read; what was read of it until then is in the report.
pub(crate) fn write_report<'c, R: Report + 'c>(
    args: &ReportArgs,
    console: &mut Console<'c>,
    make: impl FnOnce(StandardOutput<'c>) -> R,
) -> Result<Exit, Error> {
    write_boxed(args, console, |out| Box::new(make(out)))
}

/// As [`write_report`], of any report.
pub(crate) fn write_boxed<'c>(
    args: &ReportArgs,
    console: &mut Console<'c>,
    make: impl FnOnce(StandardOutput<'c>) -> Box<dyn Report + 'c>,
) -> Result<Exit, Error> {
    let report = make(StandardOutput::take(console));
    let targets = vec![Target::new("standard output", true, report)];
    let opened = Opened { targets, broken: false };
    write_reports(&mut [&mut Nothing], opened, args, Judged::Inputs, console)
}

/// Runs a command that writes several reports in one pass, beside what `views` show of it. The last of
/// them has the text, and the verdict.
///
/// If one report cannot be written, an error is printed and the others are still completed.
///
/// # Errors
///
/// If an input cannot be read; what was read of it until then is in the reports.
pub(crate) fn write_reports(
    views: &mut [&mut dyn Filter],
    opened: Opened<'_>,
    args: &ReportArgs,
    judged: Judged<'_>,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    args.inputs.refuse_output()?;
    let no_text = args.text.no_text;
    let judge = args.judge.judge(&args.inputs, console)?;
    let mut targets = opened.targets;
    for report in targets.iter_mut().filter_map(|target| target.report.as_mut()) {
        report.set_judge(&judge);
    }
    let mut reports = Reports { targets, no_text, broken: opened.broken };
    let exit = run_judged(Beside { views, reports: &mut reports }, args, judged, console);
    if let Err(error) = &exit {
        // Reports of what was read so far must not look like those of a whole run.
        let reason = error.to_string();
        for target in &mut reports.targets {
            target.push(|report| report.event(&broken_input(&reason)));
        }
    }
    reports.end(console)?;
    console.flush()?;
    if reports.broken && exit.is_ok() { Ok(Exit::Broken) } else { exit }
}

/// The reports that were asked for.
#[derive(Default)]
pub(crate) struct Opened<'c> {
    pub(crate) targets: Vec<Target<'c>>,
    /// Whether other reports failed, which has been reported.
    pub(crate) broken: bool,
}

impl Opened<'_> {
    /// Whether none was asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.targets.is_empty() && !self.broken
    }
}

/// A report and where it goes.
pub(crate) struct Target<'c> {
    name: String,
    on_stdout: bool,
    report: Option<Box<dyn Report + 'c>>,
    /// Takes its name when the report is whole.
    file: Option<NewFile>,
    error: Option<io::Error>,
    remark: Option<String>,
}

impl<'c> Target<'c> {
    /// `name` is that of the output, for messages.
    pub(crate) fn new(
        name: impl Into<String>,
        on_stdout: bool,
        report: Box<dyn Report + 'c>,
    ) -> Self {
        let (file, error, remark) = (None, None, None);
        Self { name: name.into(), on_stdout, report: Some(report), file, error, remark }
    }

    /// The report goes to this file.
    pub(crate) fn in_file(self, file: NewFile) -> Self {
        Self { file: Some(file), ..self }
    }

    /// Pushes something into the report, and gives up on one that asks to stop.
    fn push(&mut self, push: impl FnOnce(&mut dyn Sink) -> Flow) {
        let Some(report) = &mut self.report else { return };
        if push(report).is_break()
            && let Some(report) = self.report.take()
        {
            self.error = report.result().err();
        }
    }

    fn finish(&mut self) {
        if let Some(mut report) = self.report.take() {
            report.finish();
            self.remark = report.remark();
            let file = self.file.take();
            let put = |()| file.map_or(Ok(()), NewFile::put_in_place);
            self.error = report.result().and_then(put).err();
        }
    }
}

/// All reports of a pass.
struct Reports<'c> {
    targets: Vec<Target<'c>>,
    no_text: bool,
    broken: bool,
}

impl Reports<'_> {
    fn each(&mut self, push: impl Fn(&mut dyn Sink) -> Flow) {
        for target in &mut self.targets {
            target.push(&push);
        }
    }

    /// Whether text is on standard output anyway.
    fn stdout_holds_text(&self) -> bool {
        let mut reports = self.targets.iter().filter(|target| target.on_stdout);
        reports.any(|target| target.report.as_ref().is_some_and(|report| report.holds_text()))
    }

    /// Tells which reports cannot be written. A reader of standard output that has gone away is no error.
    fn end(&mut self, console: &mut Console<'_>) -> io::Result<()> {
        for target in &mut self.targets {
            target.finish();
            if let Some(remark) = target.remark.take() {
                console.say(format_args!("{}: {remark}", target.name))?;
            }
            let Some(error) = target.error.take() else { continue };
            if !(target.on_stdout && error.kind() == io::ErrorKind::BrokenPipe) {
                console.say(format_args!("cannot write {}: {}", target.name, in_words(&error)))?;
                self.broken = true;
            }
        }
        Ok(())
    }
}

/// What is shown of a run, and the reports of it.
struct Beside<'r, 'v, 'c> {
    /// The last is the view that knows the verdict.
    views: &'r mut [&'v mut dyn Filter],
    reports: &'r mut Reports<'c>,
}

impl Beside<'_, '_, '_> {
    fn each(&mut self, mut act: impl FnMut(&mut dyn Filter) -> io::Result<()>) -> io::Result<()> {
        self.views.iter_mut().try_for_each(|view| act(&mut **view))
    }

    fn last(&self) -> Option<&dyn Filter> {
        self.views.last().map(|view| &**view as &dyn Filter)
    }
}

impl Filter for Beside<'_, '_, '_> {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.reports.each(|report| report.event(event));
        self.each(|view| view.event(event, packet, out))
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        if self.reports.no_text {
            return Ok(());
        }
        self.reports.each(|report| report.text(bytes));
        if self.reports.stdout_holds_text() {
            return Ok(());
        }
        self.each(|view| view.text(bytes, out))
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.reports.each(|report| report.damage(damage));
        self.each(|view| view.damage(damage, out))
    }

    fn aside(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        self.each(|view| view.aside(bytes, out))
    }

    fn tick_interval(&self) -> Option<Duration> {
        self.views.iter().filter_map(|view| view.tick_interval()).min()
    }

    fn tick(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.each(|view| view.tick(out))
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.each(|view| view.finish(out))
    }

    fn broken(&mut self, reason: &str, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.each(|view| view.broken(reason, out))
    }

    fn summary(&self) -> Summary {
        self.last().map_or_else(Summary::new, Filter::summary)
    }

    fn verdict(&self, summary: &Summary) -> Verdict {
        self.last().map_or_else(|| summary.verdict(), |view| view.verdict(summary))
    }
}

/// Shows nothing.
struct Nothing;

impl Filter for Nothing {
    fn event(
        &mut self,
        _event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        Ok(())
    }
}

/// Standard output, for a report to keep while the console still flushes it.
pub(crate) struct StandardOutput<'c>(Rc<RefCell<Box<dyn Write + 'c>>>);

impl<'c> StandardOutput<'c> {
    /// Takes it from the console, which is left with a handle that hides errors: the report has them too.
    pub(crate) fn take(console: &mut Console<'c>) -> Self {
        let stdout = std::mem::replace(&mut console.stdout, Box::new(io::sink()));
        let shared = Rc::new(RefCell::new(stdout));
        console.stdout = Box::new(Lenient(Self(Rc::clone(&shared))));
        Self(shared)
    }
}

impl Write for StandardOutput<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

/// An output whose errors somebody else reports.
struct Lenient<'c>(StandardOutput<'c>);

impl Write for Lenient<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}
