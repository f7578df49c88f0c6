//! A history of its own: in a folder, and with the feature `postgres-tests` in PostgreSQL, which `.ci/postgres` starts.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A history that goes away with its folder.
pub(crate) struct Place {
    folder: TempDir,
    path: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = path(folder.path());
        Self { folder, path }
    }

    /// What opens it: a folder, or an address.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of its run files.
    pub(crate) fn files(&self) -> &Path {
        self.folder.path()
    }
}

#[cfg(not(feature = "postgres-tests"))]
fn path(folder: &Path) -> PathBuf {
    folder.to_owned()
}

#[cfg(feature = "postgres-tests")]
fn path(folder: &Path) -> PathBuf {
    use std::sync::atomic::{AtomicU64, Ordering};

    static NEXT: AtomicU64 = AtomicU64::new(0);
    subunit_history::use_databases(subunit_server::postgres::open);
    let server = std::env::var("SUBUNIT_POSTGRES");
    let server = server.expect("no SUBUNIT_POSTGRES: run these tests by .ci/postgres");
    let (nth, process) = (NEXT.fetch_add(1, Ordering::Relaxed), std::process::id());
    format!("{server}?project=s{process}-{nth}&files={}", folder.display()).into()
}
