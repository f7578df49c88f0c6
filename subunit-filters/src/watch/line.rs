//! One result, as a line and with its details.

use std::{
    fmt::{self, Display},
    io::{self, Write},
    time::Duration,
};

use subunit_core::Status;

use super::{
    detail::{Detail, Details},
    ended::Ended,
    fit::{columns, cut},
};
use crate::style::{Escaped, Look, Tone, escaped, pass_text, toned};

/// What a result is called.
pub fn word(status: Option<Status>) -> &'static str {
    match status {
        None | Some(Status::InProgress) => "unfinished",
        Some(Status::Exists) => "exists",
        Some(Status::Success) => "success",
        Some(Status::UnexpectedSuccess) => "uxsuccess",
        Some(Status::Skip) => "skip",
        Some(Status::Fail) => "fail",
        Some(Status::ExpectedFailure) => "xfail",
    }
}

/// How it looks.
pub fn tone(status: Option<Status>) -> Tone {
    match status {
        Some(Status::Success) => Tone::Good,
        Some(Status::Exists | Status::Skip | Status::ExpectedFailure) => Tone::Dim,
        _ => Tone::Bad,
    }
}

/// Displays a duration that is known: `  0.120 s`.
#[derive(Clone, Copy, Debug)]
pub struct Seconds(pub Option<Duration>);

impl Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(time) => write!(f, "{:>9.3} s", time.as_secs_f64()),
            None => write!(f, "{:>11}", "-"),
        }
    }
}

/// Writes a result on a line: what, how long, which test, where it failed, and what is to be said of it. Where a
/// terminal has this many columns, the last two go on in lines of their own if the first has no room for them.
///
/// # Errors
///
/// Those of the output.
pub fn write_result(
    ended: &Ended,
    note: &str,
    columns: Option<usize>,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let tone = tone(ended.status);
    let word = format!("{:>10}", word(ended.status));
    let time = Seconds(ended.time).to_string();
    write!(out, "{} {time} ", toned(look, tone, &word))?;
    let mut line = Line { columns, used: word.len() + time.len() + 2, look, out };
    if let Some(route) = ended.name.route() {
        line.push(&format!("[{}]", one_line(route)), Some(Tone::Quiet))?;
        line.push(" ", None)?;
    }
    let id = one_line(ended.name.id()).to_string();
    line.push(&id, Some(Tone::Strong).filter(|_| tone == Tone::Bad))?;
    if let Some(mark) = ended.mark.filter(|_| ended.held.is_none()) {
        line.push(&format!(" ({})", mark.word()), None)?;
    }
    if let Some(place) = &ended.place {
        let place = format!("({})", one_line(&place.to_string()));
        line.make_room(" ", &place)?;
        line.push(&place, Some(Tone::Quiet))?;
    }
    if !note.is_empty() {
        let note = one_line(note).to_string();
        line.make_room(": ", &note)?;
        line.push_cut(&note)?;
    }
    writeln!(out)
}

/// A line that goes on in the next one where the terminal ends.
struct Line<'o> {
    columns: Option<usize>,
    used: usize,
    look: Look,
    out: &'o mut dyn Write,
}

impl Line<'_> {
    /// A line that is continued goes on below the times.
    const INDENT: &'static str = "           ";

    fn push(&mut self, text: &str, tone: Option<Tone>) -> io::Result<()> {
        self.used += columns(text);
        match tone {
            Some(tone) => write!(self.out, "{}", toned(self.look, tone, text)),
            None => self.out.write_all(text.as_bytes()),
        }
    }

    /// Puts what separates, or a new line if the text does not fit on this one.
    fn make_room(&mut self, separator: &str, text: &str) -> io::Result<()> {
        let width = self.used + separator.len() + columns(text);
        if self.columns.is_none_or(|columns| width <= columns) {
            return self.push(separator, None);
        }
        self.used = Self::INDENT.len();
        write!(self.out, "\n{}", Self::INDENT)
    }

    /// Pushes as much of a text as there is room for.
    fn push_cut(&mut self, text: &str) -> io::Result<()> {
        match self.columns {
            Some(columns) => self.push(&cut(text, columns.saturating_sub(self.used)), None),
            None => self.push(text, None),
        }
    }
}

/// Writes the attachments of a test: of each file at most `most` lines, below its name. What two files say is
/// written once.
///
/// # Errors
///
/// Those of the output.
pub fn write_details(
    details: &Details,
    most: usize,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    for file in details.told_once() {
        if !file.is_text() {
            writeln!(out, "  {}", toned(look, Tone::Quiet, one_line(&described(file))))?;
            continue;
        }
        let lines = file.lines(most);
        let said = |line: &Vec<u8>| !line.trim_ascii().is_empty();
        let Some(last) = lines.iter().rposition(said) else { continue };
        let caption = format!("{}:", one_line(file.name()));
        writeln!(out, "  {}", toned(look, Tone::Quiet, caption))?;
        for line in lines.iter().take(last + 1) {
            write_line(line, look, out)?;
        }
    }
    match details.omitted() {
        0 => Ok(()),
        omitted => writeln!(out, "  [{omitted} bytes left out]"),
    }
}

