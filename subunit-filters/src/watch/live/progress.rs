//! How far a run is, on a line.

use std::time::Duration;

use subunit_core::sink::Counts;

use super::super::{clock::Clock, run::Run};
use crate::style::{Look, Tone, toned};

/// `[=====>      ] 12/40  1 fail  2 skip  3 running  0:12  about 0:20 left`, in this many columns.
pub(super) fn progress(
    run: &Run,
    counts: &Counts,
    now: Duration,
    width: usize,
    look: Look,
) -> String {
    let mut line = FittedLine::new(width);
    match run.total() {
        Some(total) => {
            let done = run.done().min(total);
            if width >= 60 {
                line.push(&bar(done, total), None, look);
            }
            line.push(&format!("{done}/{total}"), None, look);
        }
        None => line.push(&format!("{} done", run.done()), None, look),
    }
    let parts = [
        (counts.fail, "fail", Tone::Bad),
        (counts.uxsuccess, "uxsuccess", Tone::Bad),
        (counts.damage, "damage", Tone::Bad),
        (counts.skip, "skip", Tone::Dim),
        (counts.xfail, "xfail", Tone::Dim),
    ];
    for (count, word, tone) in parts.into_iter().filter(|(count, ..)| *count > 0) {
        line.push(&format!("{count} {word}"), Some(tone), look);
    }
    if run.open_tests() > 0 {
        line.push(&format!("{} running", run.open_tests()), None, look);
    }
    line.push(&Clock(now).whole(), None, look);
    if let Some(rest) = run.rest(now) {
        line.push(&format!("about {} left", Clock(rest).whole()), None, look);
    }
    line.into_text()
}

/// Parts with two blanks between them, as many as fit.
pub(super) struct FittedLine {
    text: String,
    left: usize,
}

impl FittedLine {
    pub(super) fn new(width: usize) -> Self {
        Self { text: String::new(), left: width }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    pub(super) fn push(&mut self, part: &str, tone: Option<Tone>, look: Look) {
        let space = if self.text.is_empty() { "" } else { "  " };
        let Some(left) = self.left.checked_sub(space.len() + part.len()) else {
            self.left = 0;
            return;
        };
        self.left = left;
        self.text.push_str(space);
        match tone {
            Some(tone) => self.text.push_str(&toned(look, tone, part).to_string()),
            None => self.text.push_str(part),
        }
    }
}

fn bar(done: u64, total: u64) -> String {
    const WIDTH: u64 = 20;
    let full = (u128::from(done) * u128::from(WIDTH) / u128::from(total.max(1))) as usize;
    let head = if full < WIDTH as usize { ">" } else { "" };
    format!("[{:<20}]", "=".repeat(full) + head)
}
