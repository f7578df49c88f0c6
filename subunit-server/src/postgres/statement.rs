//! Statements and their rows.

use postgres::{Row, Statement, types::ToSql};
use subunit_history::sql::{EngineRow, EngineRows, EngineStatement, SqlResult, SqlValue};

use super::{
    failure::failure,
    session::PostgresEngine,
    value::{BoundValue, Got},
};

/// A statement that the server knows.
pub(super) struct PreparedStatement<'e> {
    pub(super) engine: &'e PostgresEngine,
    pub(super) statement: Statement,
}

impl PreparedStatement<'_> {
    fn with<T>(
        &self,
        values: &[SqlValue<'_>],
        run: impl FnOnce(
            &mut postgres::Client,
            &Statement,
            &[&(dyn ToSql + Sync)],
        ) -> Result<T, postgres::Error>,
    ) -> SqlResult<T> {
        let given: Vec<BoundValue<'_>> = values.iter().map(|value| BoundValue(*value)).collect();
        let given: Vec<&(dyn ToSql + Sync)> =
            given.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        run(&mut self.engine.client(), &self.statement, &given).map_err(failure)
    }
}

impl EngineStatement for PreparedStatement<'_> {
    fn execute(&mut self, values: &[SqlValue<'_>]) -> SqlResult<u64> {
        self.with(values, |client, statement, given| client.execute(statement, given))
    }

    fn query<'s>(&'s mut self, values: &[SqlValue<'_>]) -> SqlResult<Box<dyn EngineRows + 's>> {
        // All rows at once: others are asked for while these are looked at.
        let rows = self.with(values, |client, statement, given| client.query(statement, given))?;
        Ok(Box::new(PostgresRows { rows: rows.into_iter(), row: None }))
    }
}

struct PostgresRows {
    rows: std::vec::IntoIter<Row>,
    row: Option<PostgresRow>,
}

struct PostgresRow(Row);

impl EngineRows for PostgresRows {
    fn next(&mut self) -> SqlResult<Option<&dyn EngineRow>> {
        self.row = self.rows.next().map(PostgresRow);
        Ok(self.row.as_ref().map(|row| row as &dyn EngineRow))
    }
}

impl EngineRow for PostgresRow {
    fn value(&self, column: usize) -> SqlResult<SqlValue<'_>> {
        self.0.try_get(column).map(|Got(value)| value).map_err(failure)
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.0.columns().iter().position(|column| column.name() == name)
    }
}
