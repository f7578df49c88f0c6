//! Where inputs are opened: files, standard input and runs of a history, read as what they hold.

#[cfg(doc)]
use std::io;
use std::{io::Read, path::Path};

use crate::{
    console::{Console, Source},
    exit::Error,
    files::{packed::Unpacked, same_file, stored_run, stored_run::ExportedRun},
};

/// Opens an input: a file, standard input for `-`, or for a verb a run of a history, such as `@12`. And its name, for
/// messages.
///
/// # Errors
///
/// If it cannot be opened, standard input was taken before, or standard output goes there.
pub fn open<'c>(
    path: &Path,
    console: &mut Console<'c>,
) -> Result<(Box<dyn Source + 'c>, String), Error> {
    if path.as_os_str() == "-" {
        let stdin = console.take_stdin()?;
        if stdin.is_typed() && console.is_of_verb() {
            console.say(
                "reading standard input, a terminal: name a file, pipe a stream in, or end with ^D",
            )?;
            console.stderr.flush()?;
        }
        return Ok((Box::new(Unpacked::new(stdin)), "standard input".to_owned()));
    }
    let name = path.display().to_string();
    if let Some(run) = stored_run::named(path).filter(|_| console.is_of_verb()) {
        return Ok((Box::new(ExportedRun::open(run)?), name));
    }
    Ok((Box::new(Unpacked::new(same_file::open(path)?)), name))
}

/// What an input holds, if gzip or zstd has packed it, or else the input itself. It may be [`io::ErrorKind::Interrupted`]
/// while nothing was unpacked yet. What is wrong with an archive is an error that is none of the system.
pub fn unpacked<'r>(input: impl Read + Send + 'r) -> impl Read + Send + 'r {
    Unpacked::new(input)
}

/// Reads a file to its end.
///
/// # Errors
///
/// If it cannot be opened or read, or standard output goes there.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = Unpacked::new(same_file::open(path)?).read_to_end(&mut bytes);
    read.map_err(|source| Error::File { name: path.display().to_string(), source })?;
    Ok(bytes)
}
