//! The outputs of an input that readers read.

use std::{fmt, time::Duration};

use subunit_core::InputReader;

use crate::hub::silence::Silence;

/// Which of the outputs that are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::hub) enum ReadSide {
    /// The standard output.
    Output,
    /// The results beside it.
    Results,
}

/// One output: its reader, and what that knows of silence.
pub(in crate::hub) struct ReadOutput {
    /// Absent while it reads.
    pub(super) reader: Option<Box<dyn InputReader>>,
    /// When it last said anything.
    pub(super) heard: Option<Duration>,
    /// What its reader knows of its silence since.
    pub(super) silence: Silence,
}

impl ReadOutput {
    pub(in crate::hub) fn new(reader: Box<dyn InputReader>) -> Self {
        Self { reader: Some(reader), heard: None, silence: Silence::default() }
    }

    pub(in crate::hub) fn space(&mut self, length: usize) -> Option<&mut [u8]> {
        Some(self.reader.as_mut()?.space(length))
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.reader.as_ref().is_some_and(|reader| reader.is_waiting())
    }

    /// When the reader must learn that nothing more has come.
    pub(super) fn silence_due(&self) -> Option<Duration> {
        let heard = self.heard.filter(|_| self.is_waiting())?;
        Some(heard + self.silence.due()?)
    }
}

impl fmt::Debug for ReadOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOutput").field("is_waiting", &self.is_waiting()).finish_non_exhaustive()
    }
}
