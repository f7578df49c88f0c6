//! What are tests called?

use hashbrown::HashMap;

use crate::sql::{Connection, OptionalRow, SqlResult, SqlRow, Statement};

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

impl TestIdentity {
    fn of(row: SqlRow<'_>) -> SqlResult<Self> {
        Ok(Self { scope: row.get("scope")?, id: row.get("id")?, runnable: row.get("runnable")? })
    }
}

/// Looks up names.
pub(crate) struct TestNames<'c> {
    statement: Statement<'c>,
    known: HashMap<u32, TestIdentity>,
}

impl<'c> TestNames<'c> {
    /// Of some tests, which are not known yet: each is asked for by itself.
    pub(crate) fn new(connection: &'c Connection) -> SqlResult<Self> {
        let find = "SELECT scope, id, runnable FROM test WHERE num = ?";
        Ok(Self { statement: connection.prepare(find)?, known: HashMap::new() })
    }

    /// Of these tests, which are asked for by one question: the way to a database is long.
    pub(crate) fn of_all(
        connection: &'c Connection,
        tests: impl IntoIterator<Item = u32>,
    ) -> SqlResult<Self> {
        let mut names = Self::new(connection)?;
        let dialect = connection.dialect();
        let tests: Vec<u32> = tests.into_iter().collect();
        let read =
            format!("SELECT num, scope, id, runnable FROM test WHERE num {}", dialect.is_one_of());
        let mut read = connection.prepare(&read)?;
        let name = |row: SqlRow<'_>| Ok((row.get(0)?, TestIdentity::of(row)?));
        names.known = read.query_map([dialect.numbers(&tests)], name)?.collect::<SqlResult<_>>()?;
        Ok(names)
    }

    /// The test of a number.
    pub(crate) fn of(&mut self, test: u32) -> SqlResult<TestIdentity> {
        if let Some(known) = self.known.get(&test) {
            return Ok(known.clone());
        }
        Ok(self.statement.query_row([test], TestIdentity::of).optional()?.unwrap_or_default())
    }
}
