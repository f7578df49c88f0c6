//! What a verb writes, and where: to standard output, or to a file that takes its name when it is whole.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::{ArgMatches, Args, FromArgMatches};

use crate::{
    console::Console,
    exit::{Error, Exit},
    files::{new_file::NewFile, same_file::refuse_inputs},
};

/// What a verb writes to standard output.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Writes {
    /// Nothing, or what is not for a file.
    Nothing,
    /// Text.
    Text,
    /// A stream, which is binary.
    Stream,
    /// A stream; nothing where this option is given.
    StreamUnless(&'static str),
    /// A stream for whoever reads it at the same time, or that goes on in several turns; nothing where this option is
    /// given.
    LiveStream(Option<&'static str>),
}

#[derive(Clone, Debug, Default, clap::Args)]
struct OutputArg {
    /// Write to FILE instead of standard output, once it is complete
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The folder of a verb that writes many files.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct DirectoryArg {
    /// Write into this folder; it is created if needed
    #[arg(long, short, value_name = "DIR", alias = "dir")]
    pub(crate) directory: PathBuf,
}

/// The same, where it could be named by a word alone before.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct DirectoryOrWord {
    /// Write into this folder; it is created if needed
    #[arg(long, short, value_name = "DIR", required_unless_present = "word")]
    directory: Option<PathBuf>,
    #[arg(value_name = "DIR", hide = true, conflicts_with = "directory")]
    word: Option<PathBuf>,
}

impl DirectoryOrWord {
    /// The folder.
    pub(crate) fn path(self) -> PathBuf {
        self.directory.or(self.word).unwrap_or_default()
    }
}

impl Writes {
    /// The command with the flags that this takes.
    pub(crate) fn add_to(self, command: clap::Command) -> clap::Command {
        if self.may_be_a_file() { OutputArg::augment_args(command) } else { command }
    }

    /// Runs the command, with standard output where it is to be.
    ///
    /// # Errors
    ///
    /// Those of the command. Where standard output is a terminal, which does not show a stream. Where the file is
    /// read, or cannot be written.
    pub(crate) fn run<'c>(
        self,
        matches: &ArgMatches,
        console: &mut Console<'c>,
        run: impl FnOnce(&mut Console<'c>) -> Result<Exit, Error>,
    ) -> Result<Exit, Error> {
        let output = match self.may_be_a_file() {
            true => OutputArg::from_arg_matches(matches).ok().and_then(|arg| arg.output),
            false => None,
        };
        let output = output.filter(|path| path.as_os_str() != "-");
        if let Self::StreamUnless(option) = self
            && matches.contains_id(option)
        {
            return match output {
                None => run(console),
                Some(_) => Err(Error::Usage(format!(
                    "with --{option} nothing is left for --output: remove it"
                ))),
            };
        }
        match output {
            Some(path) => to_file(&path, matches, console, run),
            None => {
                let is_none =
                    matches!(self, Self::LiveStream(Some(option)) if matches.contains_id(option));
                if !is_none {
                    self.refuse_terminal(console)?;
                }
                run(console)
            }
        }
    }

    fn may_be_a_file(self) -> bool {
        matches!(self, Self::Text | Self::Stream | Self::StreamUnless(_))
    }

    /// A terminal would show a stream as what it is not, and obey what is in it.
    fn refuse_terminal(self, console: &Console<'_>) -> Result<(), Error> {
        let way_out = match self {
            Self::Nothing | Self::Text => return Ok(()),
            Self::Stream | Self::StreamUnless(_) => "-o FILE",
            Self::LiveStream(_) => "> FILE",
        };
        if !console.stdout_look.terminal || passes_packets() {
            return Ok(());
        }
        Err(Error::Usage(format!(
            "standard output is a terminal, and a stream is binary: write it to a file by `{way_out}`, or look at \
             it by `| subunit watch`"
        )))
    }
}

/// Whether the terminal is one that changes nothing of what is written, as those that we run commands on.
fn passes_packets() -> bool {
    #[cfg(unix)]
    {
        use rustix::termios::{OutputModes, tcgetattr};
        tcgetattr(io::stdout()).is_ok_and(|modes| !modes.output_modes.contains(OutputModes::OPOST))
    }
    #[cfg(not(unix))]
    {
        false
    }
}

fn to_file<'c>(
    path: &Path,
    matches: &ArgMatches,
    console: &mut Console<'c>,
    run: impl FnOnce(&mut Console<'c>) -> Result<Exit, Error>,
) -> Result<Exit, Error> {
    let read = paths(matches);
    refuse_inputs(path, read.iter().map(PathBuf::as_path).chain([Path::new("-")]))?;
    let failed = |source| Error::File { name: path.display().to_string(), source };
    let (new, file) = NewFile::create(path).map_err(failed)?;
    let copy = file.try_clone().map_err(failed)?;
    let writer = Box::new(BufWriter::with_capacity(64 * 1024, copy));
    let stdout = std::mem::replace(&mut console.stdout, writer);
    let look = std::mem::take(&mut console.stdout_look);
    let result = run(console);
    let flushed = console.stdout.flush();
    console.stdout = stdout;
    console.stdout_look = look;
    match (result, flushed) {
        // What it was made of came to an end too early, which stands in it.
        (Err(error), Ok(())) if !matches!(error, Error::Output(_)) && is_written(&file) => {
            new.put_in_place().map_err(failed)?;
            Err(error)
        }
        (Err(Error::Output(source)), _) => Err(failed(source)),
        (Err(error), _) => Err(error),
        (Ok(_), Err(source)) => Err(failed(source)),
        (Ok(Exit::Broken), Ok(())) => Ok(Exit::Broken),
        (Ok(exit), Ok(())) => {
            new.put_in_place().map_err(failed)?;
            Ok(exit)
        }
    }
}

fn is_written(file: &File) -> bool {
    file.metadata().is_ok_and(|file| file.len() > 0)
}

/// All paths that were given, but that of the output.
fn paths(matches: &ArgMatches) -> Vec<PathBuf> {
    let ids = matches.ids().filter(|id| id.as_str() != "output");
    let paths = ids.filter_map(|id| matches.try_get_many::<PathBuf>(id.as_str()).ok().flatten());
    paths.flatten().cloned().collect()
}
