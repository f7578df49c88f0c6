//! How a worker of this program says results: packets on the descriptor that the run has given.

use std::{
    fs::{File, OpenOptions},
    io,
    process::Command,
};

use subunit_core::{
    Event, FileChunk, Status, Timestamp, Writer,
    conventions::{REASON, TEXT},
};

/// The variable that names the private folder of a run.
pub(in crate::adapters) const FOLDER: &str = "SUBUNIT_ADAPTER";

/// This variable says that some test may not take as long as it likes.
pub(crate) const LIMITS: &str = "SUBUNIT_ADAPTER_LIMITS";

/// Whether some test has a limit of time.
pub(crate) fn has_limits() -> bool {
    std::env::var_os(LIMITS).is_some()
}

/// Variables of a worker that are not its tests'.
const OWN: [&str; 4] = ["SUBUNIT_TEST_FD", "SUBUNIT_RESULT_FD", FOLDER, LIMITS];

/// Takes these out of the environment of a command.
pub(super) fn without_own(command: &mut Command) -> &mut Command {
    OWN.iter().fold(command, |command, name| command.env_remove(name))
}

/// The path of the descriptor that a variable names.
pub(super) fn descriptor(variable: &str) -> io::Result<String> {
    let missing = |_| io::Error::other(format!("{variable} is not set: `subunit run` sets it"));
    std::env::var(variable).map(|number| format!("/dev/fd/{number}")).map_err(missing)
}

/// Where results go.
pub(super) struct ResultWriter(File);

impl ResultWriter {
    #[cfg(test)]
    pub(super) const fn to(file: File) -> Self {
        Self(file)
    }

    /// The descriptor of the run.
    pub(super) fn open() -> io::Result<Self> {
        let path = descriptor("SUBUNIT_RESULT_FD")?;
        Ok(Self(OpenOptions::new().write(true).open(path)?))
    }

    /// Says an event, at its time or now.
    pub(super) fn say(&mut self, event: &Event<'_>) -> io::Result<()> {
        let timestamp = event.timestamp.or_else(Timestamp::now);
        let mut writer = Writer::new(&mut self.0);
        writer.event(&Event { timestamp, ..*event })?;
        writer.flush()
    }

    /// Says how something ended, and why if there is more to say.
    pub(super) fn end(&mut self, event: &Event<'_>, reason: &str) -> io::Result<()> {
        let bytes = reason.as_bytes();
        let file = Some(FileChunk { name: REASON, bytes }).filter(|_| !bytes.is_empty());
        let mime_type = file.map(|_| TEXT);
        self.say(&Event { file, mime_type, eof: file.is_some(), ..*event })
    }

    /// A failure that cannot be run again by itself.
    pub(super) fn fail_beside(&mut self, name: &str, reason: &str) -> io::Result<()> {
        self.end(&Event { runnable: false, ..Event::status(name, Status::Fail) }, reason)
    }
}
