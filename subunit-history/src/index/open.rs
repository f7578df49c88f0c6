//! How an index is opened: to write, with its tables made or brought up to date, or only to read.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::upgrade;
use crate::{
    Error,
    intern::{Hash, Intern},
    machine::{self, now},
};

/// The steps from an empty database to the newest version, each in a transaction. Never change one that was
/// published.
const MIGRATIONS: [&str; 5] = [
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_weeks.sql"),
    include_str!("migrations/0003_facts.sql"),
    include_str!("migrations/0004_inputs.sql"),
    include_str!("migrations/0005_installed.sql"),
];

/// The newest version that this program knows.
const VERSION: i64 = MIGRATIONS.len() as i64;

/// How long to wait for other processes that write.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open index.
#[derive(Debug)]
pub(crate) struct Index {
    connection: Connection,
    path: PathBuf,
    /// Whether it was empty: all runs are to be read.
    pub(crate) is_new: bool,
}

impl Index {
    /// Opens an index to write. Makes it if there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let wrap = |source| Error::Index { path: path.to_owned(), source };
        let connection = Connection::open(path).map_err(wrap)?;
        connection.busy_timeout(PATIENCE).map_err(wrap)?;
        let mut index = Self { connection, path: path.to_owned(), is_new: false };
        index.refuse_newer()?;
        index.set_up().map_err(wrap)?;
        index.migrate()?;
        Ok(index)
    }

    /// Opens an index that is there, to read. Nothing is written, not even beside it.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let wrap = |source| Error::Index { path: path.to_owned(), source };
        let open = |name: &str| {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
                | OpenFlags::SQLITE_OPEN_URI
                | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(name, flags)?;
            connection.busy_timeout(PATIENCE)?;
            connection.pragma_update(None, "cache_size", -4000)?;
            // Whether it can be read shows at the first question.
            connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
            Ok(connection)
        };
        let name = uri(path);
        // Where nothing can be written, not even what readers of a write-ahead log share, nobody else writes.
        let connection = open(&name).or_else(|error: rusqlite::Error| {
            let is_read_only = matches!(
                error.sqlite_error_code(),
                Some(
                    rusqlite::ErrorCode::CannotOpen
                        | rusqlite::ErrorCode::ReadOnly
                        | rusqlite::ErrorCode::DiskFull
                )
            );
            if is_read_only { open(&format!("{name}?immutable=1")) } else { Err(error) }
        });
        let connection = connection.map_err(wrap)?;
        connection.set_prepared_statement_cache_capacity(64);
        let index = Self { connection, path: path.to_owned(), is_new: false };
        index.refuse_newer()?;
        Ok(index)
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// An error of SQLite, with the name of this index.
    pub(crate) fn error(&self) -> impl Fn(rusqlite::Error) -> Error + use<> {
        let path = self.path.clone();
        move |source| Error::Index { path: path.clone(), source }
    }

    /// Begins to write; waits for others that do.
    pub(crate) fn begin(&mut self) -> Result<Transaction<'_>, Error> {
        let error = self.error();
        self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)
    }

    fn version(&self) -> rusqlite::Result<i64> {
        self.connection.pragma_query_value(None, "user_version", |row| row.get(0))
    }

    fn refuse_newer(&self) -> Result<(), Error> {
        let found = self.version().map_err(self.error())?;
        if found > VERSION {
            return Err(Error::Newer { path: self.path.clone(), found, known: VERSION });
        }
        Ok(())
    }

    fn set_up(&self) -> rusqlite::Result<()> {
        let set = |name: &str, value: &dyn rusqlite::ToSql| {
            self.connection.pragma_update(None, name, value)
        };
        set("page_size", &8192)?;
        set("auto_vacuum", &2)?;
        set("journal_mode", &"WAL")?;
        set("synchronous", &"FULL")?;
        set("cache_size", &-4000)?;
        set("temp_store", &"MEMORY")?;
        self.connection.set_prepared_statement_cache_capacity(64);
        Ok(())
    }

    /// It is made anew, and made again from the beginning if that is not finished: nothing waits for the disk.
    pub(crate) fn forget_safety(&self) -> Result<(), Error> {
        let set = |name: &str, value: &str| {
            self.connection.pragma_update(None, name, value).map_err(self.error())
        };
        set("synchronous", "OFF")?;
        set("journal_mode", "MEMORY")
    }

    fn migrate(&mut self) -> Result<(), Error> {
        let error = self.error();
        if self.version().map_err(&error)? == VERSION {
            return Ok(());
        }
        let uuid = machine::new_uuid()?;
        let secret = u128::from_le_bytes(machine::random()?) as i64;
        let transaction = self.begin()?;
        let version: i64 = transaction
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(&error)?;
        let done = usize::try_from(version).unwrap_or_default();
        for migration in MIGRATIONS.iter().skip(done) {
            transaction.execute_batch(migration).map_err(&error)?;
        }
        if version == 1 {
            upgrade::fill_weeks(&transaction).map_err(&error)?;
        }
        if version == 0 {
            let store = "INSERT INTO store(uuid, secret, made) VALUES(?, ?, ?)";
            transaction.execute(store, (uuid, secret, now())).map_err(&error)?;
        }
        transaction.pragma_update(None, "user_version", VERSION).map_err(&error)?;
        transaction.commit().map_err(&error)?;
        self.is_new = version == 0;
        Ok(())
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
            let secret: i64 =
                connection.query_row("SELECT secret FROM store", [], |row| row.get(0))?;
            let count: usize =
                connection
                    .query_row("SELECT coalesce(max(num), 0) FROM test", [], |row| row.get(0))?;
            let mut known: Vec<(Hash, u32)> = Vec::with_capacity(count);
            let mut query = connection.prepare("SELECT hash, num FROM test_hash ORDER BY hash")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                known.push((row.get(0)?, row.get(1)?));
            }
            Ok(Intern::new(secret as u64, known))
        };
        read().map_err(self.error())
    }

    /// Whether SQLite finds its pages in order.
    pub(crate) fn integrity(&self) -> Result<Option<String>, Error> {
        let said: String = self
            .connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(self.error())?;
        Ok((said != "ok").then_some(said))
    }
}

/// A path as SQLite takes it in a URI.
fn uri(path: &Path) -> String {
    let mut name = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                name.push(char::from(*byte));
            }
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    name
}
