//! The `subunit` command.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    subunit_filters::cli::run(std::env::args_os()).into()
}
