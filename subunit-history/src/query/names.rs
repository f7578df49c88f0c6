//! What are tests called?

use crate::sql::{Connection, OptionalRow, SqlResult, Statement};

/// What a test is told apart by.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct TestIdentity {
    /// The named hops of its route, with `/` between them; empty if there are none.
    pub scope: String,
    /// Its id.
    pub id: String,
    /// Whether it can be run by itself.
    pub runnable: bool,
}

/// Looks up names. Ask for numbers in their order: names of tests that came together are beside each other.
pub(crate) struct TestNames<'c> {
    statement: Statement<'c>,
}

impl<'c> TestNames<'c> {
    pub(crate) fn new(connection: &'c Connection) -> SqlResult<Self> {
        let find = "SELECT scope, id, runnable FROM test WHERE num = ?";
        Ok(Self { statement: connection.prepare(find)? })
    }

    /// The test of a number.
    pub(crate) fn of(&mut self, test: u32) -> SqlResult<TestIdentity> {
        let found = self.statement.query_row([test], |row| {
            Ok(TestIdentity { scope: row.get(0)?, id: row.get(1)?, runnable: row.get(2)? })
        });
        Ok(found.optional()?.unwrap_or_default())
    }
}
