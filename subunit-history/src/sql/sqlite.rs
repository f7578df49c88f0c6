//! The engine that is always there: SQLite, in a file.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{
    CachedStatement, OpenFlags, Statement,
    backup::Backup,
    types::{ToSqlOutput, ValueRef},
};

use super::{
    Append, Engine, EngineRow, EngineRows, EngineStatement, SqlDialect, SqlError, SqlErrorKind,
    SqlResult, SqlValue,
};

/// How long to wait for other processes that write.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many statements are kept.
const STATEMENTS: usize = 64;

/// An SQLite database.
#[derive(Debug)]
pub(crate) struct SqliteEngine {
    connection: rusqlite::Connection,
    path: PathBuf,
}

impl SqliteEngine {
    /// Opens a database to write. Makes it if there is none.
    pub(crate) fn open(path: &Path) -> SqlResult<Self> {
        let connection = rusqlite::Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Opens a database that is there, to read. Nothing is written, not even beside it.
    pub(crate) fn read(path: &Path) -> SqlResult<Self> {
        let name = uri(path);
        // Where nothing can be written, not even what readers of a write-ahead log share, nobody else writes.
        let connection = open_to_read(&name).or_else(|error| match error.kind() {
            SqlErrorKind::ReadOnly => open_to_read(&format!("{name}?immutable=1")),
            _ => Err(error),
        })?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Self { connection, path: path.to_owned() })
    }
}

fn open_to_read(name: &str) -> SqlResult<rusqlite::Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(name, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "cache_size", -4000)?;
    // Whether it can be read shows at the first question.
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    Ok(connection)
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

impl Engine for SqliteEngine {
    fn dialect(&self) -> SqlDialect {
        SqlDialect::Sqlite
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn prepare<'e>(&'e self, sql: &str) -> SqlResult<Box<dyn EngineStatement + 'e>> {
        Ok(Box::new(SqliteStatement(self.connection.prepare_cached(sql)?)))
    }

    fn execute_batch(&self, sql: &str) -> SqlResult<()> {
        Ok(self.connection.execute_batch(sql)?)
    }

    fn append<'e>(&'e self, table: &str, columns: &[&str]) -> SqlResult<Box<dyn Append + 'e>> {
        let places = vec!["?"; columns.len()].join(", ");
        let add = format!("INSERT INTO {table}({}) VALUES({places})", columns.join(", "));
        Ok(Box::new(SqliteStatement(self.connection.prepare_cached(&add)?)))
    }

    fn set_up(&self) -> SqlResult<()> {
        let set = |name: &str, value: &dyn rusqlite::ToSql| {
            self.connection.pragma_update(None, name, value)
        };
        set("page_size", &8192)?;
        set("auto_vacuum", &2)?;
        set("journal_mode", &"WAL")?;
        set("synchronous", &"FULL")?;
        set("cache_size", &-4000)?;
        set("temp_store", &"MEMORY")?;
        Ok(())
    }

    fn begin(&self) -> SqlResult<()> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    fn commit(&self) -> SqlResult<()> {
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            // An error says that it has been rolled back already.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    fn version(&self) -> SqlResult<i64> {
        Ok(self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
    }

    fn set_version(&self, version: i64) -> SqlResult<()> {
        Ok(self.connection.pragma_update(None, "user_version", version)?)
    }

    fn forget_safety(&self) -> SqlResult<()> {
        self.connection.pragma_update(None, "synchronous", "OFF")?;
        Ok(self.connection.pragma_update(None, "journal_mode", "MEMORY")?)
    }

    fn integrity(&self) -> SqlResult<Option<String>> {
        let check = "PRAGMA integrity_check(1)";
        let said: String = self.connection.query_row(check, [], |row| row.get(0))?;
        Ok((said != "ok").then_some(said))
    }

    fn give_back(&self) -> SqlResult<()> {
        let mut vacuum = self.connection.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }

    fn fresh(&self) -> SqlResult<Box<dyn Engine>> {
        let path = beside(&self.path);
        remove(&path)?;
        Ok(Box::new(Self::open(&path)?))
    }

    fn replace_by(&self, fresh: Box<dyn Engine>) -> SqlResult<()> {
        const PAGES: i32 = 10_000;
        const PAUSE: Duration = Duration::from_millis(10);
        drop(fresh);
        let path = beside(&self.path);
        let from = rusqlite::Connection::open(&path)?;
        let mut to = rusqlite::Connection::open(&self.path)?;
        to.busy_timeout(PATIENCE)?;
        Backup::new(&from, &mut to)?.run_to_completion(PAGES, PAUSE, None)?;
        drop(from);
        remove(&path)
    }
}

