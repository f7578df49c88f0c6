//! A connection, its statements and their rows: what questions are written with.

use std::{marker::PhantomData, ops::Deref};

use super::{
    Append, Engine, EngineRow, EngineRows, EngineStatement, FromValue, Params, SqlDialect,
    SqlError, SqlErrorKind, SqlResult, SqlValue,
};

/// A connection to a database of any engine.
#[derive(Debug)]
pub struct Connection(Box<dyn Engine>);

impl Connection {
    /// Of this engine.
    pub fn new(engine: Box<dyn Engine>) -> Self {
        Self(engine)
    }

    pub(crate) fn into_engine(self) -> Box<dyn Engine> {
        self.0
    }

    pub(crate) fn engine(&self) -> &dyn Engine {
        &*self.0
    }

    /// Which SQL it speaks.
    pub fn dialect(&self) -> SqlDialect {
        self.0.dialect()
    }

    /// Prepares a statement; one that was prepared before is taken again.
    ///
    /// # Errors
    ///
    /// Those of the database, as for all of these.
    pub fn prepare(&self, sql: &str) -> SqlResult<Statement<'_>> {
        self.0.prepare(sql).map(Statement)
    }

    /// Prepares a statement, and runs it.
    ///
    /// # Errors
    ///
    /// If the database refuses it.
    pub fn execute(&self, sql: &str, params: impl Params) -> SqlResult<u64> {
        self.prepare(sql)?.execute(params)
    }

    /// Prepares a statement, and reads its first row.
    ///
    /// # Errors
    ///
    /// If there is none, or it cannot be read.
    pub fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(SqlRow<'_>) -> SqlResult<T>,
    ) -> SqlResult<T> {
        self.prepare(sql)?.query_row(params, read)
    }

    /// Rows that go into a table, many at a time: see [`Engine::append`].
    ///
    /// # Errors
    ///
    /// If there is no such table.
    pub fn append(&self, table: &str, columns: &[&str]) -> SqlResult<Box<dyn Append + '_>> {
        self.0.append(table, columns)
    }

    /// Begins a transaction that writes; waits for others that do.
    ///
    /// # Errors
    ///
    /// If they take too long.
    pub fn begin(&mut self) -> SqlResult<Transaction<'_>> {
        self.0.begin()?;
        Ok(Transaction { connection: self, has_ended: false })
    }
}

/// A transaction that writes. Unless it is committed, nothing of it stays.
#[derive(Debug)]
pub struct Transaction<'c> {
    connection: &'c Connection,
    has_ended: bool,
}

impl Transaction<'_> {
    /// All that was written stays.
    ///
    /// # Errors
    ///
    /// If it does not.
    pub fn commit(mut self) -> SqlResult<()> {
        self.connection.0.commit()?;
        self.has_ended = true;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.connection.0.roll_back();
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

/// A prepared statement.
pub struct Statement<'c>(Box<dyn EngineStatement + 'c>);

impl Statement<'_> {
    /// Runs it. Returns how many rows it changed.
    ///
    /// # Errors
    ///
    /// If the database refuses it.
    pub fn execute(&mut self, params: impl Params) -> SqlResult<u64> {
        params.with(|values| self.0.execute(values))
    }

    /// Runs it, and reads what it finds.
    ///
    /// # Errors
    ///
    /// If the database refuses it.
    pub fn query(&mut self, params: impl Params) -> SqlResult<Rows<'_>> {
        params.with(|values| self.0.query(values)).map(Rows)
    }

    /// Runs it, and reads its first row.
    ///
    /// # Errors
    ///
    /// If there is none, or it cannot be read.
    pub fn query_row<T>(
        &mut self,
        params: impl Params,
        read: impl FnOnce(SqlRow<'_>) -> SqlResult<T>,
    ) -> SqlResult<T> {
        let mut rows = self.query(params)?;
        let row = rows.next()?.ok_or_else(SqlError::no_row)?;
        read(row)
    }

    /// Runs it, and reads its rows, each by `read`.
    ///
    /// # Errors
    ///
    /// If the database refuses it.
    pub fn query_map<'s, T, F: FnMut(SqlRow<'_>) -> SqlResult<T>>(
        &'s mut self,
        params: impl Params,
        read: F,
    ) -> SqlResult<MappedRows<'s, T, F>> {
        Ok(MappedRows { rows: self.query(params)?, read, made: PhantomData })
    }
}

/// The rows that a statement finds.
pub struct Rows<'s>(Box<dyn EngineRows + 's>);

impl Rows<'_> {
    /// The next row.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    #[expect(clippy::should_implement_trait, reason = "a row borrows from its rows")]
    pub fn next(&mut self) -> SqlResult<Option<SqlRow<'_>>> {
        Ok(self.0.next()?.map(SqlRow))
    }
}

/// The rows that a statement finds, each read by a function.
pub struct MappedRows<'s, T, F> {
    rows: Rows<'s>,
    read: F,
    made: PhantomData<fn() -> T>,
}

impl<T, F: FnMut(SqlRow<'_>) -> SqlResult<T>> Iterator for MappedRows<'_, T, F> {
    type Item = SqlResult<T>;

    fn next(&mut self) -> Option<SqlResult<T>> {
        match self.rows.next() {
            Ok(row) => row.map(&mut self.read),
            Err(error) => Some(Err(error)),
        }
    }
}

/// A row.
#[derive(Clone, Copy)]
pub struct SqlRow<'r>(&'r dyn EngineRow);

impl<'r> SqlRow<'r> {
    /// What is in a column.
    ///
    /// # Errors
    ///
    /// If there is no such column, or it holds something else.
    pub fn get<T: FromValue>(&self, column: impl Column) -> SqlResult<T> {
        T::from_value(self.get_ref(column)?)
    }

    /// The same, without a copy of text or bytes.
    ///
    /// # Errors
    ///
    /// If there is no such column.
    pub fn get_ref(&self, column: impl Column) -> SqlResult<SqlValue<'r>> {
        self.0.value(column.place(self.0)?)
    }
}

/// What names a column: its place, or its name.
pub trait Column {
    /// Where it is.
    ///
    /// # Errors
    ///
    /// If there is none of this name.
    fn place(&self, row: &dyn EngineRow) -> SqlResult<usize>;
}

impl Column for usize {
    fn place(&self, _: &dyn EngineRow) -> SqlResult<usize> {
        Ok(*self)
    }
}

impl Column for &str {
    fn place(&self, row: &dyn EngineRow) -> SqlResult<usize> {
        let missing = || SqlError::new(SqlErrorKind::Other, format!("there is no column {self}"));
        row.column(self).ok_or_else(missing)
    }
}
