//! Rows that go in by `COPY`, many at a time.

use std::io::Write as _;

use bytes::{BufMut as _, BytesMut};
use postgres::types::{IsNull, Type};
use subunit_history::sql::{Append, SqlError, SqlErrorKind, SqlResult, SqlValue};

use super::{failure::failure, session::PostgresEngine, value::encode};

/// Rows wait until there are this many bytes of them: between them other statements run.
const BLOCK: usize = 4 << 20;

/// What stands before the rows: a signature, no flags, no more.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Rows on their way into a table.
pub(super) struct CopyIn<'e> {
    engine: &'e PostgresEngine,
    sql: String,
    kinds: Vec<Type>,
    rows: BytesMut,
}

impl<'e> CopyIn<'e> {
    pub(super) fn new(
        engine: &'e PostgresEngine,
        table: &str,
        columns: &[&str],
    ) -> SqlResult<Self> {
        let columns = columns.join(", ");
        let kinds = engine.prepared(&format!("SELECT {columns} FROM {table}"))?;
        let kinds = kinds.columns().iter().map(|column| column.type_().clone()).collect();
        let sql = format!("COPY {table}({columns}) FROM STDIN BINARY");
        Ok(Self { engine, sql, kinds, rows: BytesMut::new() })
    }

    fn send(&mut self) -> SqlResult<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut client = self.engine.client();
        let mut copy = client.copy_in(&*self.sql).map_err(failure)?;
        let end = (-1_i16).to_be_bytes();
        for part in [HEADER, &self.rows, &end] {
            copy.write_all(part).map_err(gone)?;
        }
        self.rows.clear();
        copy.finish().map(drop).map_err(failure)
    }
}

impl Append for CopyIn<'_> {
    fn add(&mut self, values: &[SqlValue<'_>]) -> SqlResult<()> {
        let wrong = |what: String| SqlError::new(SqlErrorKind::Other, what);
        let count = i16::try_from(values.len()).map_err(|error| wrong(error.to_string()))?;
        self.rows.put_i16(count);
        for (value, kind) in values.iter().zip(&self.kinds) {
            let length = self.rows.len();
            // How long the value is, is known when it stands there.
            self.rows.put_i32(-1);
            let begin = self.rows.len();
            let encoded = encode(*value, kind, &mut self.rows);
            if let IsNull::Yes = encoded.map_err(|error| wrong(error.to_string()))? {
                continue;
            }
            let bytes = i32::try_from(self.rows.len() - begin);
            let bytes = bytes.map_err(|error| wrong(error.to_string()))?.to_be_bytes();
            if let Some(place) = self.rows.get_mut(length..begin) {
                place.copy_from_slice(&bytes);
            }
        }
        if self.rows.len() >= BLOCK { self.send() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> SqlResult<()> {
        self.send()
    }
}

/// What is written goes over the connection.
fn gone(error: std::io::Error) -> SqlError {
    let is_ours = error.get_ref().is_some_and(|inner| inner.is::<postgres::Error>());
    match error.into_inner() {
        Some(inner) if is_ours => match inner.downcast::<postgres::Error>() {
            Ok(error) => failure(*error),
            Err(inner) => SqlError::new(SqlErrorKind::Other, inner),
        },
        Some(inner) => SqlError::new(SqlErrorKind::Gone, inner),
        None => SqlError::new(SqlErrorKind::Gone, "the connection is closed"),
    }
}
