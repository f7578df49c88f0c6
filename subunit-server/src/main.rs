//! The program `subunit-server`: the history in a browser. It is reached as `subunit serve`.

// Only `ctor` allows itself what it takes to run something before `main`.
#![deny(unsafe_code)]

use std::process::ExitCode;

// Before `main`, Rust opens `/dev/null` instead of standard streams that are closed, and nobody could tell
// any more that the address is lost.
#[cfg(unix)]
ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn look_at_stdout() {
        subunit_filters::console::note_closed_stdout();
    }
}

fn main() -> ExitCode {
    subunit_server::main(std::env::args_os().collect())
}
