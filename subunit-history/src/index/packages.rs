//! The numbers of packages.

use hashbrown::HashMap;

use crate::{
    package,
    sql::{Connection, SqlResult, Transaction},
};

/// The numbers of packages, read when the first one is asked for.
#[derive(Debug, Default)]
pub(super) struct Packages {
    numbers: Option<HashMap<String, i64>>,
}

impl Packages {
    /// The number of the package of a test.
    pub(super) fn number(&mut self, transaction: &Transaction<'_>, id: &str) -> SqlResult<i64> {
        let name = package::of(id);
        let numbers = match &mut self.numbers {
            Some(numbers) => numbers,
            none => none.insert(read(transaction)?),
        };
        if let Some(number) = numbers.get(name) {
            return Ok(*number);
        }
        let add = "INSERT INTO package(name) VALUES(?) RETURNING id";
        let number = transaction.query_row(add, [name], |row| row.get(0))?;
        numbers.insert(name.to_owned(), number);
        Ok(number)
    }
}

fn read(connection: &Connection) -> SqlResult<HashMap<String, i64>> {
    let mut read = connection.prepare("SELECT name, id FROM package")?;
    read.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
