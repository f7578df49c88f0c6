//! Notes when a worker begins and ends to wait for a person.

use subunit_core::{Event, RouteCode, conventions};
use subunit_mux::asides;

use super::Prompt;
use crate::supervise::supervisor::Supervisor;

impl Supervisor {
    /// Looks whether what a worker writes is a prompt, or shows that it goes on after one.
    pub(in crate::supervise) fn note_line(&mut self, nth: usize, event: &Event<'_>) {
        if event.route_code.is_some_and(|route| route.split_first().1.is_some()) {
            return self.note_prompt_below(nth, event);
        }
        let now = self.elapsed();
        let Some(process) = &mut self.slots[nth].process else { return };
        if !process.asked_below.is_empty() {
            return;
        }
        if event.test_id.is_some() {
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

    /// A supervisor below says that a worker of its own waits for a person, or goes on.
    fn note_prompt_below(&mut self, nth: usize, event: &Event<'_>) {
        let now = self.elapsed();
        let is_prompt = conventions::is_aside(event);
        let Some(file) = event.file.filter(|file| is_prompt && file.name == conventions::PROMPT)
        else {
            return;
        };
        let prompt: serde_json::Value = serde_json::from_slice(file.bytes).unwrap_or_default();
        let Some(process) = &mut self.slots[nth].process else { return };
        let route = event.route_code.map(RouteCode::as_str).unwrap_or_default();
        match prompt.get("open").and_then(serde_json::Value::as_bool) {
            Some(true) => {
                let text = prompt.get("text").and_then(serde_json::Value::as_str);
                let text = text.unwrap_or_default().to_owned();
                process.asked_below.insert(route.to_owned(), text);
                process.timer.open_prompt(now);
            }
            Some(false) => {
                process.asked_below.remove(route);
                if process.asked_below.is_empty() {
                    process.timer.close_prompt(now);
                }
            }
            None => {}
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
