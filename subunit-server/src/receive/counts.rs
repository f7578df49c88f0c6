//! How much was received since the server began?

use std::sync::atomic::{AtomicU64, Ordering};

/// What was received.
#[derive(Debug, Default)]
pub(super) struct ReceiveCounts {
    runs: AtomicU64,
    bytes: AtomicU64,
}

/// The same, at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received {
    /// Runs that have ended, and were not known.
    pub(crate) runs: u64,
    /// Bytes of streams and files that were taken.
    pub(crate) bytes: u64,
    /// Runs that are being received now.
    pub(crate) open: usize,
}

impl ReceiveCounts {
    /// A run has ended.
    pub(super) fn add_run(&self) {
        self.runs.fetch_add(1, Ordering::Relaxed);
    }

    /// Bytes were taken.
    pub(super) fn add_bytes(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// All of it; `open` runs are being received.
    pub(super) fn now(&self, open: usize) -> Received {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Received { runs: get(&self.runs), bytes: get(&self.bytes), open }
    }
}
