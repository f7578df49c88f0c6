//! Who connects to us, and where.

mod listener;
pub mod run_socket;

pub use listener::Listener;
