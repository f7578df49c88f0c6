//! How the verbs of a history write JSON.

use serde::Serialize;
use subunit_filters::{console::Console, exit::Error};

pub(super) use crate::json::{
    JsonClusters, JsonDiff, JsonGrid, JsonRun, JsonRuns, JsonShownRun, JsonTest, JsonTests,
    JsonTrends, write_to,
};

/// Whether JSON is asked for.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct JsonArg {
    /// Write one JSON object
    ///
    /// docs/schemas/history.json describes the keys.
    #[arg(long)]
    pub(super) json: bool,
}

/// Writes one object, with the version of the schema.
pub(super) fn write(content: &impl Serialize, console: &mut Console<'_>) -> Result<(), Error> {
    Ok(write_to(content, &mut *console.stdout)?)
}
