//! What a failure is beside a baseline.

/// What a failure is, beside a baseline.
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
