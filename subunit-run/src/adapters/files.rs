//! Files that a runner needs to list tests and to tell results: written to a folder of their own, nothing is
//! installed.

use std::{fs, io, path::Path, sync::Arc};

use tempfile::TempDir;

/// The workers in Python, and what runners in other languages load.
const KIT: &[(&str, &str)] = &[
    ("subunit_packets.py", include_str!("kit/subunit_packets.py")),
    ("subunit_pytest.py", include_str!("kit/subunit_pytest.py")),
    ("subunit_coverage.py", include_str!("kit/subunit_coverage.py")),
    ("subunit_unittest.py", include_str!("kit/subunit_unittest.py")),
    ("subunit_results.cjs", include_str!("kit/javascript/subunit_results.cjs")),
    ("subunit_jest.cjs", include_str!("kit/javascript/subunit_jest.cjs")),
    ("subunit_mocha.cjs", include_str!("kit/javascript/subunit_mocha.cjs")),
    ("subunit_node.cjs", include_str!("kit/javascript/subunit_node.cjs")),
    ("subunit_playwright.cjs", include_str!("kit/javascript/subunit_playwright.cjs")),
    ("subunit_vitest.mjs", include_str!("kit/javascript/subunit_vitest.mjs")),
    ("minitest/subunit_run_plugin.rb", include_str!("kit/minitest/subunit_run_plugin.rb")),
    ("subunit_results.py", include_str!("kit/subunit_results.py")),
    ("subunit_robot.py", include_str!("kit/subunit_robot.py")),
    ("subunit_robot_choice.py", include_str!("kit/subunit_robot_choice.py")),
    ("subunit_behave.py", include_str!("kit/subunit_behave.py")),
    ("subunit_cucumber.cjs", include_str!("kit/javascript/subunit_cucumber.cjs")),
    ("subunit_exunit.exs", include_str!("kit/subunit_exunit.exs")),
    ("subunit_gradle.gradle", include_str!("kit/subunit_gradle.gradle")),
    ("subunit_results.rb", include_str!("kit/subunit_results.rb")),
    ("subunit_testunit.rb", include_str!("kit/subunit_testunit.rb")),
    ("subunit_rspec.rb", include_str!("kit/subunit_rspec.rb")),
    (
        "perl/App/Prove/Plugin/SubunitRun.pm",
        include_str!("kit/perl/App/Prove/Plugin/SubunitRun.pm"),
    ),
];

/// Those that any worker in Python can use.
const FOR_ANY_WORKER: [&str; 2] = ["subunit_packets.py", "subunit_unittest.py"];

/// Writes the modules for workers in Python into a folder of the user, and says what they are called.
///
/// # Errors
///
/// If the folder cannot be made, or a file cannot be written.
pub(crate) fn write_python_worker(folder: &Path) -> io::Result<[&'static str; 2]> {
    fs::create_dir_all(folder)?;
    for (name, text) in KIT.iter().filter(|(name, _)| FOR_ANY_WORKER.contains(name)) {
        fs::write(folder.join(name), text)?;
    }
    Ok(FOR_ANY_WORKER)
}

/// Writes them into a private folder, which is removed with the last copy of what is returned.
pub(super) fn write() -> io::Result<Arc<TempDir>> {
    let folder = tempfile::Builder::new().prefix("subunit-adapter-").tempdir()?;
    for (name, text) in KIT {
        let path = folder.path().join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    Ok(Arc::new(folder))
}
