//! `subunit to-tap`: write a stream as TAP.

use subunit_formats::tap::{TapVersion, TapWriter};

use crate::{
    cli::command::Command,
    commands::to::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::ReportArgs,
};

/// Write a stream as TAP, version 14 or 13
///
/// Each test is a point once its result is final, with a YAML block of its details. Text and earlier
/// attempts are comments. The plan comes last.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToTap {
    #[command(flatten)]
    version: VersionArg,
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToTap {
    const NAME: &'static str = "to-tap";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-tap --tap-version 13 run.subunit
  $ subunit to-tap run.subunit | grep '^not ok'

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a report cannot be written or a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let version = self.version.version();
        write_report(&self.report, console, |out| TapWriter::new(out).with_version(version))
    }
}

/// Which version of TAP is written.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(in crate::commands) struct VersionArg {
    /// Write this version of TAP: 14, or 13 for readers that refuse 14, such as perl's prove
    #[arg(long, value_name = "VERSION", default_value = "14", hide_possible_values = true)]
    tap_version: Version,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Version {
    #[value(name = "13")]
    V13,
    #[default]
    #[value(name = "14")]
    V14,
}

impl VersionArg {
    pub(in crate::commands) fn version(self) -> TapVersion {
        match self.tap_version {
            Version::V13 => TapVersion::V13,
            Version::V14 => TapVersion::V14,
        }
    }
}
