//! A connection to PostgreSQL, in the schema of a project.

use std::{
    cell::{Cell, RefCell, RefMut},
    collections::HashMap,
    fmt,
};

use postgres::{Client, Statement};
use subunit_history::sql::SqlResult;

use super::{address::Address, failure::failure, numbered::numbered};

/// A connection to PostgreSQL.
pub(super) struct PostgresEngine {
    client: RefCell<Client>,
    pub(super) address: Address,
    pub(super) schema: String,
    /// What was prepared, by its text.
    pub(super) statements: RefCell<HashMap<String, Statement>>,
    /// The version of the tables, as soon as there are any.
    pub(super) version: Cell<Option<i64>>,
}

impl PostgresEngine {
    /// Connects, to work in a schema of the project.
    pub(super) fn connect(address: &Address, schema: &str) -> SqlResult<Self> {
        let mut client = address.connect()?;
        // As long as SQLite waits for others that write.
        let set = format!("SET search_path = {}; SET lock_timeout = '60s'", quoted(schema));
        client.batch_execute(&set).map_err(failure)?;
        Ok(Self {
            client: RefCell::new(client),
            address: address.clone(),
            schema: schema.to_owned(),
            statements: RefCell::default(),
            version: Cell::new(None),
        })
    }

    /// The connection. Nobody keeps it longer than one call takes.
    pub(super) fn client(&self) -> RefMut<'_, Client> {
        self.client.borrow_mut()
    }

    /// A statement that the server knows.
    pub(super) fn prepared(&self, sql: &str) -> SqlResult<Statement> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = self.client().prepare(&numbered(sql)).map_err(failure)?;
        self.statements.borrow_mut().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Runs statements without values.
    pub(super) fn batch(&self, sql: &str) -> SqlResult<()> {
        self.client().batch_execute(sql).map_err(failure)
    }
}

impl fmt::Debug for PostgresEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresEngine({}, {})", self.address, self.schema)
    }
}

/// The name of a schema in a statement. Names of projects have no quotes, and are quoted all the same.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
