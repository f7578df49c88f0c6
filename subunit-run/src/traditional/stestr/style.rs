//! How runs are shown: by options, and by what the user has set.

use std::io::{self, IsTerminal};

use super::{FAILED, call::Call};
use crate::{
    config::user::User,
    traditional::{failure::Failure, show::trace::Style},
};

/// How runs are shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    /// As a stream of packets.
    Stream,
    /// Failures and a summary, as testr does.
    Text,
    /// A line for each test.
    Trace(Style),
}

/// A section of what the user has set, under the options of a call: an option goes before it.
pub(super) struct Settings<'c> {
    call: &'c Call,
    user: User,
    section: &'static str,
}

impl<'c> Settings<'c> {
    /// Reads what the user has set.
    ///
    /// # Errors
    ///
    /// If something is wrong in it.
    pub(super) fn new(call: &'c Call, section: &'static str) -> Result<Self, Failure> {
        Ok(Self { call, user: call.user().map_err(Failure::new)?, section })
    }

    /// Whether an option was given, or the user has set it.
    pub(super) fn has(&self, option: &str) -> bool {
        self.call.has(option) || self.user.flag(self.section, option) == Some(true)
    }

    /// How many workers there are to be, if anybody says.
    pub(super) fn concurrency(&self) -> i64 {
        let given = self.call.given.number("concurrency");
        given.or_else(|| self.user.concurrency()).unwrap_or_default()
    }

    /// How a run is shown that has a trace unless told otherwise.
    ///
    /// # Errors
    ///
    /// If options exclude each other.
    pub(super) fn look(&self) -> Result<Look, Failure> {
        let style = self.style()?;
        Ok(if self.call.has("subunit") {
            Look::Stream
        } else if self.call.has("force-subunit-trace") || !self.has("no-subunit-trace") {
            Look::Trace(style)
        } else {
            Look::Text
        })
    }

    /// How a run is shown that has no trace unless told otherwise.
    ///
    /// # Errors
    ///
    /// If options exclude each other.
    pub(super) fn look_of_load(&self) -> Result<Look, Failure> {
        let style = self.style()?;
        Ok(if self.call.has("subunit") {
            Look::Stream
        } else if self.has("subunit-trace") {
            Look::Trace(style)
        } else {
            Look::Text
        })
    }

    fn style(&self) -> Result<Style, Failure> {
        let (suppress, all) = ("suppress-attachments", "all-attachments");
        let given = [suppress, all].map(|option| self.call.has(option));
        if given == [true, true] {
            let what = "The --suppress-attachments and --all-attachments options are mutually \
                        exclusive, you can not use both at the same time";
            return Err(Failure::with_status(what, FAILED));
        }
        // One that was given goes before both that are set.
        let is_set = |option| match given {
            [false, false] => self.has(option),
            _ => self.call.has(option),
        };
        Ok(Style {
            abbreviate: self.has("abbreviate"),
            color: self.has("color") && io::stdout().is_terminal(),
            suppress_attachments: is_set(suppress),
            all_attachments: is_set(all),
            show_binary_attachments: self.call.has("show-binary-attachments"),
        })
    }
}
