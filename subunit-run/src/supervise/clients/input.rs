//! What clients send: text for workers.

use subunit_core::{Event, RouteCode, conventions};

use crate::supervise::{supervisor::Supervisor, workers::Feed};

impl Supervisor {
    /// Passes on what clients send.
    pub(in crate::supervise) fn take_input(&mut self) {
        let mut sent = Vec::new();
        let upstream_ended = self.clients.transfer(|event| {
            if event.file.is_some_and(|file| file.name == conventions::STDIN) {
                sent.push(event.to_buf());
            }
        });
        for event in sent {
            self.send_input(&event.as_event());
        }
        if upstream_ended {
            self.close_all_stdin();
        }
    }

    /// Sends text to the worker that its route names.
    pub(in crate::supervise) fn send_input(&mut self, event: &Event<'_>) {
        let Some((name, below)) = event.route_code.map(RouteCode::split_first) else { return };
        let Some(&nth) = self.by_name.get(name) else { return };
        let Some(process) = &mut self.slots[nth].process else { return };
        let event = Event { route_code: below, ..*event };
        if self.processes.send(process.input, &event).is_ok() && below.is_none() {
            process.open_line.clear();
            self.close_prompt(nth);
        }
    }

    /// Nobody types any more: a worker that reads its standard input finds the end.
    fn close_all_stdin(&mut self) {
        self.plan.keeps_stdin = false;
        let processes = self.slots.iter().filter_map(|slot| slot.process.as_ref());
        for process in processes.filter(|process| !matches!(process.feed, Feed::Packets)) {
            self.processes.close_stdin(process.input);
        }
    }
}
