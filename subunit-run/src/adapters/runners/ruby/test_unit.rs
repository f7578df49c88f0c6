//! test-unit: batches. $RUBYOPT has whatever process runs the tests load a file of ours, which waits for the library: it stands
//! beside its runners, and leaves out what is not asked for.

use super::test_files::{self, in_front, recognised, sign};
use crate::adapters::{
    adapter::Adapter,
    worker::{Invoked, RunnerWorker},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "test-unit",
    looks_for: "test/**/*_test.rb or test_*.rb that name test/unit",
    detect: |project| sign(project, is_library),
    recognise: |words| recognised(words, is_library),
    commands: |line, _| test_files::commands(ADAPTER.name, line),
    worker: Some(&RunnerWorker::new(
        Some(|invoked| test_files::listing(invoked, OPTIONS, &options(invoked)?)),
        |invoked, ids| test_files::processes(invoked, ids, OPTIONS, options(invoked)?),
    )),
};

/// Options of every Ruby that is started.
const OPTIONS: &str = "RUBYOPT";

/// # Errors
///
/// If the path has a blank, which divides the options.
fn options(invoked: &Invoked) -> Result<String, String> {
    let kit = invoked.kit("subunit_testunit.rb").display().to_string();
    match kit.contains(char::is_whitespace) {
        true => Err(format!(
            "{kit}: RUBYOPT cannot hold a path with a blank: set TMPDIR to one without\n"
        )),
        false => Ok(in_front(OPTIONS, &format!("-r{kit}"), " ")),
    }
}

fn is_library(text: &str) -> bool {
    ["test/unit", "test-unit", "Test::Unit"].iter().any(|name| text.contains(name))
}
