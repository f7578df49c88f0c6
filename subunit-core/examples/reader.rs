//! Reads a stream, prints what fails and the verdict: `cargo run --example reader < run.subunit`
#![expect(clippy::print_stdout, reason = "that is what it is for")]
use std::io::stdin;

use subunit_core::{read, run::Summary, sink::Recorder};

fn main() -> std::io::Result<()> {
    let failures = Recorder::new(|record| {
        if record.has_failed() {
            println!("failed: {}", record.test_id);
        }
    });
    let mut sinks = (failures, Summary::new());
    read(stdin().lock(), &mut sinks)?;
    println!("{:?}", sinks.1.verdict());
    Ok(())
}
