//! The live view: how far the run is, what runs now, and above it what is to stay.

mod foot;
mod progress;
mod region;

use std::{
    io::{self, Write},
    time::Duration,
};

use subunit_core::{sink::Counts, text::ansi::plain_line};

pub(crate) use self::foot::Foot;
use self::{progress::progress, region::LiveRegion};
use super::{fit::cut, run::Run, running::running_lines};
use crate::style::{Look, escaped};

/// Draws a run on a terminal, at most ten times a second.
///
/// With [`Live::with_prompts`] it steps aside while the beginning of a line stands: it may be a prompt, that is
/// answered in its place.
///
/// Memory: what is to stay is kept until it is drawn, up to 256 KiB, and of a line that has not ended
/// 4 KiB.
#[derive(Clone, Debug)]
pub struct Live {
    region: LiveRegion,
    /// Whole lines that are to stay.
    above: Vec<u8>,
    /// The beginning of a line of text.
    held: Vec<u8>,
    drawn: Option<Duration>,
    look: Look,
    prompt: Prompt,
    foot: Option<Foot>,
}

/// Whether who is watched waits for an answer.
#[derive(Clone, Debug, Default)]
struct Prompt {
    /// Whether anybody may.
    expected: bool,
    /// Whether the stream tells who does.
    is_told: bool,
    /// When the beginning of a line that stands was first seen like this, and how much text there was by then.
    seen: Option<(u64, Duration)>,
    /// How much text there was.
    texts: u64,
    /// The terminal is left to who may wait: there is no picture, and text is shown as it comes.
    aside: bool,
    /// What has come and is not shown, while aside.
    raw: Vec<u8>,
    /// Whether that ended within a line.
    in_line: bool,
    /// Results have come in the middle of this line: it is no prompt.
    goes_on: bool,
}

/// Columns and lines of a terminal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Size {
    /// How many characters stand in a line.
    pub columns: usize,
    /// How many lines there are.
    pub lines: usize,
}

impl Live {
    /// The time between two pictures, at least.
    pub const PACE: Duration = Duration::from_millis(100);

    const ABOVE: usize = 256 * 1024;
    const HELD: usize = 4 * 1024;

    /// An unfinished line that stays this long counts as a prompt,
    const PROMPT: Duration = Duration::from_millis(300);
    /// and a command at a line's end for this long no longer needs the terminal.
    const DONE: Duration = Duration::from_secs(1);

    /// Nothing drawn yet.
    pub fn new(look: Look) -> Self {
        Self {
            region: LiveRegion::default(),
            above: Vec::new(),
            held: Vec::new(),
            drawn: None,
            look,
            prompt: Prompt::default(),
            foot: None,
        }
    }

    /// With the terminal left to whoever asks something on it.
    pub fn with_prompts(mut self) -> Self {
        self.prompt.expected = true;
        self
    }

    /// Somebody waits for an answer, or nobody does any more: the stream tells. Then nothing is guessed.
    pub(crate) fn tell_prompt(&mut self, is_open: bool) {
        (self.prompt.is_told, self.prompt.expected) = (true, is_open);
        if !is_open && self.prompt.aside {
            self.come_back();
        }
    }

    /// From now on this is the last line of the picture.
    pub(crate) fn set_foot(&mut self, foot: Foot) {
        self.foot = Some(foot);
    }

    /// Whether what is typed is for whoever waits for an answer.
    pub(crate) fn has_prompt(&self) -> bool {
        self.prompt.aside || self.prompt.is_told && self.prompt.expected
    }

