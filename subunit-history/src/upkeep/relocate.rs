//! Runs that go to another history.

use crate::{Error, Pruned, Store, query::RunRow};

impl Store {
    /// Moves a run into another history: there it is as it was here, and here what it says about its tests stays
    /// known.
    ///
    /// # Errors
    ///
    /// If it cannot be kept there, or not be removed here; then both have it.
    pub fn move_to(&mut self, run: &RunRow, other: &mut Self) -> Result<(), Error> {
        other.import(&self.folder.run(&run.uuid))?;
        if self.is_pinned(&run.uuid) {
            other.pin(&run.uuid, true)?;
        }
        self.prune(&[Pruned { run: run.clone() }])
    }
}
