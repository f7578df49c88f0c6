//! The flags that all reports share.

use std::path::PathBuf;

use super::{Inputs, JudgeArgs, TextArgs};

/// The flags that all reports share.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ReportArgs {
    /// Exit with 0 if there was no test at all
    #[arg(long)]
    pub allow_empty: bool,
    /// Fail each test of this list that did not run: an id a line, or a stream that lists tests
    #[arg(long, value_name = "LIST")]
    pub expect: Vec<PathBuf>,
    /// See [`JudgeArgs`].
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// See [`TextArgs`].
    #[command(flatten)]
    pub text: TextArgs,
    /// See [`Inputs`].
    #[command(flatten)]
    pub inputs: Inputs,
}
