//! How runs leave a history: one, or all that are too old, too many or too large.

use crate::{
    Error, Store,
    folder::PINNED,
    index::{blocks, cut, rebuild, settle},
    query::{RunRow, runs},
    sql::{SqlDialect, SqlResult, Transaction},
    tile::duration_key,
};

/// Which runs stay. The last run of a series, its last one that passed, and those that are pinned always stay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keep {
    /// At most this number of runs in each series, the last ones.
    pub runs: Option<u64>,
    /// Runs that began at this time or later, in microseconds since 1970.
    pub since: Option<i64>,
    /// As many of the last runs as fit into this number of bytes, of all series together.
    pub bytes: Option<u64>,
}

/// A run that was removed, or would be.
#[derive(Clone, Debug)]
pub struct Pruned {
    /// The run.
    pub run: RunRow,
}

impl Store {
    /// The runs that do not stay, of those that are meant, the oldest first.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn to_prune(
        &self,
        keep: Keep,
        is_meant: impl Fn(&RunRow) -> bool,
    ) -> Result<Vec<Pruned>, Error> {
        let mut all = runs(self.index.connection(), None).map_err(self.index.error())?;
        all.retain(|run| run.is_kept && is_meant(run));
        let mut size: u64 = all.iter().map(|run| run.stored_bytes).sum();
        let mut pruned = Vec::new();
        // The last ones of each series come first, and the oldest of all go first.
        all.sort_by_key(|run| (run.seq, run.loaded));
        for (at, run) in all.iter().enumerate() {
            let later = || all.iter().skip(at + 1).filter(|other| other.series == run.series);
            let is_last = later().next().is_none();
            let is_green = |run: &RunRow| run.is_green();
            let is_last_green = is_green(run) && !later().any(is_green);
            let is_old = keep.since.is_some_and(|since| run.started < since);
            let is_one_too_many = keep.runs.is_some_and(|runs| later().count() as u64 >= runs);
            let is_too_much = keep.bytes.is_some_and(|bytes| size > bytes);
            if is_last
                || is_last_green
                || self.is_pinned(&run.uuid)
                || !(is_old || is_one_too_many || is_too_much)
            {
                continue;
            }
            size -= run.stored_bytes;
            pruned.push(Pruned { run: run.clone() });
        }
        Ok(pruned)
    }

    /// Removes runs that have become too old. What they say about their tests stays known.
    ///
    /// # Errors
    ///
    /// If the index or the files cannot be changed.
    pub fn prune(&mut self, pruned: &[Pruned]) -> Result<(), Error> {
        let error = self.index.error();
        let transaction = self.index.begin()?;
        let change = || {
            let mut series: Vec<(i64, i64)> = Vec::new();
            for Pruned { run } in pruned {
                let number = "SELECT series FROM run WHERE id = ?";
                let number = transaction.query_row(number, [run.id], |row| row.get(0))?;
                settle(&transaction, number, run.started)?;
                match series.iter_mut().find(|(known, _)| *known == number) {
                    Some((_, seq)) => *seq = run.seq.max(*seq),
                    None => series.push((number, run.seq)),
                }
            }
            for (series, seq) in series {
                cut(&transaction, series, seq)?;
            }
            for Pruned { run } in pruned {
                delete(&transaction, run.id)?;
                // The newest change of a test stays: since then it has been what it is.
                let old = "DELETE FROM change WHERE run = ?1 AND EXISTS(SELECT 1 FROM change newer JOIN run r \
                           ON r.id = newer.run WHERE newer.series = change.series AND newer.test = change.test \
                           AND r.seq > ?2)";
                transaction.execute(old, (run.id, run.seq))?;
            }
            Ok(())
        };
        change().map_err(&error)?;
        transaction.commit().map_err(&error)?;
        self.remove_files(pruned.iter().map(|pruned| &*pruned.run.uuid))
    }

    /// Removes one run, as if it had never been.
    ///
    /// # Errors
    ///
    /// If the index or the files cannot be changed.
    pub fn remove(&mut self, run: &RunRow) -> Result<(), Error> {
        self.remove_rows(&[run.id])?;
        self.remove_files(std::iter::once(&*run.uuid))
    }

    /// Removes runs from the index, as if they had never been.
    pub(crate) fn remove_rows(&mut self, ids: &[i64]) -> Result<(), Error> {
        let error = self.index.error();
        let transaction = self.index.begin()?;
        let change = || {
            let mut changed: Vec<i64> = Vec::new();
            for id in ids {
                let series = "SELECT series FROM run WHERE id = ?";
                changed.push(transaction.query_row(series, [id], |row| row.get(0))?);
                delete(&transaction, *id)?;
                transaction.execute("DELETE FROM change WHERE run = ?", [id])?;
                transaction.execute("DELETE FROM input WHERE run = ?", [id])?;
                transaction.execute("DELETE FROM installed WHERE run = ?", [id])?;
                transaction.execute("UPDATE run SET kept = -1 WHERE id = ?", [id])?;
            }
            changed.sort_unstable();
            changed.dedup();
            changed.into_iter().try_for_each(|series| rebuild(&transaction, series))
        };
        change().map_err(&error)?;
        transaction.commit().map_err(&error)
    }

    fn remove_files<'a>(&self, uuids: impl Iterator<Item = &'a str>) -> Result<(), Error> {
        for uuid in uuids {
            let path = self.folder.run(uuid);
            self.files.remove(&path).map_err(Error::file(&path))?;
            self.pin(uuid, false)?;
        }
        // The bytes go back to the disk.
        self.index.connection().engine().give_back().map_err(self.index.error())
    }

    /// Whether this run stays, whatever is pruned.
    pub fn is_pinned(&self, uuid: &str) -> bool {
        self.folder.of(uuid, PINNED).exists()
    }

    /// Says whether this run stays, whatever is pruned.
    ///
    /// # Errors
    ///
    /// If that cannot be written.
    pub fn pin(&self, uuid: &str, pinned: bool) -> Result<(), Error> {
        let path = self.folder.of(uuid, PINNED);
        let changed = match pinned {
            true => self.files.create(&path).map(drop),
            false => self.files.remove(&path),
        };
        changed.map_err(Error::file(&path))
    }
}

/// Removes the tiles of a run, where the tables have them in their order.
fn delete_tiles(transaction: &Transaction<'_>, run: i64) -> SqlResult<()> {
    if transaction.dialect() == SqlDialect::Postgres {
        transaction.execute("DELETE FROM status_tile WHERE run = ?", [run])?;
        return transaction.execute("DELETE FROM duration_tile WHERE run = ?", [run]).map(drop);
    }
    let mut statuses =
        transaction.prepare("DELETE FROM status_tile WHERE block = ? AND run = ?")?;
    let mut durations = transaction.prepare("DELETE FROM duration_tile WHERE k = ?")?;
    for block in 0..blocks(transaction)? {
        statuses.execute((block, run))?;
        durations.execute([duration_key(block, run)])?;
    }
    Ok(())
}

/// Removes what is known of a run, but for its row.
fn delete(transaction: &Transaction<'_>, run: i64) -> SqlResult<()> {
    delete_tiles(transaction, run)?;
    transaction.execute("DELETE FROM failure WHERE run = ?", [run])?;
    transaction.execute("DELETE FROM attempt WHERE run = ?", [run])?;
    transaction.execute("DELETE FROM metric WHERE run = ?", [run])?;
    transaction.execute("UPDATE run SET kept = 0 WHERE id = ?", [run]).map(drop)
}
