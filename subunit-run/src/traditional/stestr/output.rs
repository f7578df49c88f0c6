//! Where stestr shows runs.

use std::io::{self, Stdout, Write};

/// Standard output, or nothing with `--quiet`.
#[derive(Debug)]
pub(super) enum RunOutput {
    /// Standard output.
    Shown(Stdout),
    /// Nothing.
    Hidden,
}

impl RunOutput {
    /// Standard output, unless it is to be quiet.
    pub(super) fn new(quiet: bool) -> Self {
        if quiet { Self::Hidden } else { Self::Shown(io::stdout()) }
    }

    /// Says why nothing runs. Returns the exit status.
    pub(super) fn say(mut self, what: &str, status: u8) -> io::Result<u8> {
        self.write_all(what.as_bytes())?;
        self.flush()?;
        Ok(status)
    }
}

impl Write for RunOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Shown(stdout) => stdout.write(bytes),
            Self::Hidden => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Shown(stdout) => stdout.flush(),
            Self::Hidden => Ok(()),
        }
    }
}
