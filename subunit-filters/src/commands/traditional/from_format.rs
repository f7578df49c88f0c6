//! `tap2subunit`, `gojson2subunit`, `junitxml2subunit`, `subunit-1to2` and `subunit-2to1`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use subunit_core::v1;
use subunit_formats::{
    json::gojson::PythonGoJsonReader, junit::PythonJunitReader, tap::PythonTapReader,
};

use super::reading::Input;
use crate::{
    cli::command::Command,
    commands::{
        from::converting::{Packets, TextAs, convert, convert_all},
        to::two_to_one::OldWriter,
    },
    console::Console,
    exit::{Error, Exit},
    files::input::open,
    pipeline::{TextArgs, run_filter},
};

/// Make a stream of TAP
///
/// As python-subunit's tap2subunit; `subunit from-tap` reads more of TAP.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct FromTap {}

impl Command for FromTap {
    const NAME: &'static str = "tap2subunit";
    const EXAMPLES: &'static str = "\
Examples:
  $ printf '1..1\\nok 1 - works\\n' | tap2subunit | subunit-ls
  $ printf '1..2\\nok 1\\n' | tap2subunit | subunit-stats

Exit status: 0, or 2 where the input cannot be read or the stream cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let text = TextAs::Packets(Some("text/plain; charset=UTF8"));
        let stdin = [Path::new("-")];
        convert_all(&stdin, text, console, || Box::new(PythonTapReader::new()))?;
        Ok(Exit::Passed)
    }
}

/// Make a stream of what `go test -json` writes
///
/// As python-subunit's gojson2subunit; `subunit from-gojson` loses nothing.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct FromGojson {}

impl Command for FromGojson {
    const NAME: &'static str = "gojson2subunit";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo '{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"}' | gojson2subunit | subunit-ls
  $ echo '{\"Action\":\"skip\",\"Package\":\"p\",\"Test\":\"T\"}' | gojson2subunit | subunit-stats

Exit status: 0; 1 where a test failed; 2 where the input cannot be read or the stream cannot be
written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let stdin = [Path::new("-")];
        let reader = || Box::new(PythonGoJsonReader::new()) as _;
        let counts = convert_all(&stdin, TextAs::Text, console, reader)?;
        Ok(if counts.fail > 0 { Exit::Failed } else { Exit::Passed })
    }
}

/// Make a stream of reports in JUnit XML
///
/// As python-subunit's junitxml2subunit; `subunit from-junit` reads more of them. What is no report goes
/// to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct FromJunit {
    /// Read all files of this folder and of those in it whose names end in .xml, first thing
    #[arg(short, long = "dir", value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// The reports
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Command for FromJunit {
    const NAME: &'static str = "junitxml2subunit";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit2junitxml run.subunit > run.xml; junitxml2subunit run.xml | subunit-stats
  $ mkdir reports; subunit2junitxml -o reports/a.xml run.subunit; junitxml2subunit -d reports | subunit-ls

Exit status: 0; 1 where a test failed or a report is not well-formed; 2 where there is no report
or one cannot be read.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut paths = Vec::new();
        for folder in &self.dirs {
            let name = folder.display().to_string();
            collect(folder, &mut paths).map_err(|source| Error::File { name, source })?;
        }
        paths.extend(self.files);
        if paths.is_empty() {
            return Err(Error::Usage("there is no report: name files, or a folder by -d".into()));
        }
        let mut inputs = Vec::new();
        for path in &paths {
            inputs.push(open(path, console)?);
        }
        // One reader for all: its clock goes on.
        let mut reader = PythonJunitReader::new();
        let mut packets = Packets::new(console, TextAs::StandardError);
        let mut broken = false;
        for (input, name) in &mut inputs {
            convert(&mut reader, &mut **input, name, &mut packets)?;
            if reader.no_xml() {
                broken = true;
                packets.say(format_args!("{name}: it is no XML"))?;
            }
        }
        packets.flush()?;
        let failed = broken || packets.counts().fail > 0;
        Ok(if failed { Exit::Failed } else { Exit::Passed })
    }
}

/// The reports of a folder, by name, and then those of the folders in it. Links to folders are not
/// followed.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_folder);
    let reports = files.iter().map(fs::DirEntry::path);
    paths.extend(reports.filter(|path| path.extension().is_some_and(|end| end == "xml")));
    folders.iter().try_for_each(|folder| collect(&folder.path(), paths))
}

/// Make a stream of version 2 of one of version 1
///
/// As python-subunit's subunit-1to2: events before the first time of the input get that of now. What
/// is left of a chunk that was cut off goes to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct OneToTwo {
    #[command(flatten)]
    input: Input,
}

impl Command for OneToTwo {
    const NAME: &'static str = "subunit-1to2";
    const EXAMPLES: &'static str = "\
Examples:
  $ printf 'test: a\\nsuccess: a\\n' | subunit-1to2 | subunit-ls
  $ subunit-2to1 run.subunit | subunit-1to2 | subunit-stats

Exit status: 0, or 2 where the input cannot be read or the stream cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let (mut input, name) = open(self.input.path(), console)?;
        let mut packets = Packets::new(console, TextAs::Text).timed().damage_aside();
        convert(&mut v1::Parser::new(), &mut *input, &name, &mut packets)?;
        Ok(Exit::Passed)
    }
}

/// Write a stream in version 1 of the protocol
///
/// As python-subunit's subunit-2to1, byte for byte.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct TwoToOne {
    /// Drop what belongs to no test, in place of passing it on
    #[arg(long)]
    no_passthrough: bool,
    #[command(flatten)]
    input: Input,
}

impl Command for TwoToOne {
    const NAME: &'static str = "subunit-2to1";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit-2to1 run.subunit
  $ subunit-2to1 < run.subunit | subunit-1to2 | subunit-stats

Exit status: 0, or 2 where the stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let writer = OldWriter::new(true, self.no_passthrough);
        run_filter(writer, &self.input.inputs(), TextArgs::default(), console)
    }
}
