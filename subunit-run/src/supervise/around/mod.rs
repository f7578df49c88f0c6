//! What runs before the tests and after them: the commands `setup` and `teardown` of the configuration, and the one that
//! joins what the workers have covered. They are no tests: what they write is output, and what fails is named by which
//! of them it was.

mod commands;
mod coverage;

use subunit_mux::InputId;

pub(in crate::supervise) use self::coverage::CoverageFolder;

/// Their names among the inputs. No worker is called that.
pub(in crate::supervise) const SETUP: &str = "setup";
pub(in crate::supervise) const TEARDOWN: &str = "teardown";
pub(in crate::supervise) const MERGE: &str = "coverage";

/// How far a run is with these.
#[derive(Debug, Default)]
pub(in crate::supervise) struct AroundTests {
    stage: Stage,
    /// What the stream says of the end of the process that runs.
    end_reason: String,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Stage {
    /// Tests are listed and run.
    #[default]
    Tests,
    SetUp(InputId),
    /// What the workers have covered is joined.
    Merge(InputId),
    /// Only the teardown is left.
    Merged,
    TearDown(InputId),
    /// Nothing more of these runs.
    Over,
}

impl AroundTests {
    /// Whether tests have to wait.
    pub(in crate::supervise) fn is_setting_up(&self) -> bool {
        matches!(self.stage, Stage::SetUp(_))
    }

    /// The command that runs now.
    pub(in crate::supervise) fn input(&self) -> Option<InputId> {
        match self.stage {
            Stage::SetUp(input) | Stage::Merge(input) | Stage::TearDown(input) => Some(input),
            Stage::Tests | Stage::Merged | Stage::Over => None,
        }
    }
}