    /// Takes text that is to stay, cut anywhere, already made harmless.
    pub fn text(&mut self, bytes: &[u8]) {
        self.prompt.texts += bytes.len() as u64;
        if bytes.contains(&b'\n') {
            self.prompt.goes_on = false;
        }
        if let (true, Some(last)) = (self.prompt.aside, bytes.last()) {
            self.prompt.raw.extend_from_slice(bytes);
            self.prompt.in_line = *last != b'\n';
            return;
        }
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |newline| newline + 1);
        if whole > 0 {
            self.above.append(&mut self.held);
        }
        self.above.extend_from_slice(&bytes[..whole]);
        self.held.extend_from_slice(&bytes[whole..]);
        if self.held.len() > Self::HELD {
            self.end_line();
        }
    }

    /// The run goes on, so nobody waits for an answer: the picture comes back.
    pub fn go_on(&mut self) {
        if self.prompt.is_told {
            return;
        }
        let in_line = if self.prompt.aside { self.prompt.in_line } else { !self.held.is_empty() };
        self.prompt.goes_on |= in_line;
        if self.prompt.aside {
            self.come_back();
        }
    }

    /// Where to write whole lines that are to stay.
    pub fn above(&mut self) -> &mut Vec<u8> {
        &mut self.above
    }

    /// Draws, if it is time to.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn draw(
        &mut self,
        run: &Run,
        counts: &Counts,
        now: Duration,
        size: Size,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if !self.prompt.raw.is_empty() {
            out.write_all(&self.prompt.raw)?;
            self.prompt.raw.clear();
        }
        if self.stays_aside(now) || self.steps_aside(now, out)? {
            return Ok(());
        }
        let due = self.drawn.is_none_or(|drawn| now.saturating_sub(drawn) >= Self::PACE);
        if !due {
            // What comes in floods is put out before its time, without a picture.
            if self.above.len() > Self::ABOVE {
                self.region.clear(out)?;
                out.write_all(&self.above)?;
                self.above.clear();
            }
            return Ok(());
        }
        self.drawn = Some(now);
        let picture = self.picture(run, counts, now, size);
        self.region.draw(&self.above, picture, out)?;
        self.above.clear();
        Ok(())
    }

    /// Whether the terminal is left to who had it last.
    fn stays_aside(&mut self, now: Duration) -> bool {
        let stands = self.stands(now);
        let is_done = !self.prompt.is_told && !self.prompt.in_line && stands >= Self::DONE;
        if self.prompt.aside && is_done {
            self.come_back();
        }
        self.prompt.aside
    }

    /// Leaves the terminal to who may wait for an answer; whether it does.
    fn steps_aside(&mut self, now: Duration, out: &mut dyn Write) -> io::Result<bool> {
        let may_ask = self.prompt.expected && !self.prompt.goes_on && !self.held.is_empty();
        if !may_ask || !self.prompt.is_told && self.stands(now) < Self::PROMPT {
            return Ok(false);
        }
        self.region.clear(out)?;
        out.write_all(&self.above)?;
        out.write_all(&self.held)?;
        self.above.clear();
        self.held.clear();
        (self.prompt.aside, self.prompt.in_line) = (true, true);
        Ok(true)
    }

    /// For how long no text has come.
    fn stands(&mut self, now: Duration) -> Duration {
        let texts = self.prompt.texts;
        let seen = self.prompt.seen.filter(|(before, _)| *before == texts);
        let (_, since) = *self.prompt.seen.insert(seen.unwrap_or((texts, now)));
        now.saturating_sub(since)
    }

    fn come_back(&mut self) {
        if std::mem::take(&mut self.prompt.in_line) {
            self.prompt.raw.push(b'\n');
        }
        self.prompt.aside = false;
        self.drawn = None;
    }

    /// Takes the picture away and leaves what is to stay.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.prompt.aside {
            self.come_back();
        }
        out.write_all(&self.prompt.raw)?;
        self.prompt.raw.clear();
        self.region.clear(out)?;
        if !self.held.is_empty() {
            self.end_line();
        }
        out.write_all(&self.above)?;
        self.above.clear();
        Ok(())
    }

    /// The picture at a time: the beginning of a line of text or nothing, how far the run is, and the
    /// tests that run. No line is as wide as the terminal, and there are fewer than it has.
    pub fn picture(&self, run: &Run, counts: &Counts, now: Duration, size: Size) -> Vec<String> {
        let width = size.columns.saturating_sub(1).max(1);
        // What sets colours or edits the line counts when the line is shown for itself.
        let held = plain_line(&String::from_utf8_lossy(&self.held));
        let terminal = Look { terminal: true, ..self.look };
        let mut picture = vec![cut(&escaped(terminal, &held).to_string(), width)];
        if size.lines < 3 {
            return picture;
        }
        picture.push(progress(run, counts, now, width, self.look));
        let most = (size.lines / 2).saturating_sub(2).min(20);
        picture.extend(running_lines(run, now, most, width, self.look));
        if let Some(foot) = self.foot.as_ref().filter(|_| size.lines > 4) {
            picture.push(foot.line(width, self.look));
        }
        picture
    }

    fn end_line(&mut self) {
        self.above.append(&mut self.held);
        self.above.push(b'\n');
    }
}

#[cfg(test)]
mod tests;
