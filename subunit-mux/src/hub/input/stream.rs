//! Which outputs an input has.

/// Which of its outputs an input's bytes come from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Stream {
    /// Packets and text.
    #[default]
    Stdout = 0,
    /// Text only: what looks like a packet is text too.
    Stderr = 1,
}

impl Stream {
    /// The name of the files that its text becomes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}
