//! The configuration that says what was found in a folder: `subunit run --init`.

use super::Invocation;

/// A commented `subunit.toml` for this runner.
pub(crate) fn configuration(runner: &Invocation) -> String {
    let (name, why, command) = (runner.name(), runner.why(), toml(&runner.command()));
    format!(
        "# How `subunit run` lists and runs the tests of this folder. All keys are optional.\n\
         version = 1\n\
         \n\
         # Whose tests these are. Found by: {why}.\n\
         runner = \"{name}\"\n\
         \n\
         # Its command, as people type it.\n\
         test_command = {command}\n\
         \n\
         # How many workers; otherwise one per processor.\n\
         # concurrency = 4\n\
         \n\
         # A test that runs longer is stopped, and its failure says where it was.\n\
         # test_timeout = \"5m\"\n\
         \n\
         # How many times a test that failed runs again; it then counts as flaky.\n\
         # retries = 1\n\
         \n\
         # Variables for the workers.\n\
         # [environment]\n\
         # NAME = \"value\"\n\
         \n\
         # Tests that share something, such as a database: at most one at a time.\n\
         # [[group]]\n\
         # match = \"database\"\n\
         # max = 1\n"
    )
}

fn toml(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
