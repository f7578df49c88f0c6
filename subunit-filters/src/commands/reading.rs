//! How formats become commands: what they say, as a stream.

use std::{io, path::PathBuf};

use subunit_core::{Event, Packet, Timestamp};

use crate::{
    console::Console,
    exit::{Error, Exit},
    formats::Format,
    pipeline::{Filter, Inputs, Out, TextArgs, run_filter},
};

/// The flags of the commands that read a format.
///
/// What stands between the format's lines is passed on as text. Results that come through a pipe without a
/// time get that of their arrival; those of files have the times that the format names.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Reading {
    #[command(flatten)]
    text: TextArgs,
    /// Files to read, one after the other; `-` is standard input, as is none at all
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Reading {
    pub(crate) fn run(self, format: Format, console: &mut Console<'_>) -> Result<Exit, Error> {
        let clock = if is_live(&self.files) && is_told_as_it_happens(format) {
            Timestamp::now
        } else {
            || None
        };
        let packets = Packets { clock };
        run_filter(packets, &Inputs::of(format, self.files), self.text, console)
    }
}

/// Whether what is read happens now: only standard input can, and only where it is no file.
fn is_live(files: &[PathBuf]) -> bool {
    files.iter().all(|file| file.as_os_str() == "-") && !stdin_is_file()
}

#[cfg(unix)]
fn stdin_is_file() -> bool {
    use std::os::fd::AsFd;
    let stdin = io::stdin();
    let copy = stdin.as_fd().try_clone_to_owned().map(std::fs::File::from);
    copy.and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.is_file())
}

#[cfg(not(unix))]
fn stdin_is_file() -> bool {
    false
}

/// Whether runners write the format while they run; documents are written when all is over.
fn is_told_as_it_happens(format: Format) -> bool {
    !matches!(
        format,
        Format::Junit
            | Format::Ctrf
            | Format::Trx
            | Format::Nunit
            | Format::Xunit
            | Format::Automake
    )
}

/// Writes events as packets.
struct Packets {
    clock: fn() -> Option<Timestamp>,
}

impl Filter for Packets {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let timestamp = event.timestamp.or_else(self.clock);
        if timestamp == event.timestamp {
            return out.forward(event, packet);
        }
        out.emit(&Event { timestamp, ..*event })
    }
}
