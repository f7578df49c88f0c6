//! Turns lines of version 1, and the text between them, into events.
//!
//! Notes for developers. Bytes come in through [`Parser::take`], which cuts them into lines, except in a
//! chunk of details, where they are counted. A line goes to the report that is open, else to the test that is
//! open, else to neither. `take` calls itself with what was held back (see [`Held`]): that happens at most
//! once for a byte, so the time stays linear.

use super::{
    current_test::CurrentTest,
    details::{Report, Step},
    held::{Found, Held},
    line::{self, Directive, Opening, Outcome, without_end},
    out::{Files, Out},
    tags::TagLines,
    time::LastSecond,
};
use crate::{
    Damage, Event, FileChunk, PacketError, PacketErrorKind, Status, Timestamp,
    sink::{Flow, Sink},
};

/// Longer lines are cut, and are text or content. If the beginning of a test is cut, that is red as well.
const LONGEST: usize = 256 * 1024;

/// Reads version 1 from bytes that arrive in pieces, and pushes events into a sink.
///
/// * A test gives `inprogress`, the files of its details, and its final status with the tags it has then.
///   `error` and `failure` are both `fail`. Times are those of the last `time:` line. If there was none,
///   events have none, and a [`Timestamper`](crate::sink::Timestamper) can fill them in.
/// * Every other line is text: output, `progress`, an outcome of a test that is not open, a time that cannot
///   be read. So are the bytes of a packet of version 2.
/// * A last line that was cut off and began a test, tags or a time is reported as damage, if a test came
///   before.
/// * A test whose end never comes fails, with the file `traceback` that says so. Content that was cut off
///   inside a chunk is reported as damage, since it is not what it claims to be.
/// * `test: b` in a test `a` is `a`'s output if an outcome of `a` follows. If `b` ends and another test
///   begins, or the input ends, `a` was interrupted, and `b` is a test. Until that is known, lines are
///   held back.
/// * An outcome of the open test is found after unfinished output too: `working...success: a`. If no test is
///   open, so is the start of a test that ends later: `...test: a`; that line is text as well. The same goes
///   for the start of a test whose id is empty.
/// * A test that began with 98 bytes of its id is from libcheck, which writes the whole id when the test
///   ends. Its id is the one it began with.
/// * Ids, names and tags that are not UTF-8 or hold a NUL have U+FFFD in these places.
///
/// Results do not depend on how the input is cut. Memory: a line (256 KiB), what is held back (1 MiB),
/// a piece of a file (64 KiB).
#[derive(Clone, Debug, Default)]
pub struct Parser {
    /// The beginning of an incomplete line.
    partial: Vec<u8>,
    /// The last line was too long; what comes is the rest of it.
    cut: bool,
    /// How many bytes have come.
    fed: u64,
    time: Option<Timestamp>,
    second: LastSecond,
    /// Tags of all later tests.
    tags: TagLines,
    test: Option<Box<CurrentTest>>,
    /// The last test: room for the next one.
    spare: Option<Box<CurrentTest>>,
    /// A test has ended.
    ended: bool,
    held: Option<Held>,
    starts: Starts,
    glued: Option<Glued>,
}

/// What the beginning of a test is while another one is open.
#[derive(Clone, Copy, Debug, Default)]
enum Starts {
    /// Not known yet.
    #[default]
    Hold,
    /// The end of the open one.
    Close,
    /// Output of the open one.
    Text,
}

/// A line that may have begun a test after unfinished output.
#[derive(Clone, Debug)]
struct Glued {
    line: Vec<u8>,
    time: Option<Timestamp>,
}

