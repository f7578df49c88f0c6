//! How many test cases the crate quick-junit finds in a file of JUnit XML: a reader that is not ours, for the
//! scripts in `tests/peers/reports`.

use std::{env, error::Error, fs, io::Write};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("usage: junit_cases FILE")?;
    let report = quick_junit::Report::deserialize_from_str(&fs::read_to_string(path)?)?;
    let cases: usize = report.test_suites.iter().map(|suite| suite.test_cases.len()).sum();
    writeln!(std::io::stdout(), "{cases}")?;
    Ok(())
}
