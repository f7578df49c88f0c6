//! What a client gets first: the state of the run, in events that say it.

use serde::Serialize;
use subunit_core::{Event, FileChunk, RouteCode, Status, conventions};
use subunit_mux::{Moment, asides};

use crate::supervise::{
    prompts::Prompt,
    supervisor::Supervisor,
    workers::{BegunTest, WorkerSlot},
};

/// How far a run is.
#[derive(Debug, Serialize)]
struct Progress {
    /// How many tests have ended.
    done: u64,
    /// How many failures there are.
    failed: u64,
    /// How long the run has been going on, in seconds.
    elapsed: f64,
}

impl Supervisor {
    /// Accepts clients. Nothing waits to be read of the stream now, so what they get next is a whole packet.
    pub(in crate::supervise) fn accept_clients(&mut self) {
        let mut clients = std::mem::take(&mut self.clients);
        clients.accept(|| self.snapshot());
        self.clients = clients;
    }

    /// What this is a run of, how much there is to do, what runs, who asks, and how far the run is.
    fn snapshot(&self) -> Vec<u8> {
        let mut snapshot = Vec::new();
        let mut emit = |event: &Event<'_>| {
            // It was written before, so it fits a packet.
            let _ = event.encode(&mut snapshot);
        };
        emit(&self.plan.run.event().as_event());
        emit(&self.progress_plan.event().as_event());
        let now = self.processes.moment();
        self.slots.iter().for_each(|slot| slot.describe(now, &mut emit));
        // This comes last, so a client that wants no more knows that this was all.
        let (done, failed) = (self.results, self.failures);
        let progress = Progress { done, failed, elapsed: now.elapsed.as_secs_f64() };
        emit(&asides::event(conventions::PROGRESS, None, &progress).as_event());
        snapshot
    }
}

impl WorkerSlot {
    /// The tests that run here, and what its process asks.
    fn describe(&self, now: Moment, emit: &mut impl FnMut(&Event<'_>)) {
        let Some(process) = &self.process else { return };
        let route_code = Some(RouteCode::new(&self.worker.name));
        for BegunTest { test_id, begun, route } in process.timer.running() {
            let route_code = route.map(RouteCode::new).or(route_code);
            let since = now.elapsed.saturating_sub(begun);
            let timestamp = now.time.and_then(|time| time.checked_sub(since));
            emit(&Event { route_code, timestamp, ..Event::status(test_id, Status::InProgress) });
        }
        for (route, text) in &process.asked_below {
            ask(Some(RouteCode::new(route)), text, emit);
        }
        if process.timer.is_prompting() && process.asked_below.is_empty() {
            ask(route_code, &process.open_line.text(), emit);
        }
    }
}

/// What is asked at a place, as it is shown and as programs know it.
fn ask(route_code: Option<RouteCode<'_>>, text: &str, emit: &mut impl FnMut(&Event<'_>)) {
    let file = Some(FileChunk { name: conventions::STDOUT, bytes: text.as_bytes() });
    let mime_type = Some(conventions::TEXT);
    emit(&Event { route_code, file, mime_type, ..Event::default() });
    let prompt = Prompt { open: true, text };
    emit(&asides::event(conventions::PROMPT, route_code, &prompt).as_event());
}
