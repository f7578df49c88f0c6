//! The listing of tests.

mod discovery;

use subunit_core::EventBuf;
use subunit_mux::InputId;

/// The name of the listing among the inputs. No worker is called that.
pub(super) const LISTING: &str = "list";

/// What is known of the listing.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The command that lists, while it runs.
    pub(super) input: Option<InputId>,
    /// The worker that lists before it runs tests, until it has.
    pub(super) worker: Option<usize>,
    /// All tests are known.
    pub(super) is_over: bool,
    /// How many tests were listed, selected or not.
    pub(super) listed: u64,
    /// The tests for workers that take lists, until all are known.
    pub(super) collected: Vec<String>,
    /// All selected tests, where only a shard or a sample of them runs.
    whole: Vec<String>,
    /// It has failed, and no test was listed.
    pub(super) is_broken: bool,
    /// How processes ended that got ready meanwhile and had no test. A listing that is broken says it as well.
    pub(super) held: Vec<EventBuf>,
    /// What the stream of the listing says of the end of its process.
    end_reason: String,
}
