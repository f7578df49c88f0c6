//! A person at a tree of leaves: what each says, and whom a typed line is for.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use subunit_core::{Event, FileChunk, RouteCode, Status};

use super::{UNDELIVERED, running::Running};
use crate::{
    console::Look,
    style::{Tone, escaped, pass_text, toned},
};

/// Shows the text of leaves line by line with their routes, and makes packets of what is typed.
///
/// The focus is on the leaf that typed lines go to: the last one that printed an unfinished line, which
/// is a prompt. It can be moved by hand, moves again with the next prompt, and leaves who has ended.
#[derive(Debug, Default)]
pub struct Desk {
    look: Look,
    /// By route; leaves without one are not multiplexed at all.
    leaves: BTreeMap<String, Leaf>,
    running: Running,
    focus: Option<String>,
    /// How many unfinished lines there were.
    prompts: u64,
    /// Whose unfinished line the cursor stands in.
    cursor: Option<String>,
}

#[derive(Debug, Default)]
struct Leaf {
    /// The line that has not ended yet.
    unfinished: Vec<u8>,
    /// When it began, as the count of such lines of all leaves.
    prompted: u64,
    ended: bool,
}

/// What a typed line asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Typed {
    /// It has been dealt with.
    Done,
    /// These bytes go to the tree.
    Send(Vec<u8>),
    /// The session is over.
    Quit,
}

/// The most of an unfinished line that is kept for showing it again.
const LINE: usize = 4096;

impl Desk {
    /// A desk with nobody at it yet.
    pub fn new(look: Look) -> Self {
        Self { look, ..Self::default() }
    }

    /// The leaf that typed lines go to.
    pub fn focus(&self) -> Option<&str> {
        self.focus.as_deref()
    }

