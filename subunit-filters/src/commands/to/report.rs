//! `subunit report`: one pass, many reports.

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Args, FromArgMatches};
use subunit_core::{Event, Packet, Timestamp};
use subunit_formats::{
    REPORTS,
    ci::github::open_step_summary,
    junit::{AttachmentFolder, JunitOptions, JunitWriter},
    pages::markdown::MarkdownWriter,
    report::{Report as Written, Row},
    tap::{TapVersion, TapWriter},
    traces::otlp::OtlpWriter,
};

use super::{
    to_html::{ShownArgs, html},
    to_junit::attachment_folder,
    to_otlp::StartArg,
    to_tap::VersionArg,
    writing::{Opened, StandardOutput, Target, write_reports},
};
use crate::{
    child::status::Commands,
    cli::command::Command,
    commands::inspect::stats::verdict_line,
    console::Console,
    exit::{Error, Exit, in_words},
    files::{
        new_file::NewFile,
        same_file::{is_one_place, refuse_inputs},
    },
    pipeline::{CommandArgs, Filter, Judged, Out, ReportArgs},
};

/// Write several reports in one pass
///
/// Each report goes to its file; `-` is standard output, for one of them. A file is replaced once its report
/// is complete. Text outside packets goes to standard error, unless the report on standard output has room
/// for it. If one report cannot be written, an error is printed and the others are still completed. The last
/// line on standard error is the verdict.
///
/// A command after `--` is run and its output is read. The run also fails if the command's exit status is
/// not 0.
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
#[derive(Clone, Debug, Default)]
pub(in crate::commands) struct Outputs {
    paths: Vec<(Kind, PathBuf)>,
    options: Options,
}

/// The flags of some reports, each listed after the flag of its report.
#[derive(Clone, Debug, Default)]
struct Options {
    folder: FolderArg,
    title: TitleArg,
    shown: ShownArgs,
    version: VersionArg,
    start: StartArg,
}

#[derive(Clone, Debug, Default, clap::Args)]
struct FolderArg {
    /// Write attachments into this folder, and refer to them in the JUnit XML
    #[arg(long, value_name = "DIR", requires = "junit")]
    attachments: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, clap::Args)]
struct TitleArg {
    /// Title of the page of HTML
    #[arg(long, value_name = "TITLE", requires = "html", hide_short_help = true)]
    title: Option<String>,
}

#[derive(Clone, Debug, Default, clap::Args)]
struct SummaryArg {
    /// Append a summary for GitHub actions, to $GITHUB_STEP_SUMMARY or PATH
    #[arg(long, value_name = "PATH", num_args = 0..=1, require_equals = true, default_missing_value = STEP_SUMMARY)]
    summary: Option<PathBuf>,
}

impl Args for Outputs {
    fn augment_args(command: clap::Command) -> clap::Command {
        let command = REPORTS.iter().fold(command, |command, row| {
            let command = command.arg(flag(row));
            match row.name() {
                "junit" => FolderArg::augment_args(command),
                "html" => ShownArgs::augment_args(TitleArg::augment_args(command)),
                "tap" => VersionArg::augment_args(command),
                "otlp" => StartArg::augment_args(command),
                _ => command,
            }
        });
        SummaryArg::augment_args(command)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Outputs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let path = |row: &'static Row| {
            Some((Kind::Row(row), matches.get_one::<PathBuf>(row.name())?.clone()))
        };
        let summary = SummaryArg::from_arg_matches(matches)?.summary;
        let summary = summary.map(|path| (Kind::Summary, path));
        let paths = REPORTS.iter().filter_map(path).chain(summary).collect();
        let options = Options {
            folder: FolderArg::from_arg_matches(matches)?,
            title: TitleArg::from_arg_matches(matches)?,
            shown: ShownArgs::from_arg_matches(matches)?,
            version: VersionArg::from_arg_matches(matches)?,
            start: StartArg::from_arg_matches(matches)?,
        };
        Ok(Self { paths, options })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The flag of a report.
fn flag(row: &Row) -> Arg {
    let flag = Arg::new(row.name()).long(row.name()).help(row.flag).value_name("PATH");
    let flag = flag.value_parser(clap::value_parser!(PathBuf));
    if row.in_log {
        return flag.num_args(0..=1).require_equals(true).default_missing_value("-");
    }
    flag
}

impl Command for Report {
    const NAME: &'static str = "report";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit report --junit run.xml --html run.html -- cat run.subunit
  $ subunit report --github --summary=summary.md --ctrf ctrf.json < run.subunit

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, the
stream was damaged, or the command failed; 2 a report cannot be written, a stream cannot be
read or the command cannot be started; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let opened = self.outputs.open(&self.report, console)?;
        if opened.is_empty() {
            return Err(Error::Usage("no report given: use an option such as --junit PATH".into()));
        }
        let judged = Judged::Command(&self.command);
        LastLine::default().write(&mut [], opened, &self.report, judged, console)
    }
}

