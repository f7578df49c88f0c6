//! Whether a failure is new, compared with a baseline.

/// Whether a failure is new, compared with a baseline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mark {
    /// The baseline does not have it.
    New,
    /// The test failed in the baseline, too.
    Known,
}

impl Mark {
    /// `new` or `known`.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
        }
    }
}
