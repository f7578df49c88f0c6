//! One result, as a line and with its details.

use std::{
    fmt::{self, Display},
    io::{self, Write},
    time::Duration,
};

use subunit_core::Status;

use super::{
    detail::{Detail, Details},
    run::Ended,
};
use crate::{
    console::Look,
    style::{Escaped, Tone, escaped, pass_text, toned},
};

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

/// Writes a result on a line: what, how long, which test, and what is to be said of it.
///
/// # Errors
///
/// Those of the output.
pub fn write_result(ended: &Ended, note: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let word = format!("{:>10}", word(ended.status));
    let word = toned(look, tone(ended.status), word);
    let name = ended.name.to_string();
    write!(out, "{word} {} ", Seconds(ended.time))?;
    match tone(ended.status) {
        Tone::Bad => write!(out, "{}", toned(look, Tone::Strong, one_line(&name)))?,
        _ => write!(out, "{}", one_line(&name))?,
    }
    if !note.is_empty() {
        write!(out, ": {}", one_line(note))?;
    }
    writeln!(out)
}

/// Writes what a test left behind: of each file at most `most` lines.
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
    let files = details.ranked();
    for file in &files {
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
    use super::*;
    use subunit_core::{Event, FileChunk};

    const TERMINAL: Look = Look { colour: false, terminal: true };

    fn written(test_id: &str, name: &str, bytes: &[u8], mime_type: &str, look: Look) -> String {
        let mut run = crate::watch::Run::new(0);
        let file = Some(FileChunk { name, bytes });
        let mime_type = Some(mime_type);
        let event = Event { file, mime_type, ..Event::status(test_id, Status::Fail) };
        let ended = run.note(&event, Duration::ZERO).unwrap();
        let mut out = Vec::new();
        write_result(&ended, "", look, &mut out).unwrap();
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

    #[test]
    fn what_nobody_can_read_is_only_named() {
        assert_eq!(
            written("a", "core", &[0, 255, 10, 7], "application/x-core", Look::default()),
            "      fail           - a\n  core: 4 bytes of application/x-core\n"
        );
    }
}
