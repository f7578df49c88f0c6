//! Runs that go to another history.

use crate::{Error, Pruned, Store, query::RunRow};

impl Store {
    /// Moves runs into another history: there they are as they were here, and here what they say about their tests stays
    /// known.
    ///
    /// # Errors
    ///
    /// If it is the very same history, or they cannot be kept there, or not be removed here; then both have them.
    pub fn move_to(&mut self, runs: &[RunRow], other: &mut Self) -> Result<(), Error> {
        let folder = |store: &Self| {
            let root = store.folder.root();
            root.canonicalize().map_err(Error::file(root))
        };
        if folder(self)? == folder(other)? {
            return Err(Error::SameHistory { path: other.folder.root().to_owned() });
        }
        for run in runs {
            other.import(&self.folder.run(&run.uuid))?;
            if self.is_pinned(&run.uuid) {
                other.pin(&run.uuid, true)?;
            }
        }
        let moved: Vec<Pruned> = runs.iter().map(|run| Pruned { run: run.clone() }).collect();
        self.prune(&moved)
    }
}
