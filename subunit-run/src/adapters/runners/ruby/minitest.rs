//! Minitest 5: batches. It finds a plugin of ours by $RUBYLIB, in whatever process runs the tests: Ruby itself, or one that Rake
//! or Rails starts. The plugin stands beside the reporters, and leaves out what is not asked for.

use super::test_files::{self, in_front, recognised, sign};
use crate::adapters::{
    adapter::Adapter,
    worker::{Invoked, RunnerWorker},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "minitest",
    looks_for: "test/**/*_test.rb or test_*.rb that name minitest, or Rails",
    detect: |project| sign(project, is_library),
    recognise: |words| recognised(words, is_library),
    commands: |line, _| test_files::commands(ADAPTER.name, line),
    worker: Some(&RunnerWorker::new(
        Some(|invoked| test_files::listing(invoked, LIBRARIES, &libraries(invoked))),
        |invoked, ids| test_files::processes(invoked, ids, LIBRARIES, libraries(invoked)),
    )),
};

/// Where Ruby finds the plugin.
const LIBRARIES: &str = "RUBYLIB";

fn libraries(invoked: &Invoked) -> String {
    let kit = invoked.kit("").display().to_string();
    in_front(LIBRARIES, kit.trim_end_matches('/'), ":")
}

fn is_library(text: &str) -> bool {
    ["minitest", "Minitest", "MiniTest", "rails/test_help"].iter().any(|name| text.contains(name))
}
