//! What is on the terminal, and what is typed there.

use std::io::{self, Write};

use super::{AttachView, Target, width::columns};
use crate::style::{escaped, pass_text};

impl AttachView {
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

    /// The leaf that the line is for that is typed now, or would be.
    pub(super) fn aim(&self) -> Option<&str> {
        match &self.target {
            Some(Target::Leaf(route)) => Some(route),
            Some(Target::Nobody | Target::Ended(_)) => None,
            None => self.focus(),
        }
    }

    /// Gets the cursor to where the text of `route` goes on.
    pub(super) fn turn_to(&mut self, route: &str, out: &mut dyn Write) -> io::Result<()> {
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
    pub(super) fn returned<'l>(
        &mut self,
        line: &'l [u8],
        out: &mut dyn Write,
    ) -> io::Result<&'l [u8]> {
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

    pub(super) fn show_line(
        &mut self,
        route: &str,
        line: &[u8],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        write!(out, "{}| ", escaped(self.look, route))?;
        pass_text(self.look, line, out)?;
        self.cursor = Some(route.to_owned());
        Ok(())
    }

    /// Writes what was typed of a line.
    pub(super) fn draw(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}", escaped(self.look, &self.line))?;
        self.drawn = Some(self.columns(&self.line));
        Ok(())
    }

    /// How many columns the line of the cursor has, with `typed` at its end.
    pub(super) fn columns(&self, typed: &str) -> usize {
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
    pub(super) fn unhide(&mut self, out: &mut dyn Write) -> io::Result<()> {
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
    pub(super) fn end_line(&mut self, out: &mut dyn Write) -> io::Result<()> {
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
