//! A person at a tree of leaves: what each says, and whom a typed line is for.

mod focus;
mod line;
mod prompt;
mod screen;
#[cfg(test)]
mod tests;
mod version;
mod width;

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use subunit_core::{
    Event, FileChunk, RouteCode, Status,
    conventions::{ToldDamage, UNDELIVERED, is_aside},
};
use subunit_mux::RunningTests;

use self::prompt::Unfinished;
use crate::style::{Look, Tone, escaped, pass_text, toned};

/// Shows the text of leaves line by line with their routes, and makes packets of what is typed.
///
/// The focus is on the leaf that typed lines go to. A leaf that was chosen keeps it until another one is, or
/// until its end. Where none was, it is the one that prompted last: whose unfinished line looks as if it
/// waited for an answer, not one that grows by dots or percents. A line goes to the leaf that had the focus
/// at its first character, whatever others print meanwhile.
#[derive(Debug, Default)]
pub(crate) struct AttachView {
    look: Look,
    /// How wide the terminal is, where what is typed is shown by us.
    width: Option<usize>,
    /// By route; leaves without one are not multiplexed at all.
    leaves: BTreeMap<String, Leaf>,
    running: RunningTests,
    focus: Option<String>,
    /// Whether the focus was chosen by hand.
    chosen: bool,
    /// Whom the last line went to: the answer is likely to come from there.
    partner: Option<String>,
    /// Whom the line is for that has been begun.
    target: Option<Target>,
    /// That line so far.
    line: String,
    /// How many pieces of unfinished lines there were.
    pieces: u64,
    /// Whose unfinished line the cursor is in.
    cursor: Option<String>,
    /// How many columns the line of the cursor has, where what is typed is at its end.
    drawn: Option<usize>,
    /// Whose unfinished line was taken away, to be shown again below.
    hidden: Option<String>,
}

#[derive(Debug, Default)]
struct Leaf {
    /// The line that has not ended yet.
    unfinished: Unfinished,
    ended: bool,
}

/// Whom a line is for.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Target {
    /// Nobody had the focus when it was begun.
    Nobody,
    Leaf(String),
    /// That leaf has ended since.
    Ended(String),
}

/// What a typed line asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Typed {
    /// It has been dealt with.
    Done,
    /// These bytes go to the tree.
    Send(Vec<u8>),
    /// The session is over.
    Quit,
}

impl AttachView {
    /// What a person sees at first: nothing.
    pub(crate) fn new(look: Look) -> Self {
        Self { look, ..Self::default() }
    }

    /// From now on what is typed is shown by the view, on a terminal of this many columns. Else the terminal
    /// does that, or nobody.
    pub(crate) fn set_width(&mut self, width: Option<usize>) {
        self.width = width.map(|width| width.max(1));
    }

    /// The leaf that typed lines go to.
    pub(crate) fn focus(&self) -> Option<&str> {
        self.focus.as_deref()
    }

    /// Shows what an event says.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn event(
        &mut self,
        event: &Event<'_>,
        now: Duration,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.running.note(event, now);
        let route = event.route_code.map_or("", RouteCode::as_str).to_owned();
        let outside = event.test_id.is_none();
        match event.file {
            Some(FileChunk { name: "stdout" | "stderr", bytes }) if outside => {
                self.text(&route, bytes, out)?;
                // Other programs end each of their files; a multiplexer ends those of a leaf by nothing.
                let ended = event.eof && bytes.is_empty();
                self.leaves.entry(route.clone()).or_default().ended = ended;
                if ended { self.ended(&route, out) } else { Ok(()) }
            }
            Some(FileChunk { name: UNDELIVERED, .. }) => self.aside(event, &route, out),
            _ if is_aside(event) => self.aside(event, &route, out),
            _ => {
                self.leaves.entry(route.clone()).or_default();
                self.result(event, &route, out)
            }
        }
    }

    /// What programs tell each other: a person should know what was lost.
    fn aside(&mut self, event: &Event<'_>, route: &str, out: &mut dyn Write) -> io::Result<()> {
        let told = ToldDamage::of(event).map(|told| told.to_string());
        let told = told.or_else(|| version::mismatch(event, env!("CARGO_PKG_VERSION")));
        let lost = event.file.filter(|file| file.name == UNDELIVERED);
        let Some(message) = told.or_else(|| lost.map(|file| undelivered(file.bytes))) else {
            return Ok(());
        };
        let message = escaped(self.look, &message).to_string();
        self.notice(route, Tone::Bad, &message, out)
    }

    /// Shows bytes that belong to no packet, or to a leaf.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn text(
        &mut self,
        route: &str,
        bytes: &[u8],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if bytes.is_empty() {
            self.leaves.entry(route.to_owned()).or_default();
            return Ok(());
        }
        self.turn_to(route, out)?;
        self.leaves.entry(route.to_owned()).or_default();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let line = self.returned(line, out)?;
            let Some(leaf) = self.leaves.get_mut(route) else { break };
            if self.cursor.is_none() {
                write!(out, "{}| ", escaped(self.look, route))?;
            }
            pass_text(self.look, line, out)?;
            if line.ends_with(b"\n") {
                leaf.unfinished.clear();
                self.cursor = None;
                continue;
            }
            leaf.unfinished.push(line);
            self.cursor = Some(route.to_owned());
        }
        self.pieces += 1;
        if let Some(leaf) = self.leaves.get_mut(route) {
            leaf.unfinished.at(self.pieces);
        }
        self.choose();
        Ok(())
    }

    /// A test that failed is worth a line.
    fn result(&mut self, event: &Event<'_>, route: &str, out: &mut dyn Write) -> io::Result<()> {
        let Some(status) = event.status.filter(|status| Status::is_failure(*status)) else {
            return Ok(());
        };
        let test_id = escaped(self.look, event.test_id.unwrap_or_default()).to_string();
        self.notice(route, Tone::Bad, &format!("{status}: {test_id}"), out)
    }

    fn notice(
        &mut self,
        route: &str,
        tone: Tone,
        message: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.end_line(out)?;
        let message = toned(self.look, tone, message);
        match route {
            "" => writeln!(out, "{message}"),
            route => writeln!(out, "{}: {message}", escaped(self.look, route)),
        }
    }
}

/// What a file [`UNDELIVERED`] says for people; all of it where it is none of our JSON.
fn undelivered(content: &[u8]) -> String {
    let json: serde_json::Value = serde_json::from_slice(content).unwrap_or_default();
    let message = json.get("message").and_then(|message| message.as_str());
    message.map_or_else(|| String::from_utf8_lossy(content).into_owned(), str::to_owned)
}