/// Puts the verdict on a line, for standard error.
#[derive(Default)]
pub(in crate::commands) struct LastLine {
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

impl LastLine {
    /// Writes the reports, and the verdict on standard error.
    ///
    /// # Errors
    ///
    /// Those of [`write_reports`].
    pub(in crate::commands) fn write(
        mut self,
        before: &mut [&mut dyn Filter],
        opened: Opened<'_>,
        report: &ReportArgs,
        judged: Judged<'_>,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let mut views: Vec<&mut dyn Filter> =
            before.iter_mut().map(|view| &mut **view as _).collect();
        views.push(&mut self);
        let exit = write_reports(&mut views, opened, report, judged, console)?;
        console.say(self.line)?;
        console.flush()?;
        Ok(exit)
    }
}

/// A report that was asked for.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Row(&'static Row),
    /// In Markdown, at the end of a file that GitHub names.
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
    /// Whether one of the reports goes to standard output.
    pub(in crate::commands) fn take_standard_output(&self) -> bool {
        self.paths.iter().any(|(_, path)| is_standard(path))
    }

    /// Opens the reports, and tells of those that cannot be.
    pub(in crate::commands) fn open<'c>(
        self,
        args: &ReportArgs,
        console: &mut Console<'c>,
    ) -> Result<Opened<'c>, Error> {
        let wanted = self.wanted()?;
        check(&wanted, args)?;
        let Options { folder, title, shown, version, start } = self.options;
        let attachments = folder.attachments.map(attachment_folder).transpose()?;
        let (version, start, title) = (version.version(), start.start, title.title);
        let mut how = How { attachments, version, start, title, shown };
        let mut opened = Opened::default();
        for (kind, path) in wanted {
            match open(kind, &path, &mut how, console) {
                Ok(target) => opened.targets.push(target),
                Err(error) => {
                    console.say(format_args!(
                        "cannot write {}: {}",
                        path.display(),
                        in_words(&error)
                    ))?;
                    opened.broken = true;
                }
            }
        }
        Ok(opened)
    }

    fn wanted(&self) -> Result<Vec<(Kind, PathBuf)>, Error> {
        let named = |(kind, path): &(Kind, PathBuf)| match kind {
            Kind::Summary => Ok((*kind, step_summary(path)?)),
            Kind::Row(_) => Ok((*kind, path.clone())),
        };
        self.paths.iter().map(named).collect()
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
    let none = "--summary: GITHUB_STEP_SUMMARY is not set: name a file: --summary=PATH";
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
    let name = path.display().to_string();
    let row = match kind {
        Kind::Row(row) => row,
        Kind::Summary if is_standard(path) => {
            let out = StandardOutput::take(console);
            let summary = MarkdownWriter::new(out).with_shown(how.shown.shown());
            return Ok(Target::new("standard output", true, Box::new(summary)));
        }
        Kind::Summary => {
            let summary = open_step_summary(path)?.with_shown(how.shown.shown());
            return Ok(Target::new(name, false, Box::new(summary)));
        }
    };
    if is_standard(path) {
        let report = report(row, StandardOutput::take(console), how);
        return Ok(Target::new("standard output", true, report));
    }
    let (new, file) = NewFile::create(path)?;
    let out = BufWriter::with_capacity(64 * 1024, file);
    Ok(Target::new(name, false, report(row, out, how)).in_file(new))
}

/// The report, by its flags; it takes the folder of attachments if it is the one that names them.
fn report<'c>(row: &Row, out: impl Write + 'c, how: &mut How) -> Box<dyn Written + 'c> {
    match row.name() {
        "junit" => {
            let options = how.shown.of_junit(JunitOptions::default());
            let writer = JunitWriter::new(out, options);
            match how.attachments.take() {
                Some(folder) => Box::new(writer.with_attachments(folder)),
                None => Box::new(writer),
            }
        }
        "html" => Box::new(html(out, how.title.as_deref(), how.shown)),
        "tap" => Box::new(TapWriter::new(out).with_version(how.version)),
        "markdown" => Box::new(MarkdownWriter::new(out).with_shown(how.shown.shown())),
        "otlp" => Box::new(OtlpWriter::new(out).with_start(how.start)),
        _ => (row.open)(Box::new(out)),
    }
}
