//! The hashes of the tests, fetched by `COPY`.

use std::io::{BufRead as _, Read as _};

use subunit_history::sql::{SqlError, SqlErrorKind, SqlResult, TestHash};

use super::{failure::failure, session::PostgresEngine};

/// How long a row is: the number of its columns, and each with its length.
const ROW: usize = 2 + 4 + 12 + 4 + 4;

/// What stands before the rows, without more that may follow.
const HEADER: usize = 19;

/// The hashes of all tests, in their order.
pub(super) fn known(engine: &PostgresEngine) -> SqlResult<Vec<TestHash>> {
    let mut found = fetched(engine)?;
    found.sort_unstable();
    Ok(found)
}

/// The hashes of all tests, in no order.
fn fetched(engine: &PostgresEngine) -> SqlResult<Vec<TestHash>> {
    let sql = "COPY test_hash(hash, num) TO STDOUT BINARY";
    let mut client = engine.client();
    let mut copy = client.copy_out(sql).map_err(failure)?;
    let broken = |error: std::io::Error| SqlError::new(SqlErrorKind::Gone, error);
    let mut header = [0; HEADER];
    copy.read_exact(&mut header).map_err(broken)?;
    let mut found = Vec::new();
    let mut row = [0; ROW];
    loop {
        let mut columns = [0; 2];
        copy.read_exact(&mut columns).map_err(broken)?;
        if i16::from_be_bytes(columns) < 0 {
            break;
        }
        let rest = row.get_mut(2..).unwrap_or_default();
        copy.read_exact(rest).map_err(broken)?;
        found.push(test_hash(&row).ok_or_else(|| {
            SqlError::new(SqlErrorKind::Other, "the hash of a test is not what it should be")
        })?);
    }
    // The end of the stream is read as well, so that the connection is free.
    while !copy.fill_buf().map_err(broken)?.is_empty() {
        let length = copy.fill_buf().map_err(broken)?.len();
        copy.consume(length);
    }
    Ok(found)
}

/// Reads a row: 12 bytes of a hash and 4 of a number, each after its length.
fn test_hash(row: &[u8; ROW]) -> Option<TestHash> {
    let (hash, number) = (row.get(6..18)?, row.get(22..26)?);
    let is_right =
        row.get(2..6)? == 12_i32.to_be_bytes() && row.get(18..22)? == 4_i32.to_be_bytes();
    let number = u32::from_be_bytes(number.try_into().ok()?);
    is_right.then_some((hash.try_into().ok()?, number))
}
