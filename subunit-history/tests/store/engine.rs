//! The engine of the histories of these tests: SQLite, in a file.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, types::Value};

use crate::support::Tables;

/// Where a history is whose run files are to be in a folder.
pub(crate) fn address(root: &Path) -> PathBuf {
    root.to_owned()
}

/// The index of a history.
pub(crate) fn index(address: &Path) -> Connection {
    Connection::open(address.join("history.db")).unwrap()
}

/// Changes an index as no program does.
pub(crate) fn change(address: &Path, sql: &str) {
    index(address).execute_batch(sql).unwrap();
}

/// All rows of all tables, but for what is of this very database.
pub(crate) fn tables(address: &Path) -> Tables {
    let index = index(address);
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let mut query = index.prepare(names).unwrap();
    let names: Vec<String> =
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let wanted = |name: &String| !matches!(&**name, "store" | "test_hash" | "sqlite_sequence");
    let rows = |name: &String| {
        let mut query = index.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let columns = query.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let values: rusqlite::Result<Vec<Value>> = (0..columns).map(|at| row.get(at)).collect();
            values.map(|values| format!("{values:?}"))
        };
        let mut rows: Vec<String> = query.query_map([], row).unwrap().map(Result::unwrap).collect();
        rows.sort();
        rows
    };
    names.iter().filter(|name| wanted(name)).map(|name| (name.clone(), rows(name))).collect()
}
