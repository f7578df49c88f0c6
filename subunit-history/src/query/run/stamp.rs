//! Has a store changed since?

use std::{fs, path::Path, time::UNIX_EPOCH};

use twox_hash::XxHash3_128;

use crate::{Error, folder::HistoryFolder, index::IndexPlace, query::History};

/// What changes with each write to a store. Two equal ones mean that nothing was written between them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StoreStamp {
    /// Which file the index is: another one after the index was made anew.
    pub file: u64,
    /// What was written to it last.
    pub change: u64,
}

impl StoreStamp {
    /// That of the history in a folder; `None` if there is no index. Take it before you ask, so that an answer is never
    /// older than its stamp.
    pub fn of(root: &Path) -> Option<Self> {
        let index = IndexPlace::find(&HistoryFolder::new(root))?.path;
        let mut log = index.clone().into_os_string();
        log.push("-wal");
        let found = fs::metadata(&index).ok()?;
        let said =
            [written(&found), fs::metadata(log).ok().as_ref().map(written).unwrap_or_default()];
        let file = identity(&found);
        let change = XxHash3_128::oneshot(format!("{file} {said:?}").as_bytes()) as u64;
        Some(Self { file, change })
    }
}

impl History {
    /// That of this history; `None` if it is not known. Take it before you ask, so that an answer is never older than its
    /// stamp.
    ///
    /// # Errors
    ///
    /// If its database does not answer.
    pub fn stamp(&self) -> Result<Option<StoreStamp>, Error> {
        let said = self.index.connection().engine().stamp().map_err(self.index.error())?;
        if let Some((file, change)) = said {
            return Ok(Some(StoreStamp { file, change }));
        }
        let Some(StoreStamp { file, change }) = StoreStamp::of(self.folder.root()) else {
            return Ok(None);
        };
        // The log is written before anybody sees what is in it, and its time is that of a tick: what is seen is asked, too.
        let seen = "SELECT count(*), coalesce(max(id), 0), coalesce(sum(kept), 0) FROM run";
        let seen: [i64; 3] = self
            .index
            .connection()
            .query_row(seen, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))
            .map_err(self.index.error())?;
        let change = XxHash3_128::oneshot(format!("{change} {seen:?}").as_bytes()) as u64;
        Ok(Some(StoreStamp { file, change }))
    }
}

/// When a file was last written, in nanoseconds since 1970, and its length.
fn written(file: &fs::Metadata) -> (u128, u64) {
    let time = file.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    (time.unwrap_or_default().as_nanos(), file.len())
}

#[cfg(unix)]
fn identity(file: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    XxHash3_128::oneshot(format!("{} {}", file.dev(), file.ino()).as_bytes()) as u64
}

/// Where files have no numbers, one is told apart by when it was made.
#[cfg(not(unix))]
fn identity(file: &fs::Metadata) -> u64 {
    let made = file.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    made.unwrap_or_default().as_nanos() as u64
}
