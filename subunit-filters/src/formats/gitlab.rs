//! What GitLab's job log shows of a run: a section that folds for each failure, then the counts.
//!
//! Facts: the page "CI/CD job logs", "Custom collapsible sections", of docs.gitlab.com.

use std::io::{self, Write};

use subunit_core::{
    Damage, Event,
    run::cause::{files, is_text, message},
    sink::{Flow, Sink, TestRecord, Verdict},
};

use super::{
    ansi::{plain, plain_line},
    digest::{Digest, Limits, more_failures, shortened, word},
    output::Output,
};

const LIMITS: Limits = Limits { record: 256 << 10, bad: 8 << 20, other: 0 };

/// The longest text of a file, in bytes.
const LONGEST: usize = 32 << 10;

/// GitLab cuts logs at 4 MB unless told otherwise: beyond so much output failures are named only, and
/// beyond so much of names they are counted.
const ROOM: usize = 1 << 20;

/// Writes a section for each failure, closed but for the first, and the counts, at [`Sink::finish`].
///
/// Nothing that a test prints ends a section: of control characters only newlines and tabs are let
/// through. Beyond 1 MiB of output, failures are named without it, and beyond 1 MiB of names counted. Memory: the tests that run, and 12 MiB.
#[derive(Debug)]
pub struct GitlabWriter<W> {
    out: Output<W>,
    digest: Digest,
}

impl<W: Write> GitlabWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out: Output::new(out), digest: Digest::new(LIMITS) }
    }

    /// The output, or the first error there was with it. Nothing is written behind an error.
    pub fn into_result(self) -> io::Result<W> {
        self.out.into_result()
    }

    fn section(&mut self, nth: usize, attempts: &[TestRecord], time: u64) -> usize {
        let Some(last) = attempts.last() else { return 0 };
        let header = header(last);
        let mut body = String::new();
        for (nth, attempt) in attempts.iter().enumerate() {
            if attempts.len() > 1 {
                body += &format!("attempt {}: {}\n", nth + 1, word(attempt));
            }
            push_files(&mut body, attempt);
        }
        let collapsed = if nth == 0 { "" } else { "[collapsed=true]" };
        let name = format!("subunit_{}", nth + 1);
        self.out.write(
            format!(
                "\x1b[0Ksection_start:{time}:{name}{collapsed}\r\x1b[0K{header}\n{body}\
                 \x1b[0Ksection_end:{time}:{name}\r\x1b[0K\n"
            )
            .as_bytes(),
        );
        body.len()
    }
}

impl<W: Write> Sink for GitlabWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.digest.event(event)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.digest.damage(damage)
    }

    fn finish(&mut self) {
        self.digest.finish();
        let digest = std::mem::replace(&mut self.digest, Digest::new(LIMITS));
        let (time, mut room, mut more) = (digest.stop_seconds(), 2 * ROOM, digest.bad_left_out);
        for (nth, attempts) in digest.bad().enumerate() {
            if room > ROOM {
                room = room.saturating_sub(self.section(nth, attempts, time)).max(ROOM);
            } else if let Some(header) = attempts.last().map(header)
                && header.len() < room
            {
                room -= header.len() + 1;
                self.out.write(format!("{header}\n").as_bytes());
            } else {
                more += 1;
            }
        }
        if more > 0 {
            self.out.write(format!("and {}\n", more_failures(more)).as_bytes());
        }
        if let Some(damage) = digest.damage_text() {
            self.out.write(format!("damaged stream: {damage}\n").as_bytes());
        }
        for attempts in &digest.flaky {
            let Some(last) = attempts.last() else { continue };
            let id = plain_line(&last.test_id);
            self.out.write(format!("\x1b[33mflaky\x1b[0m {id}\n").as_bytes());
        }
        let colour = match digest.verdict() {
            Verdict::Passed => 32,
            Verdict::Failed => 31,
            Verdict::NoTests => 33,
        };
        self.out.write(format!("\x1b[{colour};1m{}\x1b[0m\n", digest.headline()).as_bytes());
    }
}

fn header(record: &TestRecord) -> String {
    let (word, id, why) = (word(record), plain_line(&record.test_id), plain_line(&message(record)));
    let dash = if why.is_empty() { "" } else { ": " };
    format!("\x1b[31;1m{word}\x1b[0m {id}{dash}{why}")
}

fn push_files(body: &mut String, record: &TestRecord) {
    for file in files(record) {
        let name = plain_line(&file.name);
        if !is_text(file) {
            let length = file.bytes.len() as u64 + file.omitted;
            *body += &format!("--- {name} ({length} bytes) ---\n");
            continue;
        }
        let text = shortened(&plain(&file.bytes), LONGEST);
        let newline = if text.ends_with('\n') { "" } else { "\n" };
        *body += &format!("--- {name} ---\n{text}{newline}");
    }
    if record.omitted > 0 {
        *body += &format!("... {} bytes left out ...\n", record.omitted);
    }
}