    /// Shows what an event says.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn event(
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
                let leaf = self.leaves.entry(route).or_default();
                leaf.ended = event.eof;
                if event.eof {
                    self.leave_ended();
                }
                Ok(())
            }
            Some(FileChunk { name: UNDELIVERED, bytes }) => {
                let message = String::from_utf8_lossy(bytes);
                let message = escaped(self.look, &message).to_string();
                self.notice(&route, Tone::Bad, &message, out)
            }
            _ => {
                self.leaves.entry(route.clone()).or_default();
                self.result(event, &route, out)
            }
        }
    }

    /// Shows bytes that belong to no packet, or to a leaf.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn text(&mut self, route: &str, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
        if bytes.is_empty() {
            self.leaves.entry(route.to_owned()).or_default();
            return Ok(());
        }
        self.turn_to(route, out)?;
        let leaf = self.leaves.entry(route.to_owned()).or_default();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.cursor.is_none() {
                write!(out, "{}| ", escaped(self.look, route))?;
            }
            pass_text(self.look, line, out)?;
            if line.ends_with(b"\n") {
                leaf.unfinished.clear();
                self.cursor = None;
                continue;
            }
            let room = LINE.saturating_sub(leaf.unfinished.len());
            leaf.unfinished.extend_from_slice(&line[..line.len().min(room)]);
            self.cursor = Some(route.to_owned());
        }
        if !leaf.unfinished.is_empty() {
            self.prompts += 1;
            leaf.prompted = self.prompts;
            self.focus = Some(route.to_owned());
        }
        Ok(())
    }

    /// Where the leaf in focus has ended, the focus goes on to the one that prompted last before.
    fn leave_ended(&mut self) {
        let ended = |route: &String| self.leaves.get(route).is_none_or(|leaf| leaf.ended);
        if !self.focus.as_ref().is_some_and(ended) {
            return;
        }
        let waiting =
            self.leaves.iter().filter(|(_, leaf)| !leaf.ended && !leaf.unfinished.is_empty());
        let next = waiting.max_by_key(|(_, leaf)| leaf.prompted);
        if let Some((route, _)) = next {
            self.focus = Some(route.clone());
        }
    }

    /// Puts the cursor behind the prompt of the leaf in focus, where others have printed since.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn settle(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let Some(focus) = self.focus.clone() else { return Ok(()) };
        if self.cursor.as_ref() == Some(&focus) {
            return Ok(());
        }
        let prompt =
            self.leaves.get(&focus).map(|leaf| leaf.unfinished.clone()).unwrap_or_default();
        if prompt.is_empty() {
            return Ok(());
        }
        self.end_line(out)?;
        self.show_line(&focus, &prompt, out)
    }

    /// Takes a line that was typed, without its end.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn typed(&mut self, line: &str, now: Duration, out: &mut dyn Write) -> io::Result<Typed> {
        // The terminal has shown the line and its end.
        self.cursor = None;
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "/quit" => Ok(Typed::Quit),
            "/list" => self.list(now, out).map(|()| Typed::Done),
            "/route" => self.move_focus(rest.trim(), out).map(|()| Typed::Done),
            "/eof" => self.send(b"", true, out),
            _ => {
                // A second slash is for lines that begin with one.
                let line =
                    line.strip_prefix('/').filter(|line| line.starts_with('/')).unwrap_or(line);
                self.send(format!("{line}\n").as_bytes(), false, out)
            }
        }
    }

    fn send(&mut self, bytes: &[u8], eof: bool, out: &mut dyn Write) -> io::Result<Typed> {
        let Some(focus) = &self.focus else {
            writeln!(out, "no leaf has asked for anything; choose one by /route, see /list")?;
            return Ok(Typed::Done);
        };
        if let Some(leaf) = self.leaves.get_mut(focus) {
            leaf.unfinished.clear();
        }
        let file = Some(FileChunk { name: "stdin", bytes });
        let route_code = (!focus.is_empty()).then(|| RouteCode::new(focus));
        let mut packet = Vec::new();
        let event = Event { file, eof, route_code, ..Event::default() };
        event.encode(&mut packet).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Typed::Send(packet))
    }

    fn move_focus(&mut self, route: &str, out: &mut dyn Write) -> io::Result<()> {
        if route.is_empty() {
            let focus = self.focus.as_deref().unwrap_or("nobody");
            return writeln!(out, "lines go to {}", escaped(self.look, focus));
        }
        // One that has not said anything may be there all the same.
        if !self.leaves.contains_key(route) {
            writeln!(out, "nothing was heard of {} yet", escaped(self.look, route))?;
        }
        self.focus = Some(route.to_owned());
        Ok(())
    }

    fn list(&self, now: Duration, out: &mut dyn Write) -> io::Result<()> {
        for (route, leaf) in &self.leaves {
            let mark = if self.focus.as_ref() == Some(route) { '*' } else { ' ' };
            let state = if leaf.ended { " (ended)" } else { "" };
            writeln!(out, "{mark} {}{state}", escaped(self.look, route))?;
            for test in self.running.longest_first(now) {
                if test.route_code.as_deref().unwrap_or_default() == route {
                    let seconds = test.since.as_secs_f64();
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

    /// Gets the cursor to where the text of `route` goes on.
    fn turn_to(&mut self, route: &str, out: &mut dyn Write) -> io::Result<()> {
        if self.cursor.as_deref() == Some(route) {
            return Ok(());
        }
        self.end_line(out)?;
        let unfinished = self.leaves.get(route).map(|leaf| leaf.unfinished.clone());
        match unfinished.filter(|line| !line.is_empty()) {
            Some(line) => self.show_line(route, &line, out),
            None => Ok(()),
        }
    }

    fn show_line(&mut self, route: &str, line: &[u8], out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}| ", escaped(self.look, route))?;
        pass_text(self.look, line, out)?;
        self.cursor = Some(route.to_owned());
        Ok(())
    }

    fn end_line(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.cursor.take().is_some() {
            writeln!(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<'a>(route: &'a str, bytes: &'a [u8]) -> Event<'a> {
        let file = Some(FileChunk { name: "stdout", bytes });
        Event { file, route_code: Some(RouteCode::new(route)), ..Event::default() }
    }

    fn shown(desk: &mut Desk, events: &[Event<'_>]) -> String {
        let mut out = Vec::new();
        for event in events {
            desk.event(event, Duration::ZERO, &mut out).unwrap();
        }
        desk.settle(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn typed(desk: &mut Desk, line: &str) -> (Typed, String) {
        let mut out = Vec::new();
        let typed = desk.typed(line, Duration::from_secs(2), &mut out).unwrap();
        (typed, String::from_utf8(out).unwrap())
    }

    fn sent(desk: &mut Desk, line: &str) -> (String, Vec<u8>) {
        let (Typed::Send(packet), _) = typed(desk, line) else { panic!("{line} was not sent") };
        let packet = subunit_core::Packet::parse(&packet).unwrap();
        let file = packet.event().file.unwrap();
        assert_eq!(file.name, "stdin");
        (packet.event().route_code.unwrap().to_string(), file.bytes.to_vec())
    }

    #[test]
    fn the_focus_follows_the_prompts() {
        let mut desk = Desk::default();
        let screen = shown(&mut desk, &[said("0/0", b"one\n(Pdb) "), said("1/0", b"two\n")]);
        assert_eq!(screen, "0/0| one\n0/0| (Pdb) \n1/0| two\n0/0| (Pdb) ");
        assert_eq!(sent(&mut desk, "print(1)"), ("0/0".into(), b"print(1)\n".to_vec()));
        assert_eq!(shown(&mut desk, &[said("1/0", b"(Pdb) ")]), "1/0| (Pdb) ");
        assert_eq!(sent(&mut desk, "//x"), ("1/0".into(), b"/x\n".to_vec()));
        // The answer comes on a line of its own, since the typed one has ended.
        assert_eq!(shown(&mut desk, &[said("0/0", b"1\n(Pdb) ")]), "0/0| 1\n0/0| (Pdb) ");
        assert_eq!(desk.focus(), Some("0/0"));
    }

    #[test]
    fn the_focus_leaves_who_has_ended_for_who_prompted_last() {
        let mut desk = Desk::default();
        shown(&mut desk, &[said("a", b"1> "), said("b", b"2> "), said("c", b"3> ")]);
        shown(&mut desk, &[said("a", b"again "), said("b", b"again "), said("c", b"again ")]);
        let end = Event { eof: true, ..said("c", b"") };
        assert_eq!(shown(&mut desk, &[end]), "\nb| 2> again ");
        assert_eq!(sent(&mut desk, "x").0, "b");
        let ends = [Event { eof: true, ..said("a", b"") }, Event { eof: true, ..said("b", b"") }];
        shown(&mut desk, &ends);
        assert_eq!(desk.focus(), Some("b"), "there is nobody else");
    }

    #[test]
    fn lines_of_two_leaves_do_not_run_into_each_other() {
        let mut desk = Desk::default();
        let events = [said("a", b"he"), said("b", b"wo"), said("a", b"llo\n"), said("b", b"rld\n")];
        assert_eq!(shown(&mut desk, &events), "a| he\nb| wo\na| hello\nb| world\n");
    }

    #[test]
    fn the_focus_can_be_moved_and_the_leaves_listed() {
        let mut desk = Desk::default();
        assert_eq!(typed(&mut desk, "lost").0, Typed::Done);
        let begun = Event {
            route_code: Some(RouteCode::new("0/1")),
            ..Event::status("slow", Status::InProgress)
        };
        shown(&mut desk, &[said("0/0", b"> "), begun]);
        typed(&mut desk, "/route 0/1");
        assert_eq!(sent(&mut desk, "/eof"), ("0/1".into(), Vec::new()));
        let (_, list) = typed(&mut desk, "/list");
        assert_eq!(list, "  0/0\n* 0/1\n    slow (2.0 s)\n");
        assert_eq!(typed(&mut desk, "/quit").0, Typed::Quit);
    }

    #[test]
    fn failures_and_lost_lines_are_told() {
        let mut desk = Desk::default();
        let route_code = Some(RouteCode::new("0"));
        let failed = Event { route_code, ..Event::status("t", Status::Fail) };
        let file = Some(FileChunk { name: UNDELIVERED, bytes: b"no such route" });
        let lost = Event { file, route_code: Some(RouteCode::new("7")), ..Event::default() };
        let screen = shown(&mut desk, &[said("0", b"> "), failed, lost]);
        assert_eq!(screen, "0| > \n0: fail: t\n7: no such route\n0| > ");
    }
}
