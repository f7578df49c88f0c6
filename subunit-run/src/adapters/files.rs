//! Files that a runner needs to list tests and to tell results: written to a folder of their own, nothing is
//! installed.

use std::{io, sync::Arc};

use tempfile::TempDir;

/// The workers in Python, and what runners in other languages load.
const KIT: &[(&str, &str)] = &[
    ("subunit_packets.py", include_str!("kit/subunit_packets.py")),
    ("subunit_pytest.py", include_str!("kit/subunit_pytest.py")),
    ("subunit_coverage.py", include_str!("kit/subunit_coverage.py")),
    ("subunit_unittest.py", include_str!("kit/subunit_unittest.py")),
    ("subunit_results.cjs", include_str!("kit/subunit_results.cjs")),
    ("subunit_jest.cjs", include_str!("kit/subunit_jest.cjs")),
    ("subunit_mocha.cjs", include_str!("kit/subunit_mocha.cjs")),
    ("subunit_node.cjs", include_str!("kit/subunit_node.cjs")),
    ("subunit_vitest.mjs", include_str!("kit/subunit_vitest.mjs")),
    ("subunit_rspec.rb", include_str!("kit/subunit_rspec.rb")),
];

/// Writes them into a private folder, which is removed with the last copy of what is returned.
pub(super) fn write() -> io::Result<Arc<TempDir>> {
    let folder = tempfile::Builder::new().prefix("subunit-adapter-").tempdir()?;
    for (name, text) in KIT {
        std::fs::write(folder.path().join(name), text)?;
    }
    Ok(Arc::new(folder))
}
