//! Who may ask for what?
//!
//! ```text
//! request --> rules.rs    who asks: a token (token_file.rs), a user of a proxy (network.rs), anybody?
//!               |
//!             gate.rs     do they ask too often (rate.rs)?
//!               |
//!             routes.rs   is what was granted enough for the address?   no --> refusal.rs
//!               |
//!               v
//!             the answer of the address
//! ```
//!
//! To add an address, add it to a [`routes::ScopedRoutes`] with the scope that it needs. There is no way to add one without.

pub(crate) mod caller;
mod credentials;
pub(crate) mod gate;
pub(crate) mod network;
pub(crate) mod peer;
pub(crate) mod rate;
pub(crate) mod refusal;
pub(crate) mod routes;
pub(crate) mod rules;
pub(crate) mod scope;
pub(crate) mod token;
pub(crate) mod token_file;
