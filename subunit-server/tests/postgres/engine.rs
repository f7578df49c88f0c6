//! The engine of the histories of these tests: PostgreSQL, a project for each history.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use postgres::{Client, NoTls};
use subunit_server::postgres::Address;

use crate::support::Tables;

/// The address of a server without a project.
pub(crate) fn server() -> String {
    std::env::var("SUBUNIT_POSTGRES").expect("no SUBUNIT_POSTGRES: run these tests by .ci/postgres")
}

/// Where a history is whose run files are to be in a folder.
pub(crate) fn address(root: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    subunit_history::use_databases(subunit_server::postgres::open);
    let (nth, process) = (NEXT.fetch_add(1, Ordering::Relaxed), std::process::id());
    let (server, files) = (server(), root.display());
    format!("{server}?project=t{process}-{nth}&files={files}").into()
}

/// A connection that sees the tables of a history.
pub(crate) fn client(address: &Path) -> Client {
    let address = Address::parse(address.to_str().unwrap()).unwrap();
    let mut client = Client::connect(&server(), NoTls).unwrap();
    let schema = format!("SET search_path = \"project_{}\"", address.project());
    client.batch_execute(&schema).unwrap();
    client
}

/// Changes an index as no program does.
pub(crate) fn change(address: &Path, sql: &str) {
    client(address).batch_execute(sql).unwrap();
}

/// All rows of all tables, but for what is of this very database.
pub(crate) fn tables(address: &Path) -> Tables {
    let mut client = client(address);
    let names = "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
                 AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname";
    let names = client.query(names, &[]).unwrap();
    let names = names.iter().map(|row| row.get::<_, String>(0));
    let wanted = |name: &String| !matches!(&**name, "store" | "test_hash");
    let rows = |name: String| {
        let rows = client.query(&format!("SELECT one::text FROM {name} one"), &[]).unwrap();
        let mut rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        rows.sort();
        (name, rows)
    };
    names.filter(wanted).map(rows).collect()
}
