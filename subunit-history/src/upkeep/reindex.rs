//! How an index is made anew from the run files.

use std::{collections::HashMap, time::Duration};

use rusqlite::{Connection, backup::Backup};

use crate::{Error, Store, folder::RUN, place::IndexPlace, run_file::RunArchive};

impl Store {
    /// Makes the index anew from the run files. Runs keep their numbers, as far as the index knows them. Returns how
    /// many there are.
    ///
    /// Others may read meanwhile, and write: what they put into the index is read from its file at the next
    /// [`Store::open`].
    ///
    /// # Errors
    ///
    /// If a file cannot be read or the index not be written. Then the index is as it was.
    pub fn reindex(&mut self) -> Result<u64, Error> {
        let numbers = self.numbers().unwrap_or_default();
        let mut order = Vec::new();
        for uuid in self.folder.uuids(RUN)? {
            match RunArchive::open(&self.folder.run(&uuid)) {
                Ok(file) => {
                    let id = numbers.get(&uuid).copied();
                    order.push((id.unwrap_or(i64::MAX), file.header().loaded, uuid));
                }
                Err(error) => self.notes.push(format!("a run is left out: {error}")),
            }
        }
        order.sort_unstable();
        let path = self.place.path.with_extension("db.new");
        let remove = |path: &std::path::Path| {
            for end in ["", "-wal", "-shm"] {
                let mut name = path.as_os_str().to_owned();
                name.push(end);
                self.files.remove(std::path::Path::new(&name)).map_err(Error::file(path))?;
            }
            Ok(())
        };
        remove(&path)?;
        let place = IndexPlace { path: path.clone(), is_shared: false };
        let index = crate::index::Index::open(&place.path)?;
        let (folder, files) = (self.folder.clone(), self.files.clone());
        let mut store = Self { folder, files, index, place, notes: Vec::new() };
        let count = order.len() as u64;
        store.index.forget_safety()?;
        let mut intern = store.index.intern()?;
        for (_, _, uuid) in order {
            intern = store.index_run(&uuid, numbers.get(&uuid).copied(), intern)?;
        }
        let copied = copy(store.index.connection(), &self.place.path);
        copied.map_err(self.index.error())?;
        drop(store);
        remove(&path)?;
        Ok(count)
    }

    fn numbers(&self) -> rusqlite::Result<HashMap<String, i64>> {
        let mut query = self.index.connection().prepare("SELECT uuid, id FROM run")?;
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }
}

/// Replaces an index by another one, for everybody at once.
fn copy(from: &Connection, to: &std::path::Path) -> rusqlite::Result<()> {
    const PAGES: i32 = 10_000;
    let mut to = Connection::open(to)?;
    to.busy_timeout(Duration::from_secs(60))?;
    Backup::new(from, &mut to)?.run_to_completion(PAGES, Duration::from_millis(10), None)
}
