//! A person at a tree of leaves: what each says, and whom a typed line is for.

mod prompt;
#[cfg(test)]
mod tests;
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

use self::{
    prompt::{Unfinished, Waits},
    width::columns,
};
use crate::{
    console::Look,
    style::{Tone, escaped, pass_text, toned},
};

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
    /// Whose unfinished line the cursor stands in.
    cursor: Option<String>,
    /// How many columns the line of the cursor has, where what is typed stands at its end.
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

    /// From now on what is typed is shown by the view, on a terminal of so many columns. Else the terminal
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

    /// A leaf has ended: what was begun for it is for nobody.
    fn ended(&mut self, route: &str, out: &mut dyn Write) -> io::Result<()> {
        if self.focus.as_deref() == Some(route) {
            self.chosen = false;
        }
        self.choose();
        if self.target != Some(Target::Leaf(route.to_owned())) {
            return Ok(());
        }
        self.target = Some(Target::Ended(route.to_owned()));
        self.notice(route, Tone::Dim, "it has ended; the line that you have begun is not sent", out)
    }

    /// Where nobody was chosen, the focus goes to the leaf that most looks as if it waited for an answer.
    fn choose(&mut self) {
        let is_there = |route: &String| self.leaves.get(route).is_none_or(|leaf| !leaf.ended);
        let current = self.focus.take().filter(is_there);
        if self.chosen && current.is_some() {
            self.focus = current;
            return;
        }
        self.chosen = false;
        let waiting = self.leaves.iter().filter(|(_, leaf)| !leaf.ended);
        let waiting = waiting.filter_map(|(route, leaf)| Some((leaf.unfinished.waits()?, route)));
        let best = waiting.max_by_key(|(waits, _)| *waits);
        let keeps = |current: &String| {
            let Some(((waits, _), _)) = best else { return true };
            let mine = self.leaves.get(current).and_then(|leaf| leaf.unfinished.waits());
            match waits {
                Waits::Surely => false,
                _ if self.partner.as_ref() == Some(current) => true,
                Waits::Perhaps => false,
                Waits::Hardly => mine.is_some(),
            }
        };
        let kept = current.filter(keeps);
        self.focus = kept.or_else(|| best.map(|(_, route)| route.clone()));
    }

    /// Puts the cursor after the prompt of the leaf that a line is for, and what was typed of it, where
    /// others have printed since.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn settle(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.drawn.is_some() {
            return Ok(());
        }
        self.unhide(out)?;
        let target = self.aim().map(str::to_owned);
        let leaf = target.as_ref().and_then(|route| self.leaves.get(route));
        let prompt = leaf.map(|leaf| leaf.unfinished.bytes().to_vec()).unwrap_or_default();
        let has_line = self.width.is_some() && !self.line.is_empty();
        match target {
            Some(route) if !prompt.is_empty() => {
                if self.cursor.as_ref() != Some(&route) {
                    self.end_line(out)?;
                    self.show_line(&route, &prompt, out)?;
                }
            }
            _ if !has_line => return Ok(()),
            route => {
                self.end_line(out)?;
                let route = route.unwrap_or_default();
                write!(out, "{}> ", escaped(self.look, &route))?;
            }
        }
        if has_line {
            self.draw(out)?;
        }
        Ok(())
    }

    /// What was typed of a line that has not ended: it is for the leaf that had the focus at its beginning.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn edit(&mut self, line: &str, out: &mut dyn Write) -> io::Result<()> {
        let grows = self.drawn.is_some() && line.starts_with(&*self.line);
        let old = std::mem::replace(&mut self.line, line.to_owned());
        if grows {
            write!(out, "{}", escaped(self.look, &line[old.len()..]))?;
            self.drawn = Some(self.columns(line));
            return Ok(());
        }
        if self.drawn.is_some() {
            self.end_line(out)?;
        }
        if line.is_empty() {
            self.target = None;
        } else if self.target.is_none() {
            self.target = Some(self.focus.clone().map_or(Target::Nobody, Target::Leaf));
        }
        self.settle(out)
    }

    /// Takes a line that was typed, without its end.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn typed(
        &mut self,
        line: &str,
        now: Duration,
        out: &mut dyn Write,
    ) -> io::Result<Typed> {
        if self.width.is_some() {
            self.edit(line, out)?;
            writeln!(out)?;
        }
        // The line and its end are shown.
        self.cursor = None;
        self.drawn = None;
        self.line.clear();
        let focus = || self.focus.clone().map_or(Target::Nobody, Target::Leaf);
        let target = self.target.take().unwrap_or_else(focus);
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "/quit" => Ok(Typed::Quit),
            "/list" => self.list(now, out).map(|()| Typed::Done),
            "/route" => self.move_focus(rest.trim(), out).map(|()| Typed::Done),
            "/auto" => {
                self.chosen = false;
                self.choose();
                self.move_focus("", out).map(|()| Typed::Done)
            }
            "/eof" => self.send(target, b"", true, out),
            _ => {
                // A second slash is for lines that begin with one.
                let line =
                    line.strip_prefix('/').filter(|line| line.starts_with('/')).unwrap_or(line);
                self.send(target, format!("{line}\n").as_bytes(), false, out)
            }
        }
    }

    fn send(
        &mut self,
        target: Target,
        bytes: &[u8],
        eof: bool,
        out: &mut dyn Write,
    ) -> io::Result<Typed> {
        let route = match target {
            Target::Leaf(route) => route,
            Target::Nobody => {
                writeln!(out, "no leaf has asked for anything; choose one by /route, see /list")?;
                return Ok(Typed::Done);
            }
            Target::Ended(route) => {
                let route = escaped(self.look, &route);
                writeln!(out, "not sent: {route} has ended; choose another leaf by /route")?;
                return Ok(Typed::Done);
            }
        };
        if let Some(leaf) = self.leaves.get_mut(&route) {
            leaf.unfinished.clear();
        }
        let file = Some(FileChunk { name: "stdin", bytes });
        let route_code = (!route.is_empty()).then(|| RouteCode::new(&route));
        let mut packet = Vec::new();
        let event = Event { file, eof, route_code, ..Event::default() };
        event.encode(&mut packet).map_err(|error| io::Error::other(error.to_string()))?;
        self.partner = Some(route);
        self.choose();
        Ok(Typed::Send(packet))
    }

    fn move_focus(&mut self, route: &str, out: &mut dyn Write) -> io::Result<()> {
        if route.is_empty() {
            let how = if self.chosen { "" } else { "; this follows the prompts" };
            let focus = self.focus.as_deref().unwrap_or("nobody");
            return writeln!(out, "lines go to {}{how}", escaped(self.look, focus));
        }
        match self.leaves.get(route) {
            Some(leaf) if leaf.ended => {
                return writeln!(out, "{} has ended", escaped(self.look, route));
            }
            // One that has not said anything may be there all the same.
            None => writeln!(out, "nothing was heard of {} yet", escaped(self.look, route))?,
            Some(_) => {}
        }
        self.focus = Some(route.to_owned());
        self.chosen = true;
        Ok(())
    }

    fn list(&self, now: Duration, out: &mut dyn Write) -> io::Result<()> {
        for (route, leaf) in &self.leaves {
            let mark = if self.focus.as_ref() == Some(route) { '*' } else { ' ' };
            let state = if leaf.ended { " (ended)" } else { "" };
            writeln!(out, "{mark} {}{state}", escaped(self.look, route))?;
            for test in self.running.longest_first(now) {
                if test.route_code.as_deref().unwrap_or_default() == route {
                    let seconds = test.running_for.as_secs_f64();
                    writeln!(out, "    {} ({seconds:.1} s)", escaped(self.look, &test.test_id))?;
                }
            }
        }
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
        let route = escaped(self.look, route);
        writeln!(out, "{route}: {}", toned(self.look, tone, message))
    }
}

