//! Whether to go on.

/// Whether the caller should go on. It may be ignored: what is still pushed is taken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Flow {
    /// Go on.
    #[default]
    Continue,
    /// The run may be stopped: nothing more is needed.
    Break,
}

impl Flow {
    /// Whether the run may be stopped.
    pub const fn is_break(self) -> bool {
        matches!(self, Self::Break)
    }

    /// Whether to go on.
    pub const fn is_continue(self) -> bool {
        matches!(self, Self::Continue)
    }

    /// Does the next step, unless the run may be stopped.
    pub fn and_then(self, next: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Continue => next(),
            Self::Break => Self::Break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_is_left_out_after_a_break() {
        let mut steps = 0;
        for flow in [Flow::Continue, Flow::Break] {
            let after = flow.and_then(|| {
                steps += 1;
                Flow::Break
            });
            assert!(after.is_break());
        }
        assert_eq!(steps, 1);
        assert!(Flow::Continue.and_then(Flow::default).is_continue());
    }
}
