//! Which streams a command reads, and in which format.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use subunit_core::InputReader;
use subunit_formats::{Format, auto::AutoReader};

use super::offering;
use crate::{exit::Error, files::same_file::refuse_standard_output};

/// Which streams a command reads.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Inputs {
    /// See [`FromArg`].
    #[command(flatten)]
    pub format: FromArg,
    /// Files to read, in order; reads standard input if none is given, or for `-`
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Which format a command reads.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct FromArg {
    /// Read this format; `auto` detects it line by line
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
        self.from.known()
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

impl From {
    /// The format, unless it is to be found out.
    pub fn known(self) -> Option<Format> {
        match self {
            Self::Auto => None,
            Self::Format(format) => Some(format),
        }
    }
}

/// Which format an input of several has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FromOf {
    /// The input's name; all that are not named where there is none.
    pub name: Option<String>,
    /// Its format.
    pub format: From,
}

impl std::str::FromStr for FromOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // No format has a `=` in its name, and an input may.
        let (name, word) = match text.rsplit_once('=') {
            Some((name, word)) => (Some(name.to_owned()), word),
            None => (None, text),
        };
        let format = match word {
            "auto" => From::Auto,
            word => {
                let unknown =
                    |_| format!("`{word}` is not a format; use one of {}", format_names());
                From::Format(word.parse().map_err(unknown)?)
            }
        };
        Ok(Self { name, format })
    }
}

impl FromOf {
    /// Offers the formats, with which the name of an input may be written.
    pub(crate) fn parser() -> impl TypedValueParser<Value = Self> {
        let parse = |text: &str| text.parse::<Self>();
        offering(parse, from_words)
    }

    /// The reader of the input of this name: as it was named last, or else as all were.
    pub fn reader(all: &[Self], name: &str) -> Box<dyn InputReader> {
        let named = all.iter().rev().find(|one| one.name.as_deref() == Some(name));
        let one = named.or_else(|| all.iter().rev().find(|one| one.name.is_none()));
        Box::new(AutoReader::new(one.and_then(|one| one.format.known())))
    }
}

fn from_parser() -> impl TypedValueParser<Value = From> {
    PossibleValuesParser::new(from_words())
        .map(|word| word.parse().map_or(From::Auto, From::Format))
}

fn from_words() -> Vec<&'static str> {
    std::iter::once("auto").chain(Format::ALL.map(Format::name)).collect()
}

fn from_help() -> String {
    format!("Read this format; `auto` detects it line by line. Formats: {}", format_names())
}

/// The names of all formats, for messages.
pub(crate) fn format_names() -> String {
    Format::ALL.map(Format::name).join(" ")
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

    /// Refuses inputs that standard output goes to, before anything is written.
    ///
    /// # Errors
    ///
    /// If there is one.
    pub(crate) fn refuse_output(&self) -> Result<(), Error> {
        self.or_standard().into_iter().try_for_each(refuse_standard_output)
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
    /// Discard text outside packets instead of passing it through; damage stays
    #[arg(long)]
    pub no_text: bool,
}
