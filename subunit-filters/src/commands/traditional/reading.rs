//! What all traditional tools share: how they read, and what they see.

use std::{
    io,
    path::{Path, PathBuf},
};

use subunit_core::{Damage, Event, FileChunk, Packet, PacketErrorKind, Status};

use crate::{
    console::{Console, Source},
    exit::Error,
    pipeline::{self, Filter, Inputs, Out, TextArgs, run_returning},
    style::pass_text,
};

/// The stream that a tool reads.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Input {
    /// The stream to read; standard input where there is none
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Input {
    /// The file; `-` for standard input.
    pub(super) fn path(&self) -> &Path {
        self.file.as_deref().unwrap_or_else(|| Path::new("-"))
    }

    pub(super) fn inputs(&self) -> Inputs {
        Inputs::subunit(self.file.iter().cloned().collect())
    }
}

/// The flags that reports share.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ReportArgs {
    /// Drop what belongs to no test, in place of passing it on
    #[arg(long)]
    pub(super) no_passthrough: bool,
    /// Write the report to this file
    #[arg(short, long, value_name = "PATH")]
    pub(super) output_to: Option<PathBuf>,
    /// Write the stream itself to standard output, text as packets
    #[arg(short, long)]
    pub(super) forward: bool,
    #[command(flatten)]
    pub(super) input: Input,
}

/// What a tool makes of a stream. It sees events only: bytes outside packets are events of no test with
/// the file `stdout`, and damage is a failing test `subunit.parser`.
pub(super) trait Tool {
    /// An event, and the packet that it was read from, if it was.
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()>;

    /// The stream has ended.
    fn finish(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        Ok(())
    }
}

/// Reads the stream through the tool, and gives the tool back.
pub(super) fn run<T: Tool>(tool: T, input: &Input, console: &mut Console<'_>) -> Result<T, Error> {
    Ok(run_returning(Events(tool), &input.inputs(), TextArgs::default(), console)?.0)
}

/// As [`run`], for an input that is open.
pub(super) fn run_on<T: Tool>(
    tool: T,
    input: &mut dyn Source,
    name: &str,
    console: &mut Console<'_>,
) -> Result<T, Error> {
    Ok(pipeline::run_on(Events(tool), input, name, console)?.0)
}

/// Writes the content of an event to standard output as it is.
pub(super) fn pass_raw(event: &Event<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
    let Some(file) = event.file else { return Ok(()) };
    pass_text(out.console.stdout_look, file.bytes, &mut out.console.stdout)
}

/// Turns all that a stream holds into events.
struct Events<T>(T);

impl<T: Tool> Filter for Events<T> {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.0.event(event, packet, out)
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        let file = Some(FileChunk { name: "stdout", bytes });
        self.0.event(&Event { file, ..Event::default() }, None, out)
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        /// A packet has room for so much, and for the other fields.
        const PIECE: usize = 1 << 20;
        let (mut rest, message) = reference_words(damage);
        let about = Event { test_id: Some("subunit.parser"), ..Event::default() };
        while let Some((bytes, more)) = rest.split_at_checked(PIECE.min(rest.len())) {
            let file = Some(FileChunk { name: "Packet data", bytes });
            let mime_type = Some("application/octet-stream");
            let eof = more.is_empty();
            self.0.event(&Event { file, mime_type, eof, ..about }, None, out)?;
            if eof {
                break;
            }
            rest = more;
        }
        let failed = Event {
            status: Some(Status::Fail),
            file: Some(FileChunk { name: "Parser Error", bytes: message.as_bytes() }),
            mime_type: Some("text/plain;charset=utf8"),
            eof: true,
            ..about
        };
        self.0.event(&failed, None, out)
    }

    fn told_damage(
        &mut self,
        damage: &Damage<'_>,
        _event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.damage(damage, out)
    }

    /// The reference says nothing in the stream.
    fn broken(&mut self, _reason: &str, _out: &mut Out<'_, '_>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.0.finish(out)
    }
}

/// What the reference keeps of damage and says about it; in our words where it has none.
fn reference_words<'a>(damage: &Damage<'a>) -> (&'a [u8], String) {
    let message = match damage.reason.kind {
        PacketErrorKind::Checksum { stored, computed } => {
            format!("Bad checksum - calculated (0x{computed:x}), stored (0x{stored:x})")
        }
        PacketErrorKind::Truncated => {
            return short_read(damage.bytes).unwrap_or_else(|| (damage.bytes, damage.to_string()));
        }
        _ => damage.to_string(),
    };
    (damage.bytes, message)
}

/// A packet that the end of the input cut off: the reference keeps what it read first, six bytes, which
/// hold the length, and counts the rest.
fn short_read(bytes: &[u8]) -> Option<(&[u8], String)> {
    const FIRST: usize = 6;
    let (kept, rest) = bytes.split_at_checked(FIRST)?;
    let [first, second, third] = *kept.last_chunk()?;
    let (tag, first) = (first >> 6, usize::from(first & 0x3f));
    let (second, third) = (usize::from(second), usize::from(third));
    let length = match tag {
        0 => first,
        1 => first << 8 | second,
        _ => first << 16 | second << 8 | third,
    };
    let (got, wanted) = (rest.len(), length.checked_sub(FIRST)?);
    Some((kept, format!("Short read - got {got} bytes, wanted {wanted} bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_cut_off_is_told_as_the_reference_does() {
        let (kept, message) = short_read(b"\xb3\x29\x03\x40\x41\x01rest").unwrap();
        assert_eq!(
            (kept, &message[..]),
            (&b"\xb3\x29\x03\x40\x41\x01"[..], "Short read - got 4 bytes, wanted 59 bytes")
        );
        assert_eq!(short_read(b"\xb3\x29"), None);
        assert_eq!(short_read(b"\xb3\x29\x03\x02\x41\x01"), None);
    }
}
