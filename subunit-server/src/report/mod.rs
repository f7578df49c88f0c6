//! Sends runs to a server: the other side of `receive/`.
//!
//! ```text
//! input --> spool.rs     a file, so that the runner never waits
//!             |
//!             v
//!           sender.rs    what does the server have, and when is it tried again?
//!             |
//!             v
//!           exchange.rs  one request, over TLS or not --> address.rs
//! ```

pub(crate) mod address;
pub(crate) mod exchange;
pub(crate) mod sender;
pub(crate) mod spool;