/// What stands in a file [`UNDELIVERED`] for people; all of it where it is none of our JSON.
fn undelivered(content: &[u8]) -> String {
    let json: serde_json::Value = serde_json::from_slice(content).unwrap_or_default();
    let message = json.get("message").and_then(|message| message.as_str());
    message.map_or_else(|| String::from_utf8_lossy(content).into_owned(), str::to_owned)
}

/// What stands on the terminal.
impl AttachView {
    /// The leaf that the line is for that is typed now, or would be.
    fn aim(&self) -> Option<&str> {
        match &self.target {
            Some(Target::Leaf(route)) => Some(route),
            Some(Target::Nobody | Target::Ended(_)) => None,
            None => self.focus(),
        }
    }

    /// Gets the cursor to where the text of `route` goes on.
    fn turn_to(&mut self, route: &str, out: &mut dyn Write) -> io::Result<()> {
        if self.cursor.as_deref() == Some(route) && self.drawn.is_none() {
            return Ok(());
        }
        self.end_line(out)?;
        let unfinished = self.leaves.get(route).map(|leaf| leaf.unfinished.bytes().to_vec());
        match unfinished.filter(|line| !line.is_empty()) {
            Some(line) => self.show_line(route, &line, out),
            None => Ok(()),
        }
    }

