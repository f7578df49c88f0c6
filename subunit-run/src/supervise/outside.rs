//! What guests are told first, what they send, and what waits for a person.

use serde::Serialize;
use subunit_core::{Event, FileChunk, RouteCode, Status, conventions};
use subunit_mux::asides;

use super::{Supervisor, hand::Feed};

/// How far a run is, for those who come later.
#[derive(Debug, Serialize)]
struct Progress {
    /// How many tests have ended.
    done: u64,
    /// How many failures there are.
    failed: u64,
    /// How long the run has been going on, in seconds.
    elapsed: f64,
}

/// A worker waits for a person, or does no longer.
#[derive(Debug, Serialize)]
struct Prompt<'a> {
    open: bool,
    text: &'a str,
}

impl Supervisor {
    /// Lets in who asks for this run. Nothing waits to be read now, so what comes next is a whole packet.
    pub(super) fn welcome(&mut self) {
        let mut guests = std::mem::take(&mut self.guests);
        guests.welcome(|| self.greeting());
        self.guests = guests;
    }

    /// What was said so far, in short: what this is a run of, how far it is, what runs, who asks.
    fn greeting(&self) -> Vec<u8> {
        let mut said = Vec::new();
        let mut say = |event: &Event<'_>| {
            // It has been said before, so it can be written.
            let _ = event.encode(&mut said);
        };
        say(&self.plan.run.event().as_event());
        say(&self.planned.event().as_event());
        let now = self.processes.moment();
        for hand in &self.hands {
            let Some(process) = &hand.process else { continue };
            let route_code = Some(RouteCode::new(&hand.worker.name));
            for (test_id, begun) in &process.running {
                let timestamp = now
                    .time
                    .and_then(|time| time.checked_sub(now.elapsed.saturating_sub(begun.at)));
                say(&Event { route_code, timestamp, ..Event::status(test_id, Status::InProgress) });
            }
            if process.asks_since.is_some() {
                let text = process.line.text();
                let file = FileChunk { name: conventions::STDOUT, bytes: text.as_bytes() };
                let mime_type = Some(conventions::TEXT);
                say(&Event { route_code, file: Some(file), mime_type, ..Event::default() });
                let prompt = Prompt { open: true, text: &text };
                let name = Some(RouteCode::new(&hand.worker.name));
                say(&asides::event(conventions::PROMPT, name, &prompt).as_event());
            }
        }
        // This comes last, so whoever wants no more knows when all is said.
        let (done, failed) = (self.results, self.failures);
        let progress = Progress { done, failed, elapsed: self.elapsed().as_secs_f64() };
        say(&asides::event(conventions::PROGRESS, None, &progress).as_event());
        said
    }

    /// Text of guests goes to workers.
    pub(super) fn hear_guests(&mut self) {
        let mut sent = Vec::new();
        let upstream_ended = self.guests.turn(|event| {
            if event.file.is_some_and(|file| file.name == conventions::STDIN) {
                sent.push(event.to_buf());
            }
        });
        for event in sent {
            self.type_at(&event.as_event());
        }
        if upstream_ended {
            self.close_all_stdin();
        }
    }

    /// Nobody types any more: who reads finds the end.
    fn close_all_stdin(&mut self) {
        self.plan.keeps_stdin = false;
        let processes = self.hands.iter().filter_map(|hand| hand.process.as_ref());
        let inputs: Vec<_> = processes
            .filter(|process| !matches!(process.feed, Feed::Packets))
            .map(|process| process.input)
            .collect();
        inputs.into_iter().for_each(|input| self.processes.close_stdin(input));
    }

    /// Sends text to the worker that its route names.
    pub(super) fn type_at(&mut self, event: &Event<'_>) {
        let Some((name, below)) = event.route_code.map(RouteCode::split_first) else { return };
        let Some(&nth) = self.by_name.get(name) else { return };
        let Some(process) = &mut self.hands[nth].process else { return };
        let event = Event { route_code: below, ..*event };
        if self.processes.send(process.input, &event).is_ok() && below.is_none() {
            process.line.clear();
            self.end_prompt(nth);
        }
    }

    /// Looks whether what a worker prints asks a person, or goes on after that.
    pub(super) fn note_line(&mut self, nth: usize, event: &Event<'_>) {
        let below = event.route_code.and_then(|route| route.split_first().1);
        if below.is_some() {
            return self.note_prompt_below(nth, event);
        }
        let Some(process) = &mut self.hands[nth].process else { return };
        let printed = event.file.filter(|file| {
            event.test_id.is_none()
                && matches!(file.name, conventions::STDOUT | conventions::STDERR)
        });
        let Some(file) = printed else {
            if event.test_id.is_some() {
                process.line.clear();
                self.end_prompt(nth);
            }
            return;
        };
        process.line.take(file.bytes);
        let text = process.line.text().into_owned();
        if !self.plan.keeps_stdin || !self.plan.prompts.is_prompt(&text) {
            return self.end_prompt(nth);
        }
        if process.asks_since.is_none() {
            process.asks_since = Some(self.processes.moment().elapsed);
            self.say_prompt(nth, true, &text);
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
        let said: serde_json::Value = serde_json::from_slice(file.bytes).unwrap_or_default();
        let Some(process) = &mut self.hands[nth].process else { return };
        match said.get("open").and_then(serde_json::Value::as_bool) {
            Some(true) => _ = process.asks_since.get_or_insert(now),
            Some(false) => process.go_on(now),
            None => {}
        }
    }

    fn end_prompt(&mut self, nth: usize) {
        let now = self.elapsed();
        let Some(process) = &mut self.hands[nth].process else { return };
        if process.asks_since.is_some() {
            process.go_on(now);
            self.say_prompt(nth, false, "");
        }
    }

    fn say_prompt(&mut self, nth: usize, open: bool, text: &str) {
        let route_code = Some(RouteCode::new(&self.hands[nth].worker.name));
        let prompt = asides::event(conventions::PROMPT, route_code, &Prompt { open, text });
        self.say(&prompt.as_event());
    }
}
