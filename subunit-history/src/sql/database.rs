//! Histories in a database: how an address becomes a connection, in a program that knows an engine besides SQLite.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::Connection;
use crate::Error;

/// What a history is opened for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HistoryAccess {
    /// Questions. Nothing is made.
    Read,
    /// Runs come in, or go.
    Write,
}

/// A history in a database.
#[derive(Debug)]
pub struct Database {
    /// To its index.
    pub connection: Connection,
    /// The folder of its run files, if the address says it.
    pub files: Option<PathBuf>,
}

/// Connects to the database of an address.
pub type Opener = fn(address: &str, access: HistoryAccess) -> Result<Database, Error>;

static OPENER: OnceLock<Opener> = OnceLock::new();

/// From now on a history may be in a database: an address stands where a folder could. A second call changes nothing.
pub fn use_databases(opener: Opener) {
    let _ = OPENER.set(opener);
}

/// Whether a history may be in a database: whether this program knows one.
pub fn knows_databases() -> bool {
    OPENER.get().is_some()
}

/// Where a history is, as it may be shown: an address without its password.
pub fn shown_place(place: &Path) -> String {
    match place.to_str().filter(|_| is_address(place)) {
        Some(address) => without_password(address),
        None => place.display().to_string(),
    }
}

/// Whether this is the address of a history in a database, and no folder.
pub fn is_address(place: &Path) -> bool {
    let schemes = ["postgres://", "postgresql://"];
    place.to_str().is_some_and(|text| schemes.iter().any(|scheme| text.starts_with(scheme)))
}

/// Opens the database of an address; `None` if it is none.
pub(crate) fn open(place: &Path, access: HistoryAccess) -> Option<Result<Database, Error>> {
    if !is_address(place) {
        return None;
    }
    let address = place.to_str()?;
    Some(match OPENER.get() {
        Some(open) => open(address, access),
        None => Err(Error::NoEngine { address: without_password(address) }),
    })
}

/// An address as it may be shown.
fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let Some((user, host)) = authority.rsplit_once('@') else { return address.to_owned() };
    let user = user.split_once(':').map_or(user, |(user, _)| user);
    format!("{scheme}://{user}@{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for (address, shown) in [
            ("postgres://h/d?project=p", "postgres://h/d?project=p"),
            ("postgres://u@h/d?project=p", "postgres://u@h/d?project=p"),
            ("postgres://u:s@h:5/d?project=p", "postgres://u@h:5/d?project=p"),
            ("postgres://u:a@b:c@h/d", "postgres://u@h/d"),
        ] {
            assert_eq!(without_password(address), shown);
        }
    }

    #[test]
    fn a_folder_is_no_address() {
        for (place, is) in [
            ("postgres://h/d", true),
            ("postgresql://h/d", true),
            ("postgres:/h/d", false),
            ("a/postgres://h", false),
            (".subunit", false),
        ] {
            assert_eq!(is_address(Path::new(place)), is, "{place}");
        }
    }
}
