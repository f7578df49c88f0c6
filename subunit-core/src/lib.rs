#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod background;
pub mod conventions;
mod date;
mod decoder;
#[doc(hidden)]
pub mod encode;
mod error;
mod event;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod input_reader;
mod io;
mod item;
mod rewrite;
pub mod run;
mod scan;
pub mod sink;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod testing {
    //! For tests.
    pub use crate::sink::recorded::Recorded;
}
pub mod text;
mod timestamp;
pub mod v1;
mod wire;

pub use decoder::{Decoder, Items, items};
pub use error::{Brief, EncodeError, Field, PacketError, PacketErrorKind};
pub use event::{
    Event, EventBuf, FileChunk, FileChunkBuf, RouteCode, RouteCodeBuf, Status, Tags, TagsBuf,
    TagsIter, UnknownStatus,
};
pub use input_reader::{InputReader, PacketReader, TextReader};
#[cfg(feature = "tokio")]
pub use io::codec::{Codec, ItemBuf};
pub use io::{Reader, Writer, read};
pub use item::{Damage, DamageBuf, Item, Mended};
pub use timestamp::{Timestamp, TimestampRangeError};
pub use wire::{
    layout::MAX_LENGTH,
    packet::{Packet, PacketBuf},
};
