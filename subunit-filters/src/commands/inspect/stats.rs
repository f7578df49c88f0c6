//! `subunit stats`: the verdict and its numbers.

use std::io::{self, Write};

use serde::Serialize;
use subunit_core::{
    Event, Packet,
    run::{Comparison, counted},
    sink::{Counts, OpenTests, Summary, Verdict},
};
use subunit_formats::{report::others, text::time::Rfc3339};

use crate::{
    child::status::{Commands, Ended},
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{CommandArgs, Filter, Judged, Out, ReportArgs, run_judged},
    style::{Look, Tone, escaped, toned},
};

/// Count results and show the verdict
///
/// Attempts at a test that are marked as such count as one result, the last one; it is `flaky` if it did not
/// fail but an earlier attempt did. A test that started and never finished is `unfinished`. Unfinished
/// tests, unexpected successes and damage fail the run. Text outside packets goes to standard error.
///
/// A command after `--` is run and its output is read. The run also fails if the command's exit status is
/// not 0; the last line shows it.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Stats {
    /// Write the verdict and the counts as one JSON object
    ///
    /// docs/schemas/stats.json describes the keys.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    command: CommandArgs,
}

impl Command for Stats {
    const NAME: &'static str = "stats";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ cat run.subunit | subunit stats --json
  $ subunit stats -- cat run.subunit

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, the
stream was damaged, or the command failed; 2 a stream cannot be read or the command
cannot be started; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        if !self.json {
            console.show_on_stdout();
        }
        let counter = Counter { json: self.json, commands: Commands::default() };
        run_judged(counter, &self.report, Judged::Command(&self.command), console)
    }
}

struct Counter {
    json: bool,
    commands: Commands,
}

impl Filter for Counter {
    /// The summary counts.
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.commands.note(event);
        Ok(())
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let summary = out.summary.take().unwrap_or_default();
        let report = &mut out.console.stdout;
        if self.json {
            write_json(&summary, &self.commands, report)?;
        } else {
            let look = out.console.stdout_look;
            write_counts(&summary, look, report)?;
            write_unfinished(summary.open(), look, report)?;
            write_commands(&self.commands, look, report)?;
        }
        out.summary = Some(summary);
        Ok(())
    }

    fn summary(&self) -> Summary {
        Summary::new()
    }
}

/// What `--json` writes; other programs rely on the names. Times are RFC 3339. `docs/schemas/stats.json` describes all.
///
/// `version` is that of this schema: it is raised where a name goes or changes its meaning, not where one is added.
/// `tests` are the results that can be run by themselves, or all where there is none of these; `not_runnable` are the
/// others. All are counted by their status. `flaky` are the results that did not fail after attempts that did.
///
/// With a baseline there are `new`, `known`, `fixed` and `not_run`: of the results that failed or passed unexpectedly
/// those of tests that did not in the baseline, and that did; of the tests that did there, those that passed and those
/// that were not run.
#[derive(Serialize)]
struct Object<'a> {
    version: u32,
    verdict: &'static str,
    tests: u64,
    not_runnable: u64,
    success: u64,
    fail: u64,
    skip: u64,
    xfail: u64,
    uxsuccess: u64,
    unfinished: u64,
    flaky: u64,
    exists: u64,
    events: u64,
    text_bytes: u64,
    damage: u64,
    tags: Vec<&'a str>,
    start: Option<String>,
    stop: Option<String>,
    #[serde(flatten)]
    comparison: Option<Compared>,
    #[serde(skip_serializing_if = "<[Ended]>::is_empty")]
    commands: &'a [Ended],
}

/// The run beside its baseline.
#[derive(Serialize)]
struct Compared {
    new: u64,
    known: u64,
    fixed: u64,
    not_run: u64,
}

impl Compared {
    fn of(counts: &Counts) -> Option<Self> {
        let Comparison { new, known, fixed, not_run, .. } = counts.comparison?;
        Some(Self { new, known, fixed, not_run })
    }
}

fn write_json(summary: &Summary, commands: &Commands, report: &mut dyn Write) -> io::Result<()> {
    let counts = summary.counts();
    let time = |time: Option<_>| time.map(|time| Rfc3339(time).to_string());
    let object = Object {
        version: 1,
        verdict: match summary.verdict() {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::NoTests => "no tests",
        },
        tests: counts.tests(),
        not_runnable: counts.not_runnable,
        success: counts.success,
        fail: counts.fail,
        skip: counts.skip,
        xfail: counts.xfail,
        uxsuccess: counts.uxsuccess,
        unfinished: counts.unfinished,
        flaky: counts.flaky,
        exists: counts.exists,
        events: counts.events,
        text_bytes: counts.text_bytes,
        damage: counts.damage,
        tags: summary.tags().collect(),
        start: time(summary.start()),
        stop: time(summary.stop()),
        comparison: Compared::of(&counts),
        commands: commands.ended(),
    };
    serde_json::to_writer(&mut *report, &object)?;
    writeln!(report)
}

