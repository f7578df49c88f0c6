//! PostgreSQL as the engine of a history: its address, its connection, and how values get there and back.
//!
//! What is asked is written in `subunit-history`, once for all engines. A project is a schema: its runs, series and tests
//! belong to it, and it is dropped whole.

mod address;
mod copy;
mod engine;
mod failure;
mod ids;
mod numbered;
mod place;
mod session;
mod statement;
mod tls;
mod value;

use subunit_history::{Database, Error, HistoryAccess};

pub use self::address::Address;

/// Connects to the database of an address: what [`subunit_history::use_databases`] takes.
///
/// # Errors
///
/// If the address is wrong, nobody answers there, or the project cannot be made.
pub fn open(address: &str, access: HistoryAccess) -> Result<Database, Error> {
    let address = Address::parse(address)?;
    let connection = place::connect(&address, access)
        .map_err(|source| Error::Index { path: address.to_string().into(), source })?;
    Ok(Database { connection, files: address.files().map(Into::into) })
}
