//! How an index is made anew from the run files.

use std::collections::HashMap;

use crate::{
    Error, Store,
    folder::RUN,
    index::{Index, IndexPlace},
    run_file::RunArchive,
    sql::{Connection, SqlResult},
};

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
        let fresh = self.index.connection().engine().fresh().map_err(self.index.error())?;
        let index = Index::write(Connection::new(fresh))?;
        let (folder, files) = (self.folder.clone(), self.files.clone());
        let place = IndexPlace { is_shared: false, ..self.place.clone() };
        let mut store = Self { folder, files, index, place, notes: Vec::new() };
        let count = order.len() as u64;
        let engine = store.index.connection().engine();
        engine.forget_safety().map_err(store.index.error())?;
        let mut intern = store.index.intern()?;
        for (_, _, uuid) in order {
            intern = store.index_run(&uuid, numbers.get(&uuid).copied(), intern)?;
        }
        let fresh = store.index.into_connection().into_engine();
        self.index.connection().engine().replace_by(fresh).map_err(self.index.error())?;
        Ok(count)
    }

    fn numbers(&self) -> SqlResult<HashMap<String, i64>> {
        let mut query = self.index.connection().prepare("SELECT uuid, id FROM run")?;
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }
}
