//! Notes when a worker begins and ends to wait for a person.

use subunit_core::{Event, RouteCode, Status, conventions};
use subunit_mux::asides;

use super::Prompt;
use crate::supervise::supervisor::Supervisor;

impl Supervisor {
    /// Looks whether what a worker writes is a prompt, or shows that it goes on after one.
    pub(in crate::supervise) fn note_line(&mut self, nth: usize, event: &Event<'_>) {
        if let Some(route) = event.route_code.filter(|route| route.split_first().1.is_some()) {
            return self.note_below(nth, event, route);
        }
        let now = self.elapsed();
        let Some(process) = &mut self.slots[nth].process else { return };
        if !process.asked_below.is_empty() {
            return;
        }
        if event.test_id.is_some() {
            if self.plan.suite.console {
                // It came beside the output, and may have been written before what was read before it: a
                // test that begins says nothing of a prompt, and one that ends of none that is as new.
                let has_ended = event.status.is_some_and(Status::is_final);
                if has_ended && process.timer.is_prompting_since_before(now) {
                    self.close_prompt(nth);
                }
                return;
            }
            process.open_line.clear();
            return self.close_prompt(nth);
        }
        let is_printed = |name| matches!(name, conventions::STDOUT | conventions::STDERR);
        let Some(file) = event.file.filter(|file| is_printed(file.name)) else { return };
        process.open_line.take(file.bytes);
        let text = process.open_line.text();
        if !self.plan.keeps_stdin || !self.plan.prompts.is_prompt(&text) {
            return self.close_prompt(nth);
        }
        if process.timer.open_prompt(now) {
            let text = text.into_owned();
            self.emit_prompt(nth, true, &text);
        }
    }

    /// The worker waits no longer, if it did.
    pub(in crate::supervise) fn close_prompt(&mut self, nth: usize) {
        let now = self.elapsed();
        let Some(process) = &mut self.slots[nth].process else { return };
        if process.timer.close_prompt(now) {
            self.emit_prompt(nth, false, "");
        }
    }

    fn emit_prompt(&mut self, nth: usize, open: bool, text: &str) {
        let route_code = Some(RouteCode::new(&self.slots[nth].worker.name));
        let prompt = asides::event(conventions::PROMPT, route_code, &Prompt { open, text });
        self.emit(&prompt.as_event());
    }
}
