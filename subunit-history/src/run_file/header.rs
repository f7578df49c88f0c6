//! What a run file says besides its stream.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The newest format of run files that this program knows. A reader reads all that came before it.
pub const FORMAT: u64 = 1;

/// What stands in front of the stream. While the run is being written it is in a file beside it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RunHeader {
    /// See [`FORMAT`].
    pub format: u64,
    /// Which run it is.
    pub uuid: String,
    /// Which runs it can be compared with.
    #[serde(default)]
    pub series: String,
    /// Where it stands in its series, the lowest first: microseconds since 1970.
    pub seq: i64,
    /// When it came into the history, in microseconds since 1970.
    pub loaded: i64,
    /// Whether only a selection of the tests was asked for.
    #[serde(default)]
    pub partial: bool,
    /// Whether its writer could not finish it.
    #[serde(default)]
    pub interrupted: bool,
    /// Whether what tests printed that passed was taken out of the stream.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thinned: bool,
    /// What the stream says of itself in its files `run`, the later ones added to the first.
    #[serde(default)]
    pub run: Map<String, Value>,
}

/// What stands after the stream.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct StreamEnd {
    /// Of each frame, its length in the file and the length of what is in it.
    pub frames: Vec<(u64, u64)>,
    /// The length of the stream.
    pub length: u64,
    /// The CRC-32 of the stream.
    pub crc32: u32,
}
