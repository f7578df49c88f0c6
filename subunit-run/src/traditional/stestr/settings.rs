//! How runs are shown: by options, and by what the user has set.

use std::io::{self, IsTerminal, Write};

use super::{call::StestrCall, exit::FAILED};
use crate::{
    config::user::User,
    traditional::{
        error::VerbError,
        show::{trace::Style, view::RunLook},
    },
};

/// A section of what the user has set, under the options of a call: an option goes before it.
pub(super) struct UserSettings<'c> {
    call: &'c StestrCall,
    user: User,
    section: &'static str,
}

impl<'c> UserSettings<'c> {
    /// Reads what the user has set.
    ///
    /// # Errors
    ///
    /// If something is wrong in it.
    pub(super) fn new(call: &'c StestrCall, section: &'static str) -> Result<Self, VerbError> {
        Ok(Self { call, user: call.user().map_err(VerbError::new)?, section })
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
    pub(super) fn look(&self) -> Result<RunLook, VerbError> {
        let style = self.style()?;
        Ok(if self.call.has("subunit") {
            RunLook::Stream
        } else if self.call.has("force-subunit-trace") || !self.has("no-subunit-trace") {
            RunLook::Trace(style)
        } else {
            RunLook::text()
        })
    }

    /// How a run is shown that has no trace unless told otherwise.
    ///
    /// # Errors
    ///
    /// If options exclude each other.
    pub(super) fn look_of_load(&self) -> Result<RunLook, VerbError> {
        let style = self.style()?;
        Ok(if self.call.has("subunit") {
            RunLook::Stream
        } else if self.has("subunit-trace") {
            RunLook::Trace(style)
        } else {
            RunLook::text()
        })
    }

    fn style(&self) -> Result<Style, VerbError> {
        let (suppress, all) = ("suppress-attachments", "all-attachments");
        let given = [suppress, all].map(|option| self.call.has(option));
        if given == [true, true] {
            let what = "The --suppress-attachments and --all-attachments options are mutually \
                        exclusive, you can not use both at the same time";
            writeln!(io::stdout(), "{what}")?;
            return Err(VerbError::silent(FAILED));
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
