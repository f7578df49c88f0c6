//! The program `subunit-run`.

fn main() {}
