//! How processes are run and read.

use std::{num::NonZeroUsize, time::Duration};

use super::spawn::inherited_grace;
use crate::{Options, Readers};

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A command, connection or FIFO that says nothing for this long is stopped.
    pub idle: Option<Duration>,
    /// An input whose test runs for longer is stopped.
    pub test: Option<Duration>,
    /// Time between one signal and the next, stronger one.
    pub grace: Duration,
    /// How long the outputs of a command that has ended may stay open.
    pub linger: Duration,
}

impl Default for Limits {
    /// No limits; the inherited time to stop; 2 seconds for outputs that stay open.
    fn default() -> Self {
        let linger = Duration::from_secs(2);
        Self { idle: None, test: None, grace: inherited_grace(), linger }
    }
}

/// How processes are run and read.
#[derive(Debug)]
pub struct Settings {
    /// For the hub.
    pub options: Options,
    /// Readers of the inputs. Packets only, unless told otherwise.
    pub readers: Readers,
    /// How many tests without a route an input gets at a time.
    pub depth: NonZeroUsize,
    /// How long things may take.
    pub limits: Limits,
    /// The verb that is named in files about workers.
    pub by: &'static str,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            options: Options::default(),
            readers: Readers::default(),
            depth: NonZeroUsize::MIN,
            limits: Limits::default(),
            by: "mux",
        }
    }
}
