//! What has a stream said so far, and what does a page show of it?

use std::{collections::VecDeque, fmt::Write as _};

use serde::Deserialize;
use subunit_core::{
    Decoder, Event, Status, Timestamp, conventions,
    run::{Counts, Summary, counted},
    sink::Sink as _,
};
use subunit_history::site::{Text, facts, table};

/// How many failures are shown, the last ones first.
const FAILURES: usize = 100;
/// How many tests that run are shown.
const RUNNING: usize = 100;

/// What a stream has said so far.
#[derive(Debug, Default)]
pub(super) struct LiveProgress {
    decoder: Decoder,
    summary: Summary,
    offset: u64,
    /// How many tests there are to run.
    planned: Option<u64>,
    about: RunAbout,
    failed: VecDeque<(String, Status)>,
    is_over: bool,
}

/// Of the file `run`.
#[derive(Debug, Default, Deserialize)]
struct RunAbout {
    uuid: Option<String>,
    command: Option<String>,
    #[serde(default)]
    arguments: Vec<String>,
}

/// Of the file `plan`.
#[derive(Deserialize)]
struct PlannedTests {
    tests: Option<u64>,
}

impl LiveProgress {
    /// How many bytes it has read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The name that the run gives itself.
    pub(super) fn uuid(&self) -> Option<&str> {
        self.about.uuid.as_deref()
    }

    /// Takes the next bytes, cut anywhere.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        self.decoder.feed(bytes);
        self.take();
    }

    /// Nothing more comes.
    pub(super) fn finish(&mut self) {
        self.decoder.finish();
        self.take();
        self.summary.finish();
        self.is_over = true;
    }

    fn take(&mut self) {
        let Self { decoder, summary, planned, about, failed, .. } = self;
        while let Some(item) = decoder.next_item() {
            let _ = summary.item(&item);
            if let subunit_core::Item::Packet(packet) = item {
                note(packet.event(), planned, about, failed);
            }
        }
    }

    /// What the run came to so far.
    fn counts(&self) -> Counts {
        self.summary.counts()
    }

    /// What a page shows of it.
    pub(super) fn html(&self, is_over: bool) -> String {
        let counts = self.counts();
        let open = self.summary.open().len() as u64;
        let running = if is_over { 0 } else { open };
        let mut html = self.head(&counts, running);
        if !is_over {
            html.push_str(&self.running());
        }
        let rows = self.failed.iter().rev().map(|(id, status)| {
            format!("<td>{}</td><td><b class=\"bad\">{}</b></td>", Text(id), status.name())
        });
        let rows: Vec<String> = rows.collect();
        html.push_str(&table("Failed so far", &["Test", "Result"], &rows, FAILURES));
        html
    }

    fn head(&self, counts: &Counts, running: u64) -> String {
        let (mut html, done) = (String::new(), counts.tests());
        if let Some(command) = &self.about.command {
            let words = [command.as_str()]
                .into_iter()
                .chain(self.about.arguments.iter().map(String::as_str));
            let words: Vec<&str> = words.collect();
            let _ = writeln!(html, "<p><code>{}</code></p>", Text(&words.join(" ")));
        }
        let class = if counts.fail + counts.uxsuccess + counts.damage > 0 { "bad" } else { "good" };
        let of = self.planned.map(|planned| format!(" of {planned}")).unwrap_or_default();
        let _ = writeln!(html, "<p class=\"verdict {class}\">{}{of}</p>", counted(done, "test"));
        if let Some(planned) = self.planned.filter(|planned| *planned > 0 && !self.is_over) {
            let _ = writeln!(
                html,
                "<progress max=\"{planned}\" value=\"{}\" aria-label=\"Tests that have ended\"></progress>",
                done.min(planned)
            );
        }
        let unfinished = counts.unfinished.saturating_sub(running);
        let number = |count: u64| if count > 0 { count.to_string() } else { String::new() };
        html.push_str(&facts(&[
            ("passed", number(counts.success)),
            ("failed", number(counts.fail)),
            ("skipped", number(counts.skip)),
            ("failed as expected", number(counts.xfail)),
            ("passed unexpectedly", number(counts.uxsuccess)),
            ("flaky", number(counts.flaky)),
            ("never ended", number(unfinished)),
            ("running", number(running)),
            ("damaged", number(counts.damage)),
        ]));
        html
    }

    /// The tests that run: where, and for how long.
    fn running(&self) -> String {
        let now = Timestamp::now();
        let rows = self.summary.open().in_order().filter(|test| test.started).take(RUNNING);
        let rows = rows.map(|test| {
            let time = now.zip(test.start).and_then(|(now, start)| now.since(start));
            let time = time.map(|time| format!("{} s", time.as_secs())).unwrap_or_default();
            let place = test.route_code.map(|route| route.as_str()).unwrap_or_default();
            format!(
                "<td>{}</td><td>{}</td><td class=\"number\">{time}</td>",
                Text(test.test_id),
                Text(place)
            )
        });
        table("Running", &["Test", "Where", "For"], &rows.collect::<Vec<_>>(), RUNNING)
    }
}

fn note(
    event: &Event<'_>,
    planned: &mut Option<u64>,
    about: &mut RunAbout,
    failed: &mut VecDeque<(String, Status)>,
) {
    if let (Some(id), Some(status)) = (event.test_id, event.status) {
        if status.is_failure() {
            if failed.len() == FAILURES {
                failed.pop_front();
            }
            failed.push_back((id.to_owned(), status));
        }
        return;
    }
    let Some(file) = event.file.filter(|_| conventions::is_aside(event)) else { return };
    if event.route_code.is_some() {
        return;
    }
    match file.name {
        conventions::RUN => *about = serde_json::from_slice(file.bytes).unwrap_or_default(),
        conventions::PLAN => {
            let plan = serde_json::from_slice::<PlannedTests>(file.bytes).ok();
            *planned = plan.and_then(|plan| plan.tests).or(*planned);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(events: &[Event<'_>]) -> LiveProgress {
        let mut bytes = Vec::new();
        for event in events {
            event.encode(&mut bytes).unwrap();
        }
        let mut progress = LiveProgress::default();
        // Cut anywhere.
        bytes.chunks(7).for_each(|piece| progress.feed(piece));
        progress
    }

    #[test]
    fn tests_that_run_are_not_unfinished_until_the_end() {
        let begun = Event::status("a", Status::InProgress);
        let mut progress = progress(&[begun, Event::status("<b>", Status::Fail)]);
        let html = progress.html(false);
        assert!(html.contains("<dt>running</dt> <dd>1</dd>"), "{html}");
        assert!(!html.contains("never ended") && html.contains("&lt;b&gt;"), "{html}");
        progress.finish();
        let html = progress.html(true);
        assert!(html.contains("<dt>never ended</dt> <dd>1</dd>"), "{html}");
        assert!(html.contains(">1 test</p>"), "{html}");
    }
}
