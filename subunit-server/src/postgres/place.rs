//! The schema of a project: how it comes about, and is put in the place of another one.

use subunit_history::{
    HistoryAccess,
    sql::{Connection, SqlResult},
};

use super::{
    Address,
    failure::failure,
    session::{PostgresEngine, quoted},
};

/// Connects to the project of an address. Makes its schema, if somebody wants to write and it is not there.
pub(super) fn connect(address: &Address, access: HistoryAccess) -> SqlResult<Connection> {
    let engine = PostgresEngine::connect(address, &address.schema())?;
    if access == HistoryAccess::Write {
        make(&engine, address)?;
    }
    Ok(Connection::new(Box::new(engine)))
}

/// Makes the schema of a project, and notes the project in the list of all.
fn make(engine: &PostgresEngine, address: &Address) -> SqlResult<()> {
    let mut client = engine.client();
    let schema = address.schema();
    let is_made = "SELECT to_regnamespace($1) IS NOT NULL";
    let is_made = client.query_one(is_made, &[&quoted(&schema)]).map_err(failure)?;
    if is_made.try_get(0).map_err(failure)? {
        return Ok(());
    }
    let mut transaction = client.transaction().map_err(failure)?;
    // Several may come at once, with several projects.
    let make = format!(
        "SELECT pg_advisory_xact_lock(hashtextextended('subunit.project', 0)); \
         CREATE SCHEMA IF NOT EXISTS subunit; \
         CREATE TABLE IF NOT EXISTS subunit.project(name text PRIMARY KEY, made timestamptz NOT NULL DEFAULT now()); \
         CREATE SCHEMA IF NOT EXISTS {}",
        quoted(&schema)
    );
    transaction.batch_execute(&make).map_err(failure)?;
    let note = "INSERT INTO subunit.project(name) VALUES($1) ON CONFLICT DO NOTHING";
    transaction.execute(note, &[&address.project()]).map_err(failure)?;
    transaction.commit().map_err(failure)
}

/// Puts the schema that was made anew in the place of the one of the project. Who may do what in it stays.
pub(super) fn replacement(address: &Address) -> String {
    let (schema, fresh) = (quoted(&address.schema()), quoted(&address.fresh_schema()));
    format!(
        "DROP SCHEMA {schema} CASCADE; ALTER SCHEMA {fresh} RENAME TO {schema}; \
         ALTER FUNCTION {schema}.make_room(integer) SET search_path = {schema}; \
         ALTER FUNCTION {schema}.give_back() SET search_path = {schema}"
    )
}
