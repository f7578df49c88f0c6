//! `subunit-output`.

use std::{ffi::OsString, path::PathBuf};

use crate::{
    cli::command::Command,
    commands::run::output::{self, TestArgs, Time},
    console::Console,
    exit::{Error, Exit},
};

/// Write one event, for tests that are shell scripts
///
/// As python-subunit's subunit-output. The time is now.
#[derive(Clone, Debug, clap::Args)]
#[command(args_override_self = false)] // two statuses are two events
pub(super) struct Output {
    #[command(flatten)]
    test: TestArgs,
    /// Attach a file; `-` is standard input
    #[arg(long, value_name = "PATH", allow_hyphen_values = true)]
    attach_file: Option<PathBuf>,
    /// Name the attachment; else it has the name of the file, or `stdin`
    #[arg(long, value_name = "NAME", requires = "attach_file", allow_hyphen_values = true)]
    file_name: Option<String>,
    /// Say what type the attachment has, such as `text/plain;charset=utf8`
    #[arg(long, value_name = "TYPE", requires = "attach_file", allow_hyphen_values = true)]
    mimetype: Option<String>,
    /// Add a tag; may be given several times
    #[arg(long = "tag", value_name = "TAG", allow_hyphen_values = true)]
    tags: Vec<String>,
    /// Ignored, as the reference does
    #[arg(hide = true)]
    ignored: Vec<OsString>,
}

impl Command for Output {
    const NAME: &'static str = "subunit-output";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit-output --inprogress backup.restore
  $ tar --version > log && subunit-output --success backup.restore --attach-file log

Exit status: 0, or 2 where the arguments make no event or the file cannot be read.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let event = output::Output {
            test: self.test,
            file: self.attach_file,
            file_name: self.file_name,
            mime_type: self.mimetype,
            tags: self.tags,
            route: None,
            timestamp: Time::Now,
            not_runnable: false,
        };
        event.run(console)
    }
}