    /// What is left of a line after its last carriage return, with which it begins anew: percents are
    /// written over each other. Only where we know how wide the terminal is.
    fn returned<'l>(&mut self, line: &'l [u8], out: &mut dyn Write) -> io::Result<&'l [u8]> {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        let (Some(at), Some(width)) = (memchr::memrchr(b'\r', body), self.width) else {
            return Ok(line);
        };
        if self.cursor.is_some() {
            erase(self.columns(""), width, out)?;
        }
        if let Some(route) = self.cursor.take()
            && let Some(leaf) = self.leaves.get_mut(&route)
        {
            leaf.unfinished.restart();
        }
        Ok(&line[at + 1..])
    }

    fn show_line(&mut self, route: &str, line: &[u8], out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}| ", escaped(self.look, route))?;
        pass_text(self.look, line, out)?;
        self.cursor = Some(route.to_owned());
        Ok(())
    }

    /// Writes what was typed of a line.
    fn draw(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}", escaped(self.look, &self.line))?;
        self.drawn = Some(self.columns(&self.line));
        Ok(())
    }

    /// How many columns the line of the cursor has, with `typed` at its end.
    fn columns(&self, typed: &str) -> usize {
        let mut shown = Vec::new();
        let leaf = self.cursor.as_ref().and_then(|route| self.leaves.get(route));
        let route = self.cursor.as_deref().or_else(|| self.aim()).unwrap_or_default();
        let mut put = || -> io::Result<()> {
            write!(shown, "{}| ", escaped(self.look, route))?;
            if let Some(leaf) = leaf {
                pass_text(self.look, leaf.unfinished.bytes(), &mut shown)?;
            }
            write!(shown, "{}", escaped(self.look, typed))
        };
        // Memory takes everything.
        let _ = put();
        columns(&shown, 0)
    }

    /// Shows a prompt again that was taken away, and is nobody's that is typed at any more.
    fn unhide(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let Some(route) = self.hidden.take() else { return Ok(()) };
        let line = self.leaves.get(&route).map(|leaf| leaf.unfinished.bytes().to_vec());
        let line = line.filter(|line| !line.is_empty() && self.aim() != Some(&route));
        let Some(line) = line.filter(|_| self.cursor.as_ref() != Some(&route)) else {
            return Ok(());
        };
        self.end_line(out)?;
        self.hidden = None;
        self.show_line(&route, &line, out)?;
        self.cursor = None;
        writeln!(out)
    }

    /// Gets the cursor to the beginning of a free line. A line that will be shown again below is taken
    /// away, where that can be done.
    fn end_line(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let is_aim = self.cursor.is_some() && self.cursor.as_deref() == self.aim();
        let columns = self.drawn.or_else(|| is_aim.then(|| self.columns("")));
        let cursor = self.cursor.take();
        let stands = self.drawn.take().is_some() || cursor.is_some();
        match columns.zip(self.width) {
            _ if !stands => Ok(()),
            None => writeln!(out),
            Some((columns, width)) => {
                self.hidden = cursor;
                erase(columns, width, out)
            }
        }
    }
}

/// Takes the last line away from a terminal.
fn erase(columns: usize, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if let up @ 1.. = columns.div_ceil(width).saturating_sub(1) {
        write!(out, "\x1b[{up}A")?;
    }
    out.write_all(b"\r\x1b[J")
}