/// Where a database is made anew.
fn beside(path: &Path) -> PathBuf {
    path.with_extension("db.new")
}

/// Removes a database with what is beside it.
fn remove(path: &Path) -> SqlResult<()> {
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(SqlError::new(SqlErrorKind::Other, error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A statement of SQLite.
struct SqliteStatement<'c>(CachedStatement<'c>);

fn bind(statement: &mut Statement<'_>, values: &[SqlValue<'_>]) -> SqlResult<()> {
    let (wanted, given) = (statement.parameter_count(), values.len());
    if wanted != given {
        let what = format!("a statement of {wanted} values was given {given}");
        return Err(SqlError::new(SqlErrorKind::Other, what));
    }
    for (value, place) in values.iter().zip(1..) {
        statement.raw_bind_parameter(place, ToSqlOutput::Borrowed(borrowed(*value)))?;
    }
    Ok(())
}

fn borrowed(value: SqlValue<'_>) -> ValueRef<'_> {
    match value {
        SqlValue::Null => ValueRef::Null,
        SqlValue::Integer(number) => ValueRef::Integer(number),
        SqlValue::Real(number) => ValueRef::Real(number),
        SqlValue::Text(text) => ValueRef::Text(text.as_bytes()),
        SqlValue::Blob(bytes) => ValueRef::Blob(bytes),
    }
}

impl EngineStatement for SqliteStatement<'_> {
    fn execute(&mut self, values: &[SqlValue<'_>]) -> SqlResult<u64> {
        bind(&mut self.0, values)?;
        Ok(self.0.raw_execute()? as u64)
    }

    fn query<'s>(&'s mut self, values: &[SqlValue<'_>]) -> SqlResult<Box<dyn EngineRows + 's>> {
        bind(&mut self.0, values)?;
        Ok(Box::new(SqliteRows(self.0.raw_query())))
    }
}

impl Append for SqliteStatement<'_> {
    fn add(&mut self, values: &[SqlValue<'_>]) -> SqlResult<()> {
        EngineStatement::execute(self, values).map(drop)
    }

    fn finish(self: Box<Self>) -> SqlResult<()> {
        Ok(())
    }
}

struct SqliteRows<'s>(rusqlite::Rows<'s>);

impl EngineRows for SqliteRows<'_> {
    fn next(&mut self) -> SqlResult<Option<&dyn EngineRow>> {
        Ok(self.0.next()?.map(|row| row as &dyn EngineRow))
    }
}

impl EngineRow for rusqlite::Row<'_> {
    fn value(&self, column: usize) -> SqlResult<SqlValue<'_>> {
        Ok(match self.get_ref(column)? {
            ValueRef::Null => SqlValue::Null,
            ValueRef::Integer(number) => SqlValue::Integer(number),
            ValueRef::Real(number) => SqlValue::Real(number),
            ValueRef::Text(text) => {
                SqlValue::Text(str::from_utf8(text).map_err(|_| SqlError::column("text"))?)
            }
            ValueRef::Blob(bytes) => SqlValue::Blob(bytes),
        })
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.as_ref().column_index(name).ok()
    }
}

impl From<rusqlite::Error> for SqlError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{CannotOpen, DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly};
        let kind = match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => SqlErrorKind::Damage,
            Some(CannotOpen | ReadOnly | DiskFull) => SqlErrorKind::ReadOnly,
            _ if error == rusqlite::Error::QueryReturnedNoRows => SqlErrorKind::NoRow,
            _ => SqlErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
