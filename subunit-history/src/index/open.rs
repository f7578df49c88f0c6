//! How an index is opened: to write, with its tables made or brought up to date, or only to read.

use std::path::{Path, PathBuf};

use super::migrate::{self, StoreId};
use crate::{
    Error,
    intern::{Hash, Intern},
    machine,
    sql::{Connection, SqlError, SqlResult, SqliteEngine, Transaction},
};

/// An open index.
#[derive(Debug)]
pub(crate) struct Index {
    connection: Connection,
    /// Its file, or the address of its database.
    path: PathBuf,
}

impl Index {
    /// Opens an index in a file to write. Makes it if there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let engine = SqliteEngine::open(path).map_err(wrap(path))?;
        Self::write(Connection::new(Box::new(engine)))
    }

    /// Opens an index in a file that is there, to read. Nothing is written, not even beside it.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let engine = SqliteEngine::read(path).map_err(wrap(path))?;
        Self::look(Connection::new(Box::new(engine)))
    }

    /// Opens an index of any engine to write. Makes its tables if there are none.
    pub(crate) fn write(connection: Connection) -> Result<Self, Error> {
        let mut index = Self::look(connection)?;
        index.connection.engine().set_up().map_err(index.error())?;
        if index.version().map_err(index.error())? < migrate::NEWEST {
            let id = StoreId { uuid: machine::new_uuid()?, secret: machine::random()? };
            let error = index.error();
            migrate::to_newest(&mut index.connection, &id).map_err(error)?;
        }
        Ok(index)
    }

    /// Opens an index of any engine, to read.
    pub(crate) fn look(connection: Connection) -> Result<Self, Error> {
        let path = PathBuf::from(connection.engine().name());
        let index = Self { connection, path };
        let found = index.version().map_err(index.error())?;
        if found > migrate::NEWEST {
            return Err(Error::Newer { path: index.path, found, known: migrate::NEWEST });
        }
        Ok(index)
    }

    /// What people call it: its file, or the address of its database.
    pub(crate) fn name(&self) -> String {
        self.connection.engine().name()
    }

    pub(crate) fn into_connection(self) -> Connection {
        self.connection
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// An error of the database, with the name of this index.
    pub(crate) fn error(&self) -> impl Fn(SqlError) -> Error + use<> {
        let path = self.path.clone();
        move |source| Error::Index { path: path.clone(), source }
    }

    /// Begins to write; waits for others that do.
    pub(crate) fn begin(&mut self) -> Result<Transaction<'_>, Error> {
        let error = self.error();
        self.connection.begin().map_err(error)
    }

    fn version(&self) -> SqlResult<i64> {
        self.connection.engine().version()
    }

    /// Whether it has no tables yet.
    pub(crate) fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.version().map_err(self.error())? == 0)
    }

    /// Refuses an index without tables that came with a version: it is only brought up to date to write.
    pub(crate) fn needs(&self, version: i64) -> Result<(), Error> {
        let found = self.version().map_err(self.error())?;
        if found < version {
            return Err(Error::Older { path: self.path.clone(), found, needed: version });
        }
        Ok(())
    }

    /// The tests that are known.
    pub(crate) fn intern(&self) -> Result<Intern, Error> {
        let read = || {
            let connection = &self.connection;
            let secret = "SELECT secret FROM store";
            let secret: i64 = connection.query_row(secret, [], |row| row.get(0))?;
            let known = match connection.engine().test_hashes()? {
                Some(known) => known,
                None => self.test_hashes()?,
            };
            Ok(Intern::new(secret as u64, known))
        };
        read().map_err(self.error())
    }

    /// The hashes of the tests, in their order.
    fn test_hashes(&self) -> SqlResult<Vec<(Hash, u32)>> {
        let count = "SELECT coalesce(max(num), 0) FROM test";
        let count: usize = self.connection.query_row(count, [], |row| row.get(0))?;
        let mut known: Vec<(Hash, u32)> = Vec::with_capacity(count);
        let mut query = self.connection.prepare("SELECT hash, num FROM test_hash ORDER BY hash")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            known.push((row.get(0)?, row.get(1)?));
        }
        Ok(known)
    }
}

fn wrap(path: &Path) -> impl FnOnce(SqlError) -> Error {
    let path = path.to_owned();
    move |source| Error::Index { path, source }
}
