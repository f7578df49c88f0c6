//! How the run of a verb ends.

use super::error::VerbError;

/// How a verb ends: with an exit status, or with a line on standard error.
pub(super) type VerbEnd = Result<u8, VerbError>;

/// The exit status after failed tests.
pub(super) const FAILED: u8 = 1;

/// What a run came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct RunVerdict {
    /// Whether all is well.
    pub(super) passed: bool,
    /// The exit status. It says nothing of the results if they were shown as a stream.
    pub(super) status: u8,
}

impl RunVerdict {
    /// The verdict on a run that passed or did not. `tells` is false if the exit status says nothing of that.
    pub(super) fn new(passed: bool, tells: bool) -> Self {
        Self { passed, status: if passed || !tells { 0 } else { FAILED } }
    }

    /// Runs once; or `again` and again, until a run does not pass. Then the exit status says so.
    pub(super) fn until_failure<E>(
        again: bool,
        mut run: impl FnMut() -> Result<Self, E>,
    ) -> Result<Self, E> {
        loop {
            let verdict = run()?;
            if !again {
                return Ok(verdict);
            }
            if !verdict.passed {
                return Ok(Self { status: verdict.status.max(FAILED), ..verdict });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_status_tells_of_failed_tests() {
        for (passed, tells, expected) in [(true, true, 0), (false, true, 1), (false, false, 0)] {
            assert_eq!(RunVerdict::new(passed, tells).status, expected);
        }
    }

    #[test]
    fn runs_go_on_until_one_fails() {
        let passes = |most: u32, again| {
            let mut runs = 0;
            let verdict = RunVerdict::until_failure::<()>(again, || {
                runs += 1;
                Ok(RunVerdict::new(runs < most, false))
            });
            (verdict.unwrap().status, runs)
        };
        assert_eq!(passes(3, true), (1, 3));
        assert_eq!(passes(3, false), (0, 1));
        assert_eq!(passes(1, false), (0, 1));
    }
}
