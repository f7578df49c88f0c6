//! What a stream says about its tests: one model of a run, for everything that judges, counts or reports.
//!
//! * **A test** is told apart from others by its *identity*: its id, and the hops of its route that are
//!   names. A hop that is a decimal number is a place, where the test happened to run ([`Identities`]). Only
//!   what is in progress is told apart by the whole route.
//! * **An attempt** is one try at a test. There are attempts only if the source says so, by the tag
//!   `attempt-N` ([`conventions::attempt`](crate::conventions::attempt)). An attempt that ended badly is
//!   *held*: it becomes a result only if the end of the stream comes before an attempt with a higher N. Two
//!   results of one identity without the tag are two results, and a failure stays a failure.
//! * **A result** is how a test ended: the status of its last attempt. It is *flaky* if it did not fail, not
//!   even as expected, and an earlier attempt did.
//! * **What cannot be run by itself** (`runnable` off: layers, set-ups, subtests) has results as well. If
//!   several places report the same one, it is one result, the worst.
//! * **A status without a test id** is no test. It is a result only if it is a failure.
//! * **A baseline** is an earlier run. A failure is *known* if the test failed there, and *new* otherwise. A
//!   failure that is about the run and not about a test is new in every run ([`Baseline`]).
//!
//! [`Summary`] counts results and judges the run; [`Results`] puts the events of each result together, for
//! reports; both use [`Attempts`] to decide. [`cause`] says why a test failed, [`Outputs`] keeps output of no
//! test.

mod attempts;
mod baseline;
mod baseline_reader;
pub mod cause;
mod comparison;
mod counted;
mod counts;
mod identity;
mod judge;
mod mark;
mod outputs;
mod results;
mod slowest;
mod source_location;
mod summary;
mod tags_seen;
mod unnamed;

pub use attempts::{Attempt, Attempts, Held, Judged, Kept, Replaced, worse};
pub use baseline::{Baseline, KnownFailures};
pub use baseline_reader::BaselineReader;
pub use comparison::Comparison;
pub use counted::counted;
pub use counts::{Counts, Verdict};
pub use identity::{Identities, is_place};
pub use judge::{FlakyTests, Judge};
pub use mark::Mark;
pub use outputs::{Output, Outputs};
pub use results::{FLAKY_FAILS, NO_TEST_ID, Results, TestResult};
pub use slowest::Slowest;
pub use summary::Summary;
pub use unnamed::UnnamedResults;