impl Parser {
    /// At the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes. Returns `Break` if the sink did; all bytes are taken even then.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut out = Out::new(sink);
        self.fed += bytes.len() as u64;
        self.take(bytes, &mut out);
        out.flow
    }

    /// Marks the end of the input: reports what was left open. Does not call [`Sink::finish`].
    pub fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut out = Out::new(sink);
        self.end_between_tests(&mut out);
        self.end_line(&mut out);
        if self.held.is_some() {
            self.settle(Starts::Close, &mut out);
            self.end_line(&mut out);
        }
        self.lose_test(&mut out);
        out.flow
    }

    /// After a test, the beginning of a line of version 1 is not text: the input was cut off there, and tests
    /// are missing.
    fn end_between_tests(&mut self, out: &mut Out<'_>) {
        let between = self.test.is_none() && self.ended && !self.cut;
        if between && line::is_cut_short(&self.partial) {
            let line = std::mem::take(&mut self.partial);
            damage(self.fed, &line, out);
        }
    }

    fn take(&mut self, mut bytes: &[u8], out: &mut Out<'_>) {
        while !bytes.is_empty() {
            if self.partial.is_empty()
                && let Some(test) = &mut self.test
                && let Some(report) = test.report.as_mut().filter(|report| report.in_chunk())
            {
                bytes = report.chunk(bytes, &mut files(out, &test.id, self.time));
                continue;
            }
            let room = LONGEST.saturating_sub(self.partial.len());
            let within = bytes.get(..room).unwrap_or(bytes);
            let end = match memchr::memchr(b'\n', within) {
                Some(newline) => newline + 1,
                None if within.len() == room => room,
                None => return self.partial.extend_from_slice(bytes),
            };
            let (line, behind) = bytes.split_at(end);
            bytes = behind;
            if self.partial.is_empty() {
                self.line(line, out);
            } else {
                self.partial.extend_from_slice(line);
                self.end_line(out);
            }
        }
    }

    /// Takes what has come of a line as one.
    fn end_line(&mut self, out: &mut Out<'_>) {
        if self.partial.is_empty() {
            return;
        }
        let mut line = std::mem::take(&mut self.partial);
        self.line(&line, out);
        if self.partial.is_empty() {
            line.clear();
            self.partial = line;
        }
    }

    fn line(&mut self, line: &[u8], out: &mut Out<'_>) {
        if self.held.is_some() {
            return self.line_while_held(line, out);
        }
        let fresh = !std::mem::replace(&mut self.cut, !line.ends_with(b"\n"));
        if let Some(CurrentTest { report: Some(_), .. }) = self.test.as_deref() {
            return self.in_report(line, fresh, out);
        }
        let content = without_end(line).unwrap_or_default();
        let said = if fresh { line::directive(content) } else { None };
        match &self.test {
            None => self.outside(line, said, fresh, out),
            Some(_) => self.inside(line, said, fresh, out),
        }
    }

    fn outside(
        &mut self,
        line: &[u8],
        said: Option<Directive<'_>>,
        fresh: bool,
        out: &mut Out<'_>,
    ) {
        match said {
            Some(Directive::Start { label, .. }) => return self.start(label, self.time, out),
            Some(Directive::Tags(tags)) if self.tags.change(tags) => return,
            Some(Directive::Time(text)) if self.set_time(text) => return,
            Some(Directive::Outcome { outcome, rest }) => {
                if let Some(Glued { line: earlier, time }) = self.glued.take()
                    && let Some((label, opening)) = line::glued_start(&earlier, rest)
                {
                    self.start(label, time, out);
                    return self.report(outcome, opening, line, out);
                }
            }
            _ => {}
        }
        self.text_outside(line, fresh, out);
    }

    /// A line that says nothing, unless it ends with what begins a test or sets the time.
    #[inline(never)]
    fn text_outside(&mut self, line: &[u8], fresh: bool, out: &mut Out<'_>) {
        let content = without_end(line).unwrap_or_default();
        if let Some(text) = line::glued_time(content) {
            self.set_time(text);
        }
        if memchr::memmem::find(content, line::START).is_some() {
            self.glued = Some(Glued { line: content.to_vec(), time: self.time });
        }
        note_cut(line, fresh, out);
        out.text(line);
    }

    fn inside(&mut self, line: &[u8], said: Option<Directive<'_>>, fresh: bool, out: &mut Out<'_>) {
        let Some(test) = &mut self.test else {
            return;
        };
        let content = without_end(line).unwrap_or_default();
        if let Some((text, outcome, opening)) = line::outcome_of(content, said, test.label()) {
            out.text(line.get(..text).unwrap_or_default());
            return self.report(outcome, opening, line, out);
        }
        match said {
            Some(Directive::Tags(tags)) if test.tags.change(tags) => {}
            Some(Directive::Time(text)) if self.set_time(text) => {}
            Some(Directive::Start { label, colon: true }) => match self.starts {
                Starts::Hold => self.held = Some(Held::new(label, line)),
                Starts::Close => {
                    self.lose_test(out);
                    self.start(label, self.time, out);
                }
                Starts::Text => out.text(line),
            },
            _ => {
                note_cut(line, fresh, out);
                out.text(line);
            }
        }
    }

    fn in_report(&mut self, line: &[u8], fresh: bool, out: &mut Out<'_>) {
        let Some(CurrentTest { id, report: Some(report), .. }) = self.test.as_deref_mut() else {
            return;
        };
        if report.is_broken()
            && let Some(content) = without_end(line).filter(|_| fresh)
            && let Some(Directive::Start { label, colon: true }) = line::directive(content)
        {
            self.lose_test(out);
            return self.start(label, self.time, out);
        }
        let outcome = report.outcome;
        match report.line(line, fresh, &mut files(out, id, self.time)) {
            Step::Taken => {}
            Step::Text => out.text(line),
            Step::End => self.end(outcome.status(), out),
        }
    }

    /// A line while it is open what the lines before it are.
    fn line_while_held(&mut self, line: &[u8], out: &mut Out<'_>) {
        let (Some(held), Some(test)) = (&mut self.held, &self.test) else {
            return;
        };
        match held.take(line, test.label()) {
            Found::Nothing => {}
            Found::Output => {
                self.settle(Starts::Text, out);
                self.take(line, out);
            }
            Found::Interruption => {
                self.settle(Starts::Close, out);
                self.take(line, out);
            }
        }
    }

    /// Takes what was held back, now that it is known what it is.
    fn settle(&mut self, starts: Starts, out: &mut Out<'_>) {
        let Some(held) = self.held.take() else {
            return;
        };
        if matches!(starts, Starts::Close) {
            self.lose_test(out);
        }
        self.starts = starts;
        self.take(&held.bytes, out);
        self.starts = Starts::Hold;
    }

    fn start(&mut self, label: &[u8], timestamp: Option<Timestamp>, out: &mut Out<'_>) {
        let mut test = self.spare.take().unwrap_or_default();
        test.begin(label, &self.tags);
        out.event(&Event { timestamp, ..Event::status(&test.id, Status::InProgress) });
        self.glued = None;
        self.test = Some(test);
    }

    fn report(&mut self, outcome: Outcome, opening: Opening, line: &[u8], out: &mut Out<'_>) {
        if opening == Opening::None {
            return self.end(outcome.status(), out);
        }
        if let Some(test) = &mut self.test {
            test.report = Report::open(outcome, opening, line.ends_with(b"\r\n"));
        }
    }

    /// The open test has ended.
    fn end(&mut self, status: Status, out: &mut Out<'_>) {
        if let Some(test) = self.test.take() {
            self.ended = true;
            let tags = Some(test.tags.tags()).filter(|tags| !tags.is_empty());
            out.event(&Event { tags, timestamp: self.time, ..Event::status(&test.id, status) });
            self.spare = Some(test);
        }
    }

    /// The open test, if there is one, will never end. In the words of the reference.
    fn lose_test(&mut self, out: &mut Out<'_>) {
        let Some(test) = &mut self.test else {
            return;
        };
        let mut during = String::new();
        if let Some(mut report) = test.report.take() {
            during = format!("{} report of ", report.outcome.word());
            let torn = report.break_off(&mut files(out, &test.id, self.time));
            if !torn.is_empty() {
                damage(self.fed, &torn, out);
            }
        }
        let message = format!(
            "testtools.testresult.real._StringException: \
             lost connection during {during}test '{}'\n",
            test.id
        );
        let file = FileChunk { name: "traceback", bytes: message.as_bytes() };
        let mime_type = "text/x-traceback; charset=\"utf8\"; language=\"python\"";
        files(out, &test.id, self.time).push(file, Some(mime_type), true);
        self.end(Status::Fail, out);
    }

    /// Whether `text` is a time.
    fn set_time(&mut self, text: &[u8]) -> bool {
        let time = self.second.parse(text.trim_ascii());
        self.time = time.or(self.time);
        time.is_some()
    }
}

