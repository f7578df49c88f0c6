//! What the end of a process means for the instance it was on, and who gets tests that cannot run there.

use std::{mem, process::ExitStatus};

use serde_json::{Map, Value};
use subunit_core::{
    Event, FileChunk,
    conventions::{self, Capabilities},
};

use super::{ending::MAX_FRUITLESS, slot::WorkerProcess};
use crate::{
    instances::UNUSABLE,
    supervise::{stream::printed, supervisor::Supervisor},
};

/// The exit status of ssh that has lost, or never had, its connection.
const NO_CONNECTION: i32 = 255;

/// The version of this program.
const OURS: &str = env!("CARGO_PKG_VERSION");

impl Supervisor {
    /// Leaves an instance out if the process has found out that it cannot be used. Whether a test may be to
    /// blame for the end of the process.
    pub(super) fn note_instance(
        &mut self,
        nth: usize,
        process: &WorkerProcess,
        status: Option<ExitStatus>,
    ) -> bool {
        let slot = &self.slots[nth];
        if slot.worker.instance.is_empty() || process.has_run_test {
            return true;
        }
        let code = status.and_then(|status| status.code());
        if code == Some(UNUSABLE) {
            let instance = slot.worker.instance.clone();
            self.leave_out(nth, &instance);
            return false;
        }
        // One test may end a process. Where several end without a test, it is the place.
        let instance = &slot.worker.instance;
        let others = self.slots.iter().enumerate().filter(|(other, _)| *other != nth);
        let are_others_fruitless = others
            .filter(|(_, other)| other.worker.instance == *instance)
            .any(|(_, other)| other.fruitless > 0);
        code != Some(NO_CONNECTION) && slot.fruitless <= 1 && !are_others_fruitless
    }

    /// Writes the file `worker` of a worker with where that runs. Whether it was such a file.
    pub(in crate::supervise) fn place_worker(&mut self, nth: usize, event: &Event<'_>) -> bool {
        let instance = &self.slots[nth].worker.instance;
        let file = event.file.filter(|file| file.name == conventions::WORKER);
        let is_own = event.route_code.is_some_and(|route| route.split_first().1.is_none());
        let Some(file) = file.filter(|_| is_own && event.eof && !instance.is_empty()) else {
            return false;
        };
        let Ok(mut said) = serde_json::from_slice::<Map<String, Value>>(file.bytes) else {
            return false;
        };
        said.insert("instance".to_owned(), Value::from(instance.as_str()));
        let bytes = Value::from(said).to_string();
        let file = Some(FileChunk { bytes: bytes.as_bytes(), ..file });
        self.emit(&Event { file, ..*event });
        true
    }

    /// A far program says which version it is. One that is not ours is told, once for each instance.
    pub(in crate::supervise) fn note_version(&mut self, nth: usize, event: &Event<'_>) {
        let release = Capabilities::of(event).and_then(|capabilities| capabilities.release);
        let Some(release) = release.filter(|release| *release != OURS) else { return };
        let instance = self.slots[nth].worker.instance.clone();
        if instance.is_empty() || !self.instances.note_version(&instance) {
            return;
        }
        let text = format!(
            "subunit is version {} on instance {instance}, and {OURS} here: install one version on both\n",
            release.escape_debug()
        );
        self.emit(&printed(&text, event.route_code));
    }

    /// Nothing is started on this instance any more.
    fn leave_out(&mut self, nth: usize, instance: &str) {
        if self.instances.leave_out(instance) {
            let reason = format!(
                "instance {instance} is left out: its worker said that it cannot be used\n"
            );
            self.fail_run("(instance)", &reason);
        }
        let ended =
            |other: usize, process: &Option<WorkerProcess>| other == nth || process.is_none();
        for other in 0..self.slots.len() {
            let slot = &mut self.slots[other];
            if slot.worker.instance == instance && ended(other, &slot.process) {
                (slot.fruitless, slot.is_done) = (MAX_FRUITLESS, true);
                let list = mem::take(&mut slot.list);
                self.hand_on(other, list);
            }
        }
    }

    /// Tests of a list whose worker is given up go to one that is not. If there is none, nobody runs them.
    pub(super) fn hand_on(&mut self, nth: usize, tests: Vec<String>) {
        let others = self.slots.iter_mut().enumerate();
        let mut usable =
            others.filter(|(other, slot)| *other != nth && slot.fruitless < MAX_FRUITLESS);
        let to = usable.next().map_or(nth, |(other, _)| other);
        let slot = &mut self.slots[to];
        slot.list.extend(tests);
        // What had nothing more to do goes on.
        slot.is_done &= to == nth || slot.list.is_empty();
    }
}
