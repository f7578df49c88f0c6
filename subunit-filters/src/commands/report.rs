//! `subunit report`: one pass, many reports.

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use subunit_core::{Event, Packet, Timestamp};

use super::{
    new_file::NewFile,
    stats::verdict_line,
    to_html::{ShownArgs, html},
    to_junit::attachment_folder,
    to_otlp::StartArg,
    to_tap::VersionArg,
    writing::{Opened, StandardOutput, Target, write_reports},
};
use crate::{
    child::status::Commands,
    command::Command,
    console::Console,
    exit::{Error, Exit},
    formats::{
        csv::CsvWriter,
        ctrf::CtrfWriter,
        github::{GithubWriter, open_step_summary},
        gitlab::GitlabWriter,
        jsonl_writer::JsonlWriter,
        junit::{AttachmentFolder, JunitOptions, JunitWriter},
        markdown::MarkdownWriter,
        otlp::OtlpWriter,
        report::Report as Written,
        tap::{TapVersion, TapWriter},
        teamcity::TeamCityWriter,
        trace::TraceWriter,
    },
    pipeline::{CommandArgs, Filter, Out, ReportArgs},
    same_file::{is_one_place, refuse_inputs},
};

/// Write several reports in one pass
///
/// Each goes to its file; `-` is standard output, for one of them. A file is written under another name
/// beside it and takes its place when the report is whole. Text outside packets is passed on to
/// standard error, unless the report on standard output has room for it. A report that cannot be written
/// is told in one line; the others are finished all the same. The last line on standard error is the
/// verdict. After `--` a command is run and its output is read; it has failed where it ends with a status
/// other than 0, too.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(args_override_self = false)] // two paths are two reports
pub(crate) struct Report {
    #[command(flatten)]
    outputs: Outputs,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    command: CommandArgs,
}

/// Where each report goes.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Outputs {
    /// JUnit XML
    #[arg(long, value_name = "PATH")]
    junit: Option<PathBuf>,
    /// Write files of tests into this folder, and name them in the JUnit XML
    #[arg(long, value_name = "DIR", requires = "junit")]
    attachments: Option<PathBuf>,
    /// One page of HTML
    #[arg(long, value_name = "PATH")]
    html: Option<PathBuf>,
    /// The title of the page of HTML
    #[arg(long, value_name = "TITLE", requires = "html", hide_short_help = true)]
    title: Option<String>,
    #[command(flatten)]
    shown: ShownArgs,
    /// TAP
    #[arg(long, value_name = "PATH")]
    tap: Option<PathBuf>,
    #[command(flatten)]
    tap_version: VersionArg,
    /// CTRF, a report in JSON
    #[arg(long, value_name = "PATH")]
    ctrf: Option<PathBuf>,
    /// A table, one row a test
    #[arg(long, value_name = "PATH")]
    csv: Option<PathBuf>,
    /// JSON Lines, without loss
    #[arg(long, value_name = "PATH")]
    jsonl: Option<PathBuf>,
    /// A summary in Markdown
    #[arg(long, value_name = "PATH")]
    markdown: Option<PathBuf>,
    /// A trace for Perfetto or chrome://tracing
    #[arg(long, value_name = "PATH")]
    trace: Option<PathBuf>,
    /// A trace for OpenTelemetry, as lines of JSON
    #[arg(long, value_name = "PATH")]
    otlp: Option<PathBuf>,
    #[command(flatten)]
    start: StartArg,
    /// TeamCity service messages, to standard output or PATH
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    teamcity: Option<PathBuf>,
    /// Annotations for GitHub actions, to standard output or PATH
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    github: Option<PathBuf>,
    /// Sections for the job log of GitLab, to standard output or PATH
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    gitlab: Option<PathBuf>,
    /// Append a summary for GitHub actions to a file; to $GITHUB_STEP_SUMMARY unless it says where
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, default_missing_value = STEP_SUMMARY)]
    summary: Option<PathBuf>,
}

impl Command for Report {
    const NAME: &'static str = "report";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit report --junit run.xml --html run.html -- cat run.subunit
  $ subunit report --github --summary=summary.md --ctrf ctrf.json < run.subunit

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, the
stream was damaged, or the command failed; 2 a report cannot be written, a stream not be
read or the command not be started; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let opened = self.outputs.open(&self.report, console)?;
        if opened.is_empty() {
            return Err(Error::Usage("no report was asked for, such as --junit PATH".into()));
        }
        let mut last = LastLine::default();
        let exit = write_reports(&mut last, opened, &self.report, &self.command, console)?;
        console.say(last.line)?;
        console.flush()?;
        Ok(exit)
    }
}

/// Puts the verdict on a line, for standard error.
#[derive(Default)]
struct LastLine {
    commands: Commands,
    line: String,
}

impl Filter for LastLine {
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
        self.line = verdict_line(&summary, &self.commands);
        out.summary = Some(summary);
        Ok(())
    }
}

/// A report that was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Junit,
    Html,
    Tap,
    Ctrf,
    Csv,
    Jsonl,
    Markdown,
    Trace,
    Otlp,
    Teamcity,
    Github,
    Gitlab,
    Summary,
}

/// How some of them are written.
struct How {
    attachments: Option<AttachmentFolder>,
    version: TapVersion,
    start: Option<Timestamp>,
    title: Option<String>,
    shown: ShownArgs,
}

