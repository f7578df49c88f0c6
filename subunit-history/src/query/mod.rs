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
    Database, Error, HistoryAccess,
    folder::HistoryFolder,
    index::{Index, IndexPlace},
    run_file::{RunArchive, RunStream},
    sql::{Connection, database},
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
        if let Some(opened) = database::open(root, HistoryAccess::Read) {
            let Database { connection, files } = opened?;
            return Self::open_on(connection, files.as_deref());
        }
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

    /// Opens a history whose index is in a database of any engine; `None` if there is none. `files` is the folder of its run
    /// files; without it what needs the stream of a run says so.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or a newer program wrote it.
    pub fn open_on(connection: Connection, files: Option<&Path>) -> Result<Option<Self>, Error> {
        let index = Index::look(connection)?;
        if index.is_empty()? {
            return Ok(None);
        }
        let folder = files.map_or_else(HistoryFolder::nowhere, HistoryFolder::new);
        Ok(Some(Self { folder, index }))
    }

    /// The file of a run.
    pub(crate) fn archive(&self, uuid: &str) -> Result<RunArchive, Error> {
        if self.folder.is_nowhere() {
            return Err(Error::NoFiles { history: self.index.name() });
        }
        RunArchive::open(&self.folder.run(uuid))
    }

    /// The stream of a run, as it was received.
    ///
    /// # Errors
    ///
    /// If its file cannot be read.
    pub fn stream(&self, run: &RunRow) -> Result<RunStream, Error> {
        self.archive(&run.uuid)?.stream()
    }
}
