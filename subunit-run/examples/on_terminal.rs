//! Runs a line of a shell in a session of its own, whose terminal is standard input: for tests of what a person
//! sees.

use std::io;

fn main() -> io::Result<()> {
    let line = std::env::args().nth(1).unwrap_or_default();
    Err(subunit_mux::process::run_on_terminal(&line))
}
