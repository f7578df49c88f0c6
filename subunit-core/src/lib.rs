#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod background;
pub mod conventions;
mod crc;
mod cursor;
mod decoder;
#[doc(hidden)]
pub mod encode;
mod error;
mod event;
mod fields;
mod find;
mod flags;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod input_reader;
mod io;
mod item;
mod number;
mod packet;
mod prefixes;
mod reroute;
mod retag;
pub mod run;
mod scan;
pub mod sink;
mod split;
pub mod text;
mod timestamp;
pub mod v1;

pub use decoder::{Decoder, Items, items};
pub use error::{Brief, EncodeError, Field, PacketError, PacketErrorKind};
pub use event::{
    Event, EventBuf, FileChunk, FileChunkBuf, RouteCode, RouteCodeBuf, Status, Tags, TagsBuf,
    TagsIter, UnknownStatus,
};
pub use input_reader::{InputReader, PacketReader};
#[cfg(feature = "tokio")]
pub use io::codec::{Codec, ItemBuf};
pub use io::{Reader, Writer, read};
pub use item::{Damage, DamageBuf, Item, Mended};
pub use packet::{MAX_LENGTH, Packet, PacketBuf};
pub use timestamp::{Timestamp, TimestampRangeError};
