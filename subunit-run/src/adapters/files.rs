//! Files that a runner needs to list tests and to tell results: written to a folder of their own, nothing is
//! installed.

use std::{io, sync::Arc};

use tempfile::TempDir;

/// The workers in Python.
const PYTHON: &[(&str, &str)] = &[
    ("subunit_packets.py", include_str!("python/subunit_packets.py")),
    ("subunit_pytest.py", include_str!("python/subunit_pytest.py")),
    ("subunit_unittest.py", include_str!("python/subunit_unittest.py")),
];

/// Writes them into a private folder, which is removed with the last copy of what is returned.
pub(super) fn write() -> io::Result<Arc<TempDir>> {
    let folder = tempfile::Builder::new().prefix("subunit-adapter-").tempdir()?;
    for (name, text) in PYTHON {
        std::fs::write(folder.path().join(name), text)?;
    }
    Ok(Arc::new(folder))
}
