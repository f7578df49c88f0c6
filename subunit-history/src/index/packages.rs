//! The numbers of packages.

use hashbrown::HashMap;
use rusqlite::{Connection, Transaction};

use crate::package;

/// The numbers of packages, read when the first one is asked for.
#[derive(Debug, Default)]
pub(super) struct Packages {
    numbers: Option<HashMap<String, i64>>,
}

impl Packages {
    /// The number of the package of a test.
    pub(super) fn number(
        &mut self,
        transaction: &Transaction<'_>,
        id: &str,
    ) -> rusqlite::Result<i64> {
        let name = package::of(id);
        let numbers = match &mut self.numbers {
            Some(numbers) => numbers,
            none => none.insert(read(transaction)?),
        };
        if let Some(number) = numbers.get(name) {
            return Ok(*number);
        }
        transaction.prepare_cached("INSERT INTO package(name) VALUES(?)")?.execute([name])?;
        let number = transaction.last_insert_rowid();
        numbers.insert(name.to_owned(), number);
        Ok(number)
    }
}

fn read(connection: &Connection) -> rusqlite::Result<HashMap<String, i64>> {
    let mut read = connection.prepare_cached("SELECT name, id FROM package")?;
    read.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
