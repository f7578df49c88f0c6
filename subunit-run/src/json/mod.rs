//! What `--json` writes of a history: objects as docs/schemas/history.json describes them. The verbs write them, and the server
//! answers with them.

mod answers;
mod run;
mod test;

use std::io;

use serde::Serialize;
use subunit_core::Timestamp;

pub use self::{
    answers::{JsonClusters, JsonDiff, JsonGrid, JsonTrends},
    run::{JsonRun, JsonRuns, JsonShownRun},
    test::{JsonTest, JsonTestRun, JsonTests},
};

/// Writes one object, with the version of the schema, and the end of a line.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_to(content: &impl Serialize, mut to: impl io::Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Versioned<'c, C> {
        version: u32,
        #[serde(flatten)]
        content: &'c C,
    }
    let versioned = Versioned { version: 1, content };
    serde_json::to_writer(&mut to, &versioned)?;
    to.write_all(b"\n")
}

/// A point in time, in microseconds since 1970, to the second.
pub fn time(micros: i64) -> String {
    let seconds = u32::try_from(micros / 1_000_000).unwrap_or_default();
    Timestamp::new(seconds, 0).to_rfc3339().replace(".000000000", "")
}

/// Microseconds as seconds.
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}
