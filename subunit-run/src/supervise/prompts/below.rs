//! Notes when something below a worker waits for a person. A supervisor there says so; of a multiplexer only the
//! lines are known that have not ended.

use subunit_core::{Event, RouteCode, conventions};
use subunit_mux::asides;

use super::{OpenLine, Prompt};
use crate::supervise::supervisor::Supervisor;

/// So many places below one worker are looked at.
const MAX_PLACES: usize = 1024;

impl Supervisor {
    pub(super) fn note_below(&mut self, nth: usize, event: &Event<'_>, route: RouteCode<'_>) {
        let route = route.as_str();
        if !conventions::is_aside(event) {
            return self.note_line_below(nth, event, route);
        }
        let Some(process) = &mut self.slots[nth].process else { return };
        let Some(file) = event.file else { return };
        if file.name == conventions::RUN {
            process.has_run_below = true;
        }
        if file.name != conventions::PROMPT {
            return;
        }
        let prompt: serde_json::Value = serde_json::from_slice(file.bytes).unwrap_or_default();
        match prompt.get("open").and_then(serde_json::Value::as_bool) {
            Some(true) => {
                let text = prompt.get("text").and_then(serde_json::Value::as_str);
                self.open_below(nth, route, text.unwrap_or_default());
            }
            Some(false) => _ = self.close_below(nth, route),
            None => {}
        }
    }

    fn note_line_below(&mut self, nth: usize, event: &Event<'_>, route: &str) {
        let keeps_stdin = self.plan.keeps_stdin;
        let Some(process) = &mut self.slots[nth].process else { return };
        if process.has_run_below || !keeps_stdin {
            return;
        }
        let is_printed = |name| matches!(name, conventions::STDOUT | conventions::STDERR);
        let file = event.file.filter(|file| event.test_id.is_none() && is_printed(file.name));
        let has_ended = file.is_some_and(|file| file.bytes.is_empty() && event.eof);
        let lines = &mut process.lines_below;
        let text = match file {
            Some(file) if !has_ended => {
                if lines.len() >= MAX_PLACES && !lines.contains_key(route) {
                    return;
                }
                let line: &mut OpenLine = lines.entry(route.to_owned()).or_default();
                line.take(file.bytes);
                line.text().into_owned()
            }
            None if event.test_id.is_none() => return,
            _ => {
                lines.remove(route);
                String::new()
            }
        };
        let was_asking = process.asked_below.contains_key(route);
        match self.plan.prompts.is_prompt(&text) {
            true if !was_asking => {
                self.open_below(nth, route, &text);
                self.emit_below(route, true, &text);
            }
            false if was_asking && self.close_below(nth, route) => {
                self.emit_below(route, false, "");
            }
            _ => {}
        }
    }

    fn open_below(&mut self, nth: usize, route: &str, text: &str) {
        let now = self.elapsed();
        let Some(process) = &mut self.slots[nth].process else { return };
        process.asked_below.insert(route.to_owned(), text.to_owned());
        process.timer.open_prompt(now);
    }

    /// Whether something waited there.
    fn close_below(&mut self, nth: usize, route: &str) -> bool {
        let now = self.elapsed();
        let Some(process) = &mut self.slots[nth].process else { return false };
        let was_asking = process.asked_below.remove(route).is_some();
        if process.asked_below.is_empty() {
            process.timer.close_prompt(now);
        }
        was_asking
    }

    fn emit_below(&mut self, route: &str, open: bool, text: &str) {
        let route_code = Some(RouteCode::new(route));
        let prompt = asides::event(conventions::PROMPT, route_code, &Prompt { open, text });
        self.emit(&prompt.as_event());
    }
}