/// A test whose beginning is longer than a line may be is text. It may have failed, so the run is red.
fn note_cut(line: &[u8], fresh: bool, out: &mut Out<'_>) {
    if !fresh || line.len() < LONGEST || line.ends_with(b"\n") {
        return;
    }
    if let Some(Directive::Start { colon: true, .. }) = line::directive(line) {
        let bytes = b"a line of more than 256 KiB was read as text";
        let file = Some(FileChunk { name: "reason", bytes });
        let mime_type = Some("text/plain;charset=utf8");
        let failure = Event::status("long line", Status::Fail);
        out.event(&Event { runnable: false, file, mime_type, eof: true, ..failure });
    }
}

/// Reports the last of `fed` bytes, which were cut off, as damage.
fn damage(fed: u64, torn: &[u8], out: &mut Out<'_>) {
    let kind = PacketErrorKind::Truncated;
    let at = u32::try_from(torn.len()).unwrap_or(u32::MAX);
    let offset = fed.saturating_sub(torn.len() as u64);
    out.damage(&Damage::new(offset, torn, PacketError { kind, at }));
}

fn files<'a, 'o>(
    out: &'a mut Out<'o>,
    test_id: &'a str,
    timestamp: Option<Timestamp>,
) -> Files<'a, 'o> {
    Files { out, test_id, timestamp }
}
