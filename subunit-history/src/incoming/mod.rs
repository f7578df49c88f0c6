//! How a run comes in besides by its writer: from another machine, or because its writer is gone; and what it is called then.

mod adopt;
mod naming;
pub mod receive;

pub(crate) use self::adopt::Summed;
pub use self::naming::{DEFAULT_SERIES, KeptRun};
pub(crate) use self::naming::{RunName, header, name_of};
