//! Whether a failure is new, compared with a baseline, or tolerated by a policy.

/// Whether a failure is new, compared with a baseline, or tolerated by a policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mark {
    /// The baseline does not have it.
    New,
    /// The test failed in the baseline, too.
    Known,
    /// By the policy of its test, it takes more of them until that one counts as failing.
    Tolerated,
}

impl Mark {
    /// Whether the failure may be excused: all but new ones.
    pub fn is_excusable(self) -> bool {
        self != Self::New
    }

    /// `new`, `known` or `tolerated`.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Tolerated => "tolerated",
        }
    }
}
