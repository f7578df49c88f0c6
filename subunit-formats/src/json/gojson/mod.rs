//! `go test -json`, up to Go 1.27.
//!
//! One JSON object a line, as `go doc test2json` describes; `attr`, `artifacts` and `OutputType` are as
//! cmd/test2json of Go 1.27 sends them. Ids are `<import path>.<Test/sub>`, or `<Test/sub>` where `test2json` was not
//! told the package; a package that failed without a failed test is `<import path> [build]`, with its output.
//!
//! Output of tests becomes their file `stdout`, lines of `t.Error` (where Go marks them) `traceback`; lines
//! that only frame tests (`=== RUN`, `--- PASS`) are left out, as events say the same. Output of a package
//! is a file of the run named `<import path> stdout`. Lines that are no JSON are text.
//!
//! Where a test has no end though its package has passed, the lines that frame tests decide: see `package.rs`.
//! A test that runs several times has as many results: neither `-count` nor `gotestsum --rerun-fails` leave a mark by
//! which attempts could be told from them.

mod build;
mod line;
mod package;
mod python;
mod reader;
mod test;

pub use python::PythonGoJsonReader;
pub use reader::GoJsonReader;

use crate::format::Row;

/// What `go test -json` writes.
pub(crate) const ROW: Row = Row {
    name: "gojson",
    title: "the output of `go test -json`",
    details: "Lines that are not its JSON objects are passed through as text.",
    examples: &[
        r#"echo '{"Action":"pass","Package":"p","Test":"T"}' | subunit from-gojson | subunit ls"#,
        r#"echo '{"Action":"skip","Package":"p","Test":"T"}' > go.json && subunit from-gojson go.json | subunit stats"#,
    ],
    ..Row::new(|| Box::new(GoJsonReader::new()))
};
