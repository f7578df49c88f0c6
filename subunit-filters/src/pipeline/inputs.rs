//! Which streams a command reads, and in which format.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::formats::Format;

/// Which streams a command reads.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Inputs {
    /// See [`FromArg`].
    #[command(flatten)]
    pub format: FromArg,
    /// Files to read, one after the other; `-` is standard input, as is none at all
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Which format a command reads.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct FromArg {
    /// Read this format; `auto` finds each there is, line by line
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "auto",
        hide_possible_values = true,
        value_parser = from_parser(),
        long_help = from_help()
    )]
    from: From,
}

impl FromArg {
    /// The format, unless it is to be found out.
    pub fn known(self) -> Option<Format> {
        match self.from {
            From::Auto => None,
            From::Format(format) => Some(format),
        }
    }
}

/// Which format an input has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum From {
    /// To be found out.
    #[default]
    Auto,
    /// Known beforehand.
    Format(Format),
}

fn from_parser() -> impl TypedValueParser<Value = From> {
    let names = Format::ALL.into_iter().map(Format::name);
    PossibleValuesParser::new(std::iter::once("auto").chain(names))
        .map(|word| word.parse().map_or(From::Auto, From::Format))
}

fn from_help() -> String {
    let names: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
    format!(
        "Read this format; `auto` finds each there is, line by line. Formats: {}",
        names.join(" ")
    )
}

impl Inputs {
    /// Files of version 2 of subunit and of nothing else, as the traditional tools read them.
    pub fn subunit(files: Vec<PathBuf>) -> Self {
        Self::of(Format::Subunit, files)
    }

    /// Files of a format that is known.
    pub fn of(format: Format, files: Vec<PathBuf>) -> Self {
        Self { format: FromArg { from: From::Format(format) }, files }
    }

    /// The files; standard input where there is none.
    pub fn or_standard(&self) -> Vec<&Path> {
        if self.files.is_empty() {
            return vec![Path::new("-")];
        }
        self.files.iter().map(PathBuf::as_path).collect()
    }
}

/// What becomes of bytes outside packets.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct TextArgs {
    /// Drop bytes that belong to no packet, in place of passing them on
    #[arg(long)]
    pub no_text: bool,
}

/// The flags that all reports share.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ReportArgs {
    /// Exit with 0 where there was no test at all
    #[arg(long)]
    pub allow_empty: bool,
    /// See [`TextArgs`].
    #[command(flatten)]
    pub text: TextArgs,
    /// See [`Inputs`].
    #[command(flatten)]
    pub inputs: Inputs,
}
