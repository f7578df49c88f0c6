//! What an older index does not have and can be made from what it has.

use crate::sql::{SqlResult, Transaction};

use super::{packages::Packages, weeks};

/// Fills the tables of version 2: the packages of tests, and what fails in a week.
pub(super) fn fill_weeks(transaction: &Transaction<'_>) -> SqlResult<()> {
    let mut packages = Packages::default();
    let mut tests = transaction.prepare("SELECT num, id FROM test ORDER BY num")?;
    let mut change = transaction.prepare("UPDATE test SET package = ? WHERE num = ?")?;
    let mut rows = tests.query([])?;
    while let Some(row) = rows.next()? {
        let number = packages.number(transaction, row.get_ref(1)?.as_str()?)?;
        change.execute((number, row.get::<u32>(0)?))?;
    }
    let mut series = transaction.prepare("SELECT id FROM series")?;
    let series: Vec<i64> = series.query_map([], |row| row.get(0))?.collect::<SqlResult<_>>()?;
    series.into_iter().try_for_each(|series| weeks::rebuild(transaction, series))
}
