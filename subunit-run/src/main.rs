//! The program `subunit-run`: verbs of runs. It is reached as `subunit run`, and under traditional names.

// Only `ctor` allows itself what it takes to run something before `main`.
#![deny(unsafe_code)]

use std::process::ExitCode;

// Before `main`, Rust opens `/dev/null` instead of standard streams that are closed, and nobody could tell
// any more that the report is lost.
#[cfg(unix)]
ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn look_at_stdout() {
        subunit_filters::console::note_closed_stdout();
    }
}

fn main() -> ExitCode {
    subunit_run::main(std::env::args_os().collect())
}
