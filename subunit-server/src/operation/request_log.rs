//! Where does the line of a request go? To standard error, by a thread that may wait for whoever reads it.

use std::{
    io::{self, Write as _},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

/// How many lines wait at most.
const WAITING: usize = 1024;

/// Takes lines, and never waits.
#[derive(Debug)]
pub(crate) struct RequestLog {
    lines: SyncSender<String>,
    /// Lines for which there was no room.
    lost: AtomicU64,
}

impl RequestLog {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Self> {
        let (lines, waiting) = sync_channel::<String>(WAITING);
        thread::Builder::new().name("log".into()).spawn(move || {
            for line in waiting {
                // There is nobody else to tell.
                let _ = writeln!(io::stderr(), "subunit serve: {line}");
            }
        })?;
        Ok(Self { lines, lost: AtomicU64::new(0) })
    }

    pub(super) fn write(&self, line: String) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let line = if lost > 0 { format!("{line} (after {lost} that are left out)") } else { line };
        if self.lines.try_send(line).is_err() {
            self.lost.fetch_add(lost + 1, Ordering::Relaxed);
        }
    }
}
