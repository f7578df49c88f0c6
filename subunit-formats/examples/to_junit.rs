//! Any format in, JUnit XML out: `cargo run --example to_junit -- out.xml < results`
use std::{env, fs::File, io, process::ExitCode};

use subunit_core::run::{Summary, Verdict};
use subunit_formats::{
    junit::{JunitOptions, JunitWriter},
    read,
    report::Report,
};

fn main() -> io::Result<ExitCode> {
    let path = env::args().nth(1).unwrap_or_else(|| "junit.xml".into());
    let junit = JunitWriter::new(File::create(path)?, JunitOptions::default());
    let mut sinks = (junit, Summary::new());
    let found = read(io::stdin().lock(), None, &mut sinks)?;
    let (junit, summary) = sinks;
    Box::new(junit).result()?;
    let passed = found && summary.verdict() == Verdict::Passed;
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
