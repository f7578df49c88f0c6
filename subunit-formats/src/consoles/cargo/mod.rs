//! The text that `cargo test` writes: libtest's lines for people, as well as these can be read.
//!
//! A test that passed is reported when its line comes. One that failed is reported with its output, which
//! stands in a later section; it is held until then, or until the program ends. With `--nocapture` a test's
//! output runs into its line: all up to a line that is (or ends with) an outcome is the test's. The
//! output of passing tests (`--show-output`) comes when they have ended, and is a file of the run named
//! `<id> stdout`.
//!
//! A program without `test result:` line has been aborted and is red. Lines that imitate libtest's are
//! told apart by the counts: `running 3 tests` is answered by a result of three.
//!
//! `cargo test -q` names the tests that fail and writes a dot for each other one; these are reported with the
//! program's result, as `[passed 1]` and so on.
//!
//! Ids are `<program>::<test>` where cargo's own lines are among the input, else `<test>`. Of programs of one name, such
//! as the library and the program of a crate, all but the first have their source with them: `shop (src/main.rs)::<test>`.
//!
//! libtest writes a test's name, its outcome and the line end one by one, and what other threads print may land
//! between them: an outcome at the beginning of what seems to be a test's output counts where no other came before
//! the next test.

mod line;
mod output;
mod reader;
mod sections;
mod suite;

pub use reader::CargoReader;

use crate::format::{Row, Signs};

/// What `cargo test` prints.
pub(crate) const ROW: Row = Row {
    name: "cargo",
    title: "the output of cargo test",
    examples: &[
        r"printf '\nrunning 1 test\ntest a ... ok\n' | subunit from-cargo | subunit ls --no-text",
        r"printf '\nrunning 1 test\ntest a ... FAILED\n' | subunit from-cargo | subunit stats",
    ],
    signs: Signs { first: &["running "], line: Some(announces_tests), ..Signs::NONE },
    ..Row::new(|| Box::new(CargoReader::new()))
};

/// `running 7 tests`.
fn announces_tests(line: &[u8]) -> bool {
    let count = line.strip_prefix(b"running ").map(<[u8]>::trim_ascii_end);
    let count =
        count.and_then(|rest| rest.strip_suffix(b" tests").or_else(|| rest.strip_suffix(b" test")));
    count.is_some_and(|count| !count.is_empty() && count.iter().all(u8::is_ascii_digit))
}
