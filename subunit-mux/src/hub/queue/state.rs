//! What a hub knows of requested tests.

use std::{
    collections::{HashSet, VecDeque},
    num::NonZeroUsize,
};

use crate::hub::handed::Test;

/// What a hub knows of tests for any idle input.
#[derive(Debug)]
pub(in crate::hub) struct Queue {
    pub(super) waiting: VecDeque<Test>,
    /// How many tests an input holds at a time.
    pub(super) depth: NonZeroUsize,
    /// Whether more inputs may be attached.
    pub(super) more_inputs: bool,
    /// Whether nothing more comes from upstream.
    pub(super) ended: bool,
    /// Why nothing more is handed out.
    pub(super) stopped: Option<String>,
    /// Whether any input has ever taken tests.
    pub(super) had_taker: bool,
    pub(super) asked: u64,
    pub(super) never_run: u64,
    /// The names of inputs that have ended.
    pub(super) gone: HashSet<String>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            depth: NonZeroUsize::MIN,
            more_inputs: false,
            ended: false,
            stopped: None,
            had_taker: false,
            asked: 0,
            never_run: 0,
            gone: HashSet::new(),
        }
    }
}
