//! Why are there no instances?

use crate::callout::CalloutError;

/// Why there are no instances.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// The command that provides them is of no use.
    #[error("instance_provision: {0}")]
    Provision(CalloutError),
    /// It named none.
    #[error("instance_provision: `{0}` names too few instances: {1} of {2}")]
    TooFew(String, usize, usize),
    /// Two names are one thing.
    #[error(
        "instances {0} and {1} are one and the same, by what they say of themselves: leave one out and give \
         the other `slots`"
    )]
    SameIdentity(String, String),
    /// All of them were left out.
    #[error("no instance can be used: {0}")]
    NoneLeft(String),
    /// A signal came meanwhile.
    #[error("{0}")]
    Interrupted(CalloutError),
}

impl InstanceError {
    /// The command that ended it, if one did.
    pub fn callout(&self) -> Option<&CalloutError> {
        match self {
            Self::Provision(error) | Self::Interrupted(error) => Some(error),
            _ => None,
        }
    }
}
