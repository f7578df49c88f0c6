//! What a typed line asks for.

use std::{
    io::{self, Write},
    time::Duration,
};

use subunit_core::{Event, FileChunk, RouteCode};

use super::{AttachView, Target, Typed};
use crate::style::escaped;

impl AttachView {
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

    pub(super) fn send(
        &mut self,
        target: Target,
        bytes: &[u8],
        eof: bool,
        out: &mut dyn Write,
    ) -> io::Result<Typed> {
        let route = match target {
            Target::Leaf(route) => route,
            Target::Nobody => {
                writeln!(out, "no leaf waits for input; choose one with /route, see /list")?;
                return Ok(Typed::Done);
            }
            Target::Ended(route) => {
                let route = escaped(self.look, &route);
                writeln!(out, "not sent: {route} has ended; choose another leaf with /route")?;
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

    pub(super) fn list(&self, now: Duration, out: &mut dyn Write) -> io::Result<()> {
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
}
