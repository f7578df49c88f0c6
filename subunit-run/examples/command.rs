//! The command `subunit`, for tests of this package: its own program is only built with `subunit-filters`.

use std::process::ExitCode;

fn main() -> ExitCode {
    subunit_filters::cli::run(&subunit_filters::commands::PROGRAM, std::env::args_os()).into()
}
