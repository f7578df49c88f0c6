//! What an engine implements.

use std::fmt::Debug;

use super::{SqlDialect, SqlResult, SqlValue};

/// A hash of the name of a test, and the number of the test.
pub type TestHash = ([u8; 12], u32);

/// A connection to a database, as an engine makes it. The calls take `&self`: a statement may run while the rows of another
/// one are read.
pub trait Engine: Debug + Send {
    /// Which SQL it speaks.
    fn dialect(&self) -> SqlDialect;

    /// What people call it in messages: a file, or the address of a database without its password.
    fn name(&self) -> String;

    /// Prepares a statement, or takes one that was prepared before.
    ///
    /// # Errors
    ///
    /// Those of the database, as for all of these.
    fn prepare<'e>(&'e self, sql: &str) -> SqlResult<Box<dyn EngineStatement + 'e>>;

    /// Runs several statements without values.
    ///
    /// # Errors
    ///
    /// If one of them fails.
    fn execute_batch(&self, sql: &str) -> SqlResult<()>;

    /// Rows that go into a table, many at a time. They are there when it is finished.
    ///
    /// # Errors
    ///
    /// If there is no such table.
    fn append<'e>(&'e self, table: &str, columns: &[&str]) -> SqlResult<Box<dyn Append + 'e>>;

    /// Sets up what holds for those who write; it is known that no newer program has made the tables.
    ///
    /// # Errors
    ///
    /// If that fails.
    fn set_up(&self) -> SqlResult<()>;

    /// The rows of `test_hash` in the order of the hashes, if the engine has a faster way than to be asked for them.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn test_hashes(&self) -> SqlResult<Option<Vec<TestHash>>> {
        Ok(None)
    }

    /// Rows of this run are about to come, and its number is in use, whoever gave it.
    ///
    /// # Errors
    ///
    /// If there is no room for them.
    fn make_room(&self, _run: i64) -> SqlResult<()> {
        Ok(())
    }

    /// Begins a transaction that writes; waits for others that do.
    ///
    /// # Errors
    ///
    /// If they take too long.
    fn begin(&self) -> SqlResult<()>;

    /// Ends it: all that was written stays.
    ///
    /// # Errors
    ///
    /// If it does not.
    fn commit(&self) -> SqlResult<()>;

    /// Ends it: nothing that was written stays.
    fn roll_back(&self);

    /// The version of the tables; 0 if there are none.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn version(&self) -> SqlResult<i64>;

    /// Says which version the tables are of.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn set_version(&self, version: i64) -> SqlResult<()>;

    /// Which tables these are, and what was written to them last; `None` if the files of the index say it.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn stamp(&self) -> SqlResult<Option<(u64, u64)>> {
        Ok(None)
    }

    /// The database is made anew, and made again from the beginning if that is not finished: nothing waits for the disk.
    ///
    /// # Errors
    ///
    /// If that cannot be said.
    fn forget_safety(&self) -> SqlResult<()>;

    /// What is wrong with the pages of the database, if that can be asked.
    ///
    /// # Errors
    ///
    /// If it cannot be answered.
    fn integrity(&self) -> SqlResult<Option<String>>;

    /// Gives the room of what was removed back.
    ///
    /// # Errors
    ///
    /// If that fails.
    fn give_back(&self) -> SqlResult<()>;

    /// An empty database beside this one.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    fn fresh(&self) -> SqlResult<Box<dyn Engine>>;

    /// Puts the database that [`Engine::fresh`] has made in the place of this one, for everybody at once.
    ///
    /// # Errors
    ///
    /// If this one is as it was.
    fn replace_by(&self, fresh: Box<dyn Engine>) -> SqlResult<()>;
}

/// A prepared statement.
pub trait EngineStatement {
    /// Runs it. Returns how many rows it changed.
    ///
    /// # Errors
    ///
    /// If the database refuses it.
    fn execute(&mut self, values: &[SqlValue<'_>]) -> SqlResult<u64>;

    /// Runs it, and reads what it finds.
    ///
    /// # Errors
    ///
    /// If the database refuses it.
    fn query<'s>(&'s mut self, values: &[SqlValue<'_>]) -> SqlResult<Box<dyn EngineRows + 's>>;
}

/// The rows that a statement finds.
pub trait EngineRows {
    /// The next row.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn next(&mut self) -> SqlResult<Option<&dyn EngineRow>>;
}

/// A row.
pub trait EngineRow {
    /// What is in a column.
    ///
    /// # Errors
    ///
    /// If there is no such column, or its value is none of [`SqlValue`].
    fn value(&self, column: usize) -> SqlResult<SqlValue<'_>>;

    /// Where the column of this name is.
    fn column(&self, name: &str) -> Option<usize>;
}

/// Rows on their way into a table.
pub trait Append {
    /// Adds a row.
    ///
    /// # Errors
    ///
    /// If the database refuses it.
    fn add(&mut self, values: &[SqlValue<'_>]) -> SqlResult<()>;

    /// All rows are in the table.
    ///
    /// # Errors
    ///
    /// If the database refuses one of them.
    fn finish(self: Box<Self>) -> SqlResult<()>;
}