/// Displays other people's text so that it stays on its line, and obeys nobody, wherever it is read.
pub(super) fn one_line(text: &str) -> Escaped<'_> {
    escaped(Look { terminal: true, colour: false }, text)
}

/// One line for a file that a person cannot read.
pub(super) fn described(file: &Detail) -> String {
    let mime_type = file.mime_type().unwrap_or_default();
    format!("{}: {} bytes of {mime_type}", file.name(), file.length())
}

/// A line of other people's, set off so that it cannot be taken for one of ours.
fn write_line(line: &[u8], look: Look, out: &mut dyn Write) -> io::Result<()> {
    if line.is_empty() {
        return writeln!(out);
    }
    out.write_all(b"    ")?;
    pass_text(look, line, out)?;
    // A colour that was set and not taken back would run on.
    let coloured = look.terminal && line.contains(&0x1b);
    out.write_all(if coloured { b"\x1b[0m\n" } else { b"\n" })
}

#[cfg(test)]
mod tests {
    use subunit_core::{Event, FileChunk, RouteCode};

    use super::*;

    const TERMINAL: Look = Look { colour: false, terminal: true };

    fn written(test_id: &str, name: &str, bytes: &[u8], mime_type: &str, look: Look) -> String {
        let mut run = crate::watch::Run::new(0);
        let file = Some(FileChunk { name, bytes });
        let mime_type = Some(mime_type);
        let event = Event { file, mime_type, ..Event::status(test_id, Status::Fail) };
        let ended = run.note(&event, Duration::ZERO).unwrap();
        let mut out = Vec::new();
        write_result(&ended, "", None, look, &mut out).unwrap();
        write_details(&ended.details, 3, look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_a_test_prints_cannot_be_taken_for_a_result() {
        let printed = b"no\n   success     0.000 s b\n\n";
        assert_eq!(
            written("a", "log", printed, "text/plain", Look::default()),
            "      fail           - a\n  log:\n    no\n       success     0.000 s b\n"
        );
    }

    #[test]
    fn a_terminal_is_not_commanded_by_ids_names_and_output() {
        assert_eq!(
            written("a\x1b[2J", "l\rog", b"\x1b[31mred, rather red \x07\n", "text/plain", TERMINAL),
            "      fail           - a\\u{1b}[2J\n  l\\rog:\n    \x1b[31mred, rather red \\x07\x1b[0m\n"
        );
    }

    fn of_place(note: &str, columns: Option<usize>, look: Look) -> String {
        let mut run = crate::watch::Run::new(0);
        let bytes = b"thread 'a' panicked at src/a.rs:7:5:\nno";
        let file = Some(FileChunk { name: "traceback", bytes });
        let route_code = Some(RouteCode::new("mac/0"));
        let event = Event { file, route_code, ..Event::status("a::日本", Status::Fail) };
        let ended = run.note(&event, Duration::ZERO).unwrap();
        let mut out = Vec::new();
        write_result(&ended, note, columns, look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_route_stands_before_the_id_and_the_place_after_it() {
        let line = "      fail           - [mac/0] a::日本 (src/a.rs:7)";
        assert_eq!(of_place("", None, Look::default()), format!("{line}\n"));
        assert_eq!(of_place("no", None, Look::default()), format!("{line}: no\n"));
        let look = Look { colour: true, terminal: false };
        assert_eq!(
            of_place("no", None, look),
            "\x1b[31m      fail\x1b[0m           - \x1b[2m[mac/0]\x1b[0m \x1b[1ma::日本\x1b[0m \
             \x1b[2m(src/a.rs:7)\x1b[0m: no\n"
        );
    }

    #[test]
    fn a_line_goes_on_below_where_the_terminal_ends() {
        let (head, place) = ("      fail           - [mac/0] a::日本", "(src/a.rs:7)");
        let shown = |note, columns| of_place(note, Some(columns), TERMINAL);
        assert_eq!(shown("no", 55), format!("{head} {place}: no\n"));
        assert_eq!(shown("no", 54), format!("{head} {place}\n           no\n"));
        assert_eq!(shown("no", 50), format!("{head}\n           {place}: no\n"));
        let note = "a message that is much longer than the line";
        assert_eq!(
            shown(note, 30),
            format!("{head}\n           {place}\n           a message that i...\n")
        );
    }

    #[test]
    fn what_nobody_can_read_is_only_named() {
        assert_eq!(
            written("a", "core", &[0, 255, 10, 7], "application/x-core", Look::default()),
            "      fail           - a\n  core: 4 bytes of application/x-core\n"
        );
    }
}