impl Outputs {
    /// Refuses reports on standard output, where something else stands.
    pub(super) fn refuse_standard_output(&self) -> Result<(), Error> {
        if !self.wanted()?.iter().any(|(_, path)| is_standard(path)) {
            return Ok(());
        }
        let message = "the run is shown on standard output: name a file for each report, such as \
                       --tap FILE or --github=FILE";
        Err(Error::Usage(message.into()))
    }

    /// Opens the reports, and tells of those that cannot be.
    pub(super) fn open<'c>(
        mut self,
        args: &ReportArgs,
        console: &mut Console<'c>,
    ) -> Result<Opened<'c>, Error> {
        let (attachments, version) = (self.attachments.take(), self.tap_version);
        let (start, shown, title) = (self.start.start, self.shown, self.title.take());
        let wanted = self.wanted()?;
        check(&wanted, args)?;
        let attachments = attachments.map(attachment_folder).transpose()?;
        let mut how = How { attachments, version: version.version(), start, title, shown };
        let mut opened = Opened::default();
        for (kind, path) in wanted {
            match open(kind, &path, &mut how, console) {
                Ok(target) => opened.targets.push(target),
                Err(error) => {
                    console.say(format_args!("cannot write {}: {error}", path.display()))?;
                    opened.broken = true;
                }
            }
        }
        Ok(opened)
    }

    fn wanted(&self) -> Result<Vec<(Kind, PathBuf)>, Error> {
        let summary = self.summary.as_deref().map(step_summary).transpose()?;
        let all = [
            (Kind::Junit, &self.junit),
            (Kind::Html, &self.html),
            (Kind::Tap, &self.tap),
            (Kind::Ctrf, &self.ctrf),
            (Kind::Csv, &self.csv),
            (Kind::Jsonl, &self.jsonl),
            (Kind::Markdown, &self.markdown),
            (Kind::Trace, &self.trace),
            (Kind::Otlp, &self.otlp),
            (Kind::Teamcity, &self.teamcity),
            (Kind::Github, &self.github),
            (Kind::Gitlab, &self.gitlab),
            (Kind::Summary, &summary),
        ];
        Ok(all.into_iter().filter_map(|(kind, path)| Some((kind, path.clone()?))).collect())
    }
}

/// What the flag means where it names no file.
const STEP_SUMMARY: &str = "$GITHUB_STEP_SUMMARY";

/// The file of the summary: the one that GitHub names, where the flag names none.
fn step_summary(path: &Path) -> Result<PathBuf, Error> {
    if path.as_os_str() != STEP_SUMMARY {
        return Ok(path.to_owned());
    }
    let named = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
    let none = "--summary: GITHUB_STEP_SUMMARY is not set, so say where: --summary=PATH";
    named.map(PathBuf::from).ok_or_else(|| Error::Usage(none.into()))
}

/// Refuses what would mix reports, or write over what is read.
fn check(wanted: &[(Kind, PathBuf)], args: &ReportArgs) -> Result<(), Error> {
    for (nth, (_, path)) in wanted.iter().enumerate() {
        let standard = is_standard(path);
        if wanted.iter().take(nth).any(|(_, other)| is_one_place(other, path)) {
            let place =
                if standard { "standard output".into() } else { path.display().to_string() };
            return Err(Error::Usage(format!("two reports cannot both go to {place}")));
        }
        if !standard {
            let others = args.expect.iter().chain(&args.judge.baseline).map(PathBuf::as_path);
            refuse_inputs(path, args.inputs.or_standard().into_iter().chain(others))?;
        }
    }
    Ok(())
}

fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn open<'c>(
    kind: Kind,
    path: &Path,
    how: &mut How,
    console: &mut Console<'c>,
) -> io::Result<Target<'c>> {
    if is_standard(path) {
        let report = report(kind, StandardOutput::take(console), how);
        return Ok(Target::new("standard output", true, report));
    }
    let name = path.display().to_string();
    if kind == Kind::Summary {
        return Ok(Target::new(
            name,
            false,
            Box::new(open_step_summary(path)?.with_shown(how.shown.shown())),
        ));
    }
    let (new, file) = NewFile::create(path)?;
    let out = BufWriter::with_capacity(64 * 1024, file);
    Ok(Target::new(name, false, report(kind, out, how)).in_file(new))
}

/// The report, which takes the folder of attachments if it is the one that names them.
fn report<'c>(kind: Kind, out: impl Write + 'c, how: &mut How) -> Box<dyn Written + 'c> {
    match kind {
        Kind::Junit => {
            let options = how.shown.of_junit(JunitOptions::default());
            let writer = JunitWriter::new(out, options);
            match how.attachments.take() {
                Some(folder) => Box::new(writer.with_attachments(folder)),
                None => Box::new(writer),
            }
        }
        Kind::Html => Box::new(html(out, how.title.as_deref(), how.shown)),
        Kind::Tap => Box::new(TapWriter::new(out).with_version(how.version)),
        Kind::Ctrf => Box::new(CtrfWriter::new(out)),
        Kind::Csv => Box::new(CsvWriter::new(out)),
        Kind::Jsonl => Box::new(JsonlWriter::new(out)),
        Kind::Markdown | Kind::Summary => {
            Box::new(MarkdownWriter::new(out).with_shown(how.shown.shown()))
        }
        Kind::Trace => Box::new(TraceWriter::new(out)),
        Kind::Otlp => Box::new(OtlpWriter::new(out).with_start(how.start)),
        Kind::Teamcity => Box::new(TeamCityWriter::new(out)),
        Kind::Github => Box::new(GithubWriter::new(out)),
        Kind::Gitlab => Box::new(GitlabWriter::new(out)),
    }
}
