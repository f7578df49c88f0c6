//! How the tables of an index come about, and are brought up to date.

use super::upgrade;
use crate::{
    machine::now,
    sql::{Connection, SqlDialect, SqlResult, Transaction},
};

/// The newest version that this program knows.
pub(super) const NEWEST: i64 = 5;

/// A step from one version to a later one, in the SQL of an engine.
struct Migration {
    /// The version after it.
    to: i64,
    sql: &'static str,
}

/// The steps of SQLite. Never change one that was published.
const SQLITE: &[Migration] = &[
    Migration { to: 1, sql: include_str!("migrations/0001_first.sqlite.sql") },
    Migration { to: 2, sql: include_str!("migrations/0002_weeks.sqlite.sql") },
    Migration { to: 3, sql: include_str!("migrations/0003_facts.sqlite.sql") },
    Migration { to: 4, sql: include_str!("migrations/0004_inputs.sqlite.sql") },
    Migration { to: 5, sql: include_str!("migrations/0005_installed.sqlite.sql") },
];

/// The steps of PostgreSQL, which came when there were five of SQLite.
const POSTGRES: &[Migration] =
    &[Migration { to: 5, sql: include_str!("migrations/0005_first.postgres.sql") }];

/// What a new store is told apart by.
pub(super) struct StoreId {
    pub(super) uuid: String,
    pub(super) secret: [u8; 16],
}

/// Brings the tables of an index to the newest version, in one transaction.
pub(super) fn to_newest(connection: &mut Connection, id: &StoreId) -> SqlResult<()> {
    let transaction = connection.begin()?;
    migrate(&transaction, id)?;
    transaction.commit()
}

fn migrate(transaction: &Transaction<'_>, id: &StoreId) -> SqlResult<()> {
    // Another process may have done it meanwhile.
    let version = transaction.engine().version()?;
    let steps = match transaction.dialect() {
        SqlDialect::Sqlite => SQLITE,
        SqlDialect::Postgres => POSTGRES,
    };
    for step in steps.iter().filter(|step| step.to > version) {
        transaction.engine().execute_batch(step.sql)?;
    }
    if version == 1 {
        upgrade::fill_weeks(transaction)?;
    }
    if version == 0 {
        let store = "INSERT INTO store(uuid, secret, made) VALUES(?, ?, ?)";
        let secret = u128::from_le_bytes(id.secret) as i64;
        transaction.execute(store, (&id.uuid, secret, now()))?;
    }
    transaction.engine().set_version(NEWEST)
}
