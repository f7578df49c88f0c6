//! What a person looks at while tests run.
//!
//! [`Run`] takes the events and knows what runs, what failed and what is left to do. The rest shows it:
//! [`line`](mod@line) one result, [`live`] a picture that is drawn anew below what stays, [`report`] the
//! end, [`brief`] the end in few bytes, [`beat`] that the run is alive, [`chatter`] what is printed beside
//! the tests. `keys` and `focus` know what a person asks for meanwhile. Nothing here knows a terminal or a clock: sizes and times are
//! handed in.

pub mod beat;
pub mod brief;
pub mod chatter;
mod clock;
pub mod detail;
pub mod ended;
pub mod failures;
mod fit;
pub(crate) mod focus;
pub(crate) mod keys;
pub mod line;
pub mod live;
mod plan;
pub mod report;
pub mod run;
pub mod running;
mod usual;

pub use ended::Ended;
pub use run::Run;
