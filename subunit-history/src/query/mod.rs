//! Questions to a history. One file each; nothing is written.

mod broken;
mod clusters;
mod diff;
mod facts;
mod failing;
mod failing_stream;
mod failures;
mod flaky;
mod grid;
mod names;
mod policy;
mod run;
mod slowest;
mod stale;
mod test;
mod timed;
mod times;
mod trends;
mod window;

use std::path::Path;

pub use self::{
    broken::BrokenTest,
    clusters::Cluster,
    diff::RunDiff,
    facts::{MetricHistory, RunSnapshot},
    failing::FailingTest,
    failures::RunFailure,
    flaky::{FlakyProof, FlakyTest},
    grid::{Grid, GridKind, GridRow},
    names::TestIdentity,
    policy::{NoticePolicy, PolicyChanges},
    run::{FoundMessage, LiveRun, LiveStream, RecordedResult, RunRow, StoreStamp},
    slowest::SlowTest,
    stale::{
        ChangedInput, DeclaredTests, IdMatcher, InputChange, StaleReason, StaleTest, TestInputs,
    },
    test::{TestHistory, TestRun},
    trends::{GrownMetric, GrownTest, PackageTrend, Trends, WeekTrend},
};
pub(crate) use self::{names::TestNames, run::runs};
use crate::{
    Error,
    folder::HistoryFolder,
    index::Index,
    place::IndexPlace,
    run_file::{RunArchive, RunStream},
};

/// A history that is only read.
#[derive(Debug)]
pub struct History {
    pub(crate) folder: HistoryFolder,
    pub(crate) index: Index,
}

impl History {
    /// Opens a history; `None` if there is none, or no more than its beginning.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or a newer program wrote it.
    pub fn open(root: &Path) -> Result<Option<Self>, Error> {
        let folder = HistoryFolder::new(root);
        let Some(place) = IndexPlace::find(&folder).filter(|place| place.path.exists()) else {
            return Ok(None);
        };
        let index = Index::read(&place.path)?;
        // Whoever began to make it could not go on: the disk was full.
        if index.is_empty()? {
            return Ok(None);
        }
        Ok(Some(Self { folder, index }))
    }

    /// The stream of a run, as it was received.
    ///
    /// # Errors
    ///
    /// If its file cannot be read.
    pub fn stream(&self, run: &RunRow) -> Result<RunStream, Error> {
        RunArchive::open(&self.folder.run(&run.uuid))?.stream()
    }
}