/// The verdict and its numbers on one line, and how commands ended: `FAILED  3 tests, 2 success, 1 fail`.
pub(in crate::commands) fn verdict_line(summary: &Summary, commands: &Commands) -> String {
    let mut lines = Vec::new();
    // A buffer takes all.
    let _ = write_verdict(summary, Look::default(), &mut lines);
    let results = numbers(&Counts { exists: 0, ..summary.counts() });
    let numbers = results.map(|(name, count, _)| format!("{count} {name}"));
    let ended = commands.ended().iter().map(ToString::to_string);
    let verdict = String::from_utf8_lossy(&lines).into_owned();
    let numbers = [verdict].into_iter().chain(numbers).collect::<Vec<_>>().join(", ");
    let numbers = numbers + &compared(summary);
    [numbers].into_iter().chain(ended).collect::<Vec<_>>().join("; ")
}

/// `: 2 new failures, 3 known, 1 fixed`, where there is a baseline.
fn compared(summary: &Summary) -> String {
    let comparison = summary.counts().comparison;
    comparison.map(|comparison| format!(": {comparison}")).unwrap_or_default()
}

/// Writes the verdict on a line, and its numbers.
///
/// # Errors
///
/// Those of the output.
pub(in crate::commands) fn write_counts(
    summary: &Summary,
    look: Look,
    report: &mut dyn Write,
) -> io::Result<()> {
    write_verdict(summary, look, report)?;
    write!(report, "{}", compared(summary))?;
    writeln!(report)?;
    for (name, count, tone) in numbers(&summary.counts()) {
        writeln!(report, "{} {name}", toned(look, tone, format_args!("{count:>8}")))?;
    }
    // Where tests stand would be most of the line, and tells nothing here.
    let is_place = |tag: &&str| tag.starts_with("file:") || tag.starts_with("line:");
    let mut tags = summary.tags().filter(|tag| !is_place(tag)).peekable();
    if tags.peek().is_some() {
        write!(report, "tags:")?;
        for tag in tags {
            write!(report, " {}", escaped(look, tag))?;
        }
        writeln!(report)?;
    }
    Ok(())
}

/// `PASSED  3 tests in 0.120 s`
fn write_verdict(summary: &Summary, look: Look, report: &mut dyn Write) -> io::Result<()> {
    let counts = summary.counts();
    let (word, tone) = match summary.verdict() {
        Verdict::Passed => ("PASSED", Tone::Good),
        Verdict::Failed => ("FAILED", Tone::Bad),
        Verdict::NoTests => ("NO TESTS", Tone::Dim),
    };
    write!(report, "{}", toned(look, tone, word))?;
    match counts.tests() {
        0 => {}
        tests => write!(report, "  {}", counted(tests, "test"))?,
    }
    if counts.others() > 0 {
        write!(report, " and {}", others(&counts))?;
    }
    if let Some(elapsed) = summary.elapsed() {
        write!(report, " in {:.3} s", elapsed.as_secs_f64())?;
    } else if let Some(time) = summary.test_time() {
        write!(report, ", test time {:.3} s", time.as_secs_f64())?;
    }
    Ok(())
}

/// The counts that are not 0.
fn numbers(counts: &Counts) -> impl Iterator<Item = (&'static str, u64, Tone)> + use<> {
    let all = [
        ("success", counts.success, Tone::Good),
        ("fail", counts.fail, Tone::Bad),
        ("skip", counts.skip, Tone::Dim),
        ("xfail", counts.xfail, Tone::Dim),
        ("uxsuccess", counts.uxsuccess, Tone::Bad),
        ("unfinished", counts.unfinished, Tone::Bad),
        ("flaky", counts.flaky, Tone::Dim),
        ("damage", counts.damage, Tone::Bad),
        ("exists", counts.exists, Tone::Dim),
    ];
    all.into_iter().filter(|(_, count, _)| *count > 0)
}

/// Writes how each command ended that the stream tells of, on a line.
///
/// # Errors
///
/// Those of the output.
pub(in crate::commands) fn write_commands(
    commands: &Commands,
    look: Look,
    report: &mut dyn Write,
) -> io::Result<()> {
    let mut ended = commands.ended().iter();
    ended.try_for_each(|ended| writeln!(report, "{}", escaped(look, &ended.to_string())))
}

/// Names the tests that never ended: they are what to look into first.
fn write_unfinished(open: &OpenTests, look: Look, report: &mut dyn Write) -> io::Result<()> {
    const SHOWN: usize = 10;
    for test in open.in_order().take(SHOWN) {
        let test_id = escaped(look, test.test_id);
        match test.route_code {
            Some(route) => {
                let route = escaped(look, route.as_str());
                writeln!(report, "unfinished: [{route}] {test_id}")?;
            }
            None => writeln!(report, "unfinished: {test_id}")?,
        }
    }
    if open.len() > SHOWN {
        writeln!(report, "unfinished: and {} more", open.len() - SHOWN)?;
    }
    Ok(())
}
