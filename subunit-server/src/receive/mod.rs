//! Runs that come from other machines: as streams, piece by piece while they go on, or whole and in any format.
//!
//! ```text
//! PUT  --> put.rs     which piece of which run? (piece.rs)      POST --> upload.rs: a file of any format
//! HEAD --> head.rs    how much is there?                                   |
//!            |                                                             v
//!            v                                                    subunit_history::RunWriter
//!          inbox.rs   the runs that are being received
//!            |
//!            v
//!          subunit_history::receive: the files
//! ```
//!
//! A piece is acknowledged when the disk has it. A run whose client stays away is kept as interrupted; if the client comes
//! back after all, it goes on.

mod body;
pub(crate) mod counts;
mod facts;
mod head;
pub(crate) mod inbox;
mod piece;
mod put;
mod receipt;
mod upload;

use axum::routing;

use crate::access::{routes::ScopedRoutes, scope::AccessScope};

/// The address of a stream.
const STREAM: &str = "/api/v1/runs/{run}/stream";

/// All addresses that take something.
pub(crate) fn routes() -> ScopedRoutes {
    ScopedRoutes::default()
        .needs(AccessScope::Write, "/api/v1/runs", routing::post(upload::upload))
        .needs(AccessScope::Write, STREAM, routing::put(put::put))
        .needs(AccessScope::Read, STREAM, routing::head(head::head))
}
