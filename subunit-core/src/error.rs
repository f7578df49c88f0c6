//! Why bytes are not a packet, and why an event cannot become one.

use std::fmt;

/// A part of a packet, by the order it has on the wire.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Field {
    /// The point in time.
    Timestamp,
    /// The test's id.
    TestId,
    /// The set of tags, or one of them.
    Tags,
    /// The MIME type of the file's content.
    MimeType,
    /// The file's name.
    FileName,
    /// The file's content.
    FileContent,
    /// The path of multiplexers.
    RouteCode,
}

impl Field {
    /// The field's name in words: `test id`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp",
            Self::TestId => "test id",
            Self::Tags => "tags",
            Self::MimeType => "mime type",
            Self::FileName => "file name",
            Self::FileContent => "file content",
            Self::RouteCode => "route code",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why bytes that begin like a packet are not one, and which byte of the packet shows it.
///
/// Add the offset of the packet in the stream to get the byte to look at in a hex dump.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[error("{kind} (byte {at} of the packet)")]
pub struct PacketError {
    /// What is wrong.
    pub kind: PacketErrorKind,
    /// Where it shows, in bytes from the signature.
    pub at: u32,
}

/// What is wrong with a packet.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PacketErrorKind {
    /// The first byte is not the signature 0xB3.
    #[error("no signature")]
    Signature,
    /// The version is not 2.
    #[error("version {0} instead of 2")]
    Version(u8),
    /// A bit that version 2 reserves is set.
    #[error("a reserved bit is set")]
    Reserved,
    /// The length is out of the range that a packet can have.
    #[error("a length that no packet can have")]
    Length,
    /// The input, or the packet's slice, ends before the packet does.
    #[error("truncated")]
    Truncated,
    /// The stored checksum is not that of the bytes.
    #[error("checksum is {stored:08x}, bytes sum to {computed:08x}")]
    Checksum {
        /// The checksum at the packet's end.
        stored: u32,
        /// The checksum of the bytes before it.
        computed: u32,
    },
    /// The field needs more bytes than the packet has left.
    #[error("{0} runs past the end of the packet")]
    Overrun(Field),
    /// The field is not UTF-8.
    #[error("{0} is not UTF-8")]
    NotUtf8(Field),
    /// The field holds a NUL byte.
    #[error("{0} holds a NUL byte")]
    Nul(Field),
    /// Another program found it damaged, and recorded the stream in a form that keeps no more than that.
    #[error("recorded as damaged")]
    Recorded,
}

impl PacketErrorKind {
    /// The reason in few words, without numbers: `checksum`, `truncated`, `test id: overrun`.
    pub fn brief(self) -> Brief {
        Brief(self)
    }
}

/// Displays a [`PacketErrorKind`] in few words.
#[derive(Clone, Copy, Debug)]
pub struct Brief(PacketErrorKind);

impl fmt::Display for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            PacketErrorKind::Signature => f.write_str("signature"),
            PacketErrorKind::Version(_) => f.write_str("version"),
            PacketErrorKind::Reserved => f.write_str("reserved"),
            PacketErrorKind::Length => f.write_str("length"),
            PacketErrorKind::Truncated => f.write_str("truncated"),
            PacketErrorKind::Checksum { .. } => f.write_str("checksum"),
            PacketErrorKind::Overrun(field) => write!(f, "{field}: overrun"),
            PacketErrorKind::NotUtf8(field) => write!(f, "{field}: not utf-8"),
            PacketErrorKind::Nul(field) => write!(f, "{field}: nul"),
            PacketErrorKind::Recorded => f.write_str("recorded"),
        }
    }
}

/// Why an event cannot be written as a packet.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The packet would be longer than the protocol allows (4194303 bytes).
    #[error("a packet of {length} bytes: the protocol allows 4194303")]
    TooLong {
        /// The bytes the packet would have.
        length: usize,
    },
    /// A string holds a NUL byte, which the protocol forbids.
    #[error("{0} holds a NUL byte")]
    Nul(Field),
    /// The time is after 2106-02-07T06:28:15Z, for which the protocol has no room.
    #[error("the time is after 2106, for which the protocol has no room")]
    TimeRange,
}

impl From<EncodeError> for std::io::Error {
    /// With the kind [`InvalidInput`](std::io::ErrorKind::InvalidInput).
    fn from(error: EncodeError) -> Self {
        Self::new(std::io::ErrorKind::InvalidInput, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stays_small() {
        assert!(size_of::<PacketError>() <= 16);
    }

    #[test]
    fn names_the_field_and_the_place() {
        let error = PacketError { kind: PacketErrorKind::Overrun(Field::TestId), at: 17 };
        assert_eq!(
            error.to_string(),
            "test id runs past the end of the packet (byte 17 of the packet)"
        );
        assert_eq!(error.kind.brief().to_string(), "test id: overrun");
    }
}
