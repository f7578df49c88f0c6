//! Runs tests: starts workers, hands tests out, keeps to limits of time, and makes one stream of all.
//!
//! The stream is the truth: what is known of the run and not said by a test is in files of no test, and
//! whoever shows the run reads the stream. [`Supervisor`] is read like any other input. It takes one turn
//! while its reader waits, in which it moves bytes and decides what is due.
//!
//! Each test that was listed and selected ends exactly once (each attempt at it, if there are several): as a
//! worker said, or as a failure by name. A test that was running when its worker ended is that failure. A
//! test that had not begun goes to another worker, until [`Queue`](crate::schedule::Queue) gives it up. A
//! worker whose processes end several times in succession without a sign of a test is not started again.

mod around;
mod artifacts;
mod clients;
mod closing;
mod dispatch;
mod in_turn;
mod listing;
mod observe;
mod plan;
mod prompts;
mod reading;
mod settings;
mod stream;
mod supervisor;
mod turn;
mod workers;

pub use self::{
    in_turn::{InTurn, PlannedSuite},
    plan::{Candidates, Plan, TimeLimits},
    prompts::PromptPatterns,
    settings::limit,
    supervisor::{Descriptors, Supervisor},
    workers::ON_TERMINAL,
};
