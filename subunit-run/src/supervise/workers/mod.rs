//! Workers: their processes, from the start to the end.

mod command;
mod ending;
mod instance;
mod leases;
mod limits;
mod mute;
mod slot;
mod start;
mod timer;

pub use self::command::ON_TERMINAL;
pub(super) use self::{
    slot::{Feed, WorkerSlot},
    start::spawn,
    timer::{BegunTest, TestLimits},
};
