//! Files that change while tests run: the run ends, and a new one begins.

use std::{
    io::{self, Read},
    path::Path,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use subunit_filters::{
    console::Source,
    interrupts::Signal,
    pipeline::{Producer, Steering},
};

use super::files::{FileState, PACE};
use crate::supervise::InTurn;

/// Whether a file has changed that Git tracks. Others are not looked at: tests write files themselves.
#[derive(Clone, Debug)]
pub(super) struct Changes(Arc<AtomicBool>);

impl Changes {
    /// Looks from now on, as long as this is kept. Never any where there is no checkout.
    pub(super) fn watch(folder: &Path) -> Self {
        let changed = Arc::new(AtomicBool::new(false));
        if let Some(before) = FileState::tracked(folder) {
            let (folder, changed) = (folder.to_owned(), Arc::downgrade(&changed));
            // Without a thread the run goes on to its end, as it does without Git.
            let _ = thread::Builder::new().spawn(move || look(&folder, &before, &changed));
        }
        Self(changed)
    }

    /// Whether there was one.
    pub(super) fn have_come(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn look(folder: &Path, before: &FileState, changed: &Weak<AtomicBool>) {
    loop {
        thread::sleep(PACE);
        let Some(changed) = changed.upgrade() else { return };
        if FileState::tracked(folder).is_some_and(|now| now != *before) {
            changed.store(true, Ordering::Relaxed);
            return;
        }
    }
}

/// A run that ends when files change.
pub(super) struct UntilChange<'r> {
    run: &'r mut InTurn,
    changes: Changes,
    is_told: bool,
}

impl<'r> UntilChange<'r> {
    pub(super) fn new(run: &'r mut InTurn, changes: Changes) -> Self {
        Self { run, changes, is_told: false }
    }
}

impl Read for UntilChange<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.run.read(buffer)
    }
}

impl Source for UntilChange<'_> {
    fn wait(&mut self, time: Duration) -> bool {
        if self.changes.have_come() && !self.is_told {
            self.is_told = true;
            self.run.end_for_changes();
        }
        self.run.wait(time.min(PACE))
    }

    fn aside(&mut self) -> Option<Vec<u8>> {
        self.run.aside()
    }
}

impl Producer for UntilChange<'_> {
    fn stopped_by(&self) -> Option<Signal> {
        self.run.stopped_by()
    }

    fn steer(&mut self, steering: Steering) {
        self.run.steer(steering);
    }
}
