//! What a history asks of its engine, answered by PostgreSQL.

use subunit_history::sql::{
    Append, Engine, EngineStatement, SqlDialect, SqlError, SqlErrorKind, SqlResult, TestHash,
};

use super::{
    copy::CopyIn,
    failure::failure,
    ids, place,
    session::{PostgresEngine, quoted},
    statement::PreparedStatement,
};

impl Engine for PostgresEngine {
    fn dialect(&self) -> SqlDialect {
        SqlDialect::Postgres
    }

    fn name(&self) -> String {
        self.address.to_string()
    }

    fn prepare<'e>(&'e self, sql: &str) -> SqlResult<Box<dyn EngineStatement + 'e>> {
        Ok(Box::new(PreparedStatement { engine: self, statement: self.prepared(sql)? }))
    }

    fn execute_batch(&self, sql: &str) -> SqlResult<()> {
        self.batch(sql)
    }

    fn append<'e>(&'e self, table: &str, columns: &[&str]) -> SqlResult<Box<dyn Append + 'e>> {
        Ok(Box::new(CopyIn::new(self, table, columns)?))
    }

    fn set_up(&self) -> SqlResult<()> {
        Ok(())
    }

    fn test_hashes(&self) -> SqlResult<Option<Vec<TestHash>>> {
        ids::known(self).map(Some)
    }

    fn make_room(&self, run: i64) -> SqlResult<()> {
        let run = i32::try_from(run)
            .map_err(|_| SqlError::new(SqlErrorKind::Other, "there are no more numbers of runs"))?;
        let make = self.prepared("SELECT make_room(?)")?;
        self.client().execute(&make, &[&run]).map(drop).map_err(failure)
    }

    fn begin(&self) -> SqlResult<()> {
        // Those who write to a project wait for each other, as in SQLite: what is known of a series follows from all its runs.
        let lock = format!("'{}', 0", self.schema);
        self.batch(&format!("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended({lock}))"))
            .inspect_err(|_| self.roll_back())
    }

    fn commit(&self) -> SqlResult<()> {
        // The row is written again, as it was, so that its `xmin` tells what was written last.
        self.batch("UPDATE store SET version = version; COMMIT")
    }

    fn roll_back(&self) {
        // If the connection is gone, the server has done it.
        let _ = self.batch("ROLLBACK");
        // What was made in it may be gone.
        self.version.set(None);
        self.statements.borrow_mut().clear();
    }

    fn version(&self) -> SqlResult<i64> {
        if let Some(version) = self.version.get() {
            return Ok(version);
        }
        // By a look into the catalogue: `to_regclass` may say what was before another process has made the tables.
        let tables =
            "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'store'";
        if self.client().query_opt(tables, &[&self.schema]).map_err(failure)?.is_none() {
            return Ok(0);
        }
        let rows = self.client().query("SELECT version FROM store", &[]).map_err(failure)?;
        let version = rows.first().map(|row| row.try_get(0)).transpose().map_err(failure)?;
        self.version.set(version);
        Ok(version.unwrap_or_default())
    }

    fn set_version(&self, version: i64) -> SqlResult<()> {
        self.version.set(None);
        let set = self.prepared("UPDATE store SET version = ?")?;
        self.client().execute(&set, &[&version]).map(drop).map_err(failure)
    }

    fn stamp(&self) -> SqlResult<Option<(u64, u64)>> {
        // Another table after the index was made anew.
        let said = self.prepared("SELECT tableoid::bigint, xmin::text::bigint FROM store")?;
        let row = self.client().query_one(&said, &[]).map_err(failure)?;
        let number =
            |column| row.try_get::<_, i64>(column).map(|said| said as u64).map_err(failure);
        Ok(Some((number(0)?, number(1)?)))
    }

    fn forget_safety(&self) -> SqlResult<()> {
        self.batch("SET synchronous_commit = off")
    }

    fn integrity(&self) -> SqlResult<Option<String>> {
        // Its pages are the server's to check.
        Ok(None)
    }

    fn give_back(&self) -> SqlResult<()> {
        self.begin()?;
        match self.batch("SELECT give_back()") {
            Ok(()) => self.commit(),
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    fn fresh(&self) -> SqlResult<Box<dyn Engine>> {
        let schema = self.address.fresh_schema();
        let name = quoted(&schema);
        self.batch(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"))?;
        Ok(Box::new(Self::connect(&self.address, &schema)?))
    }

    fn replace_by(&self, fresh: Box<dyn Engine>) -> SqlResult<()> {
        drop(fresh);
        self.begin()?;
        let replaced = self.batch(&place::replacement(&self.address));
        match replaced {
            Ok(()) => self.commit()?,
            Err(error) => {
                self.roll_back();
                return Err(error);
            }
        }
        self.statements.borrow_mut().clear();
        Ok(())
    }
}
