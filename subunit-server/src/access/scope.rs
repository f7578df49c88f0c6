//! What may somebody do?

use serde::{Deserialize, Serialize};

/// What an address needs, and what a token grants. Each one holds those before it.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccessScope {
    /// See pages, and ask what only shows
    Read,
    /// Add runs as well
    Write,
    /// All that the server can do
    Admin,
}

impl AccessScope {
    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}
