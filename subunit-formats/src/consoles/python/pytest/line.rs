//! What does a single line of pytest say?

use subunit_core::Status;

use crate::consoles::machine::{ResultNumbers, SummaryCounts, count_of, number, strip_last};

/// `9 failed, 17 passed, 3 errors in 0.53s`, perhaps between `=`.
pub(super) fn sums_up(line: &str) -> Option<SummaryCounts> {
    let body = line.trim_matches('=').trim();
    let (counts, time) = body.rsplit_once(" in ")?;
    let seconds = time.split_once(" (").map_or(time, |(seconds, _)| seconds);
    seconds.strip_suffix('s')?.parse::<f64>().ok()?;
    let mut says = SummaryCounts::default();
    if counts == "no tests ran" {
        return Some(says);
    }
    for part in counts.split(", ") {
        let (count, word) = count_of(part)?;
        let status = match word {
            "passed" | "xpassed" => Status::Success,
            "failed" | "error" | "errors" => Status::Fail,
            "skipped" => Status::Skip,
            "xfailed" => Status::ExpectedFailure,
            "deselected" | "warning" | "warnings" | "rerun" | "test collected" => continue,
            "tests collected" | "subtests passed" | "subtests skipped" => continue,
            _ if word.starts_with("tests collected") => continue,
            "subtests failed" => Status::Fail,
            _ => return None,
        };
        says.numbers.add(status, count);
    }
    Some(says)
}

/// How a test has ended, by its word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum OutcomeWord {
    As(Status),
    Error,
    Rerun,
}

const WORDS: [(&str, OutcomeWord); 7] = [
    ("PASSED", OutcomeWord::As(Status::Success)),
    ("FAILED", OutcomeWord::As(Status::Fail)),
    ("SKIPPED", OutcomeWord::As(Status::Skip)),
    ("XFAIL", OutcomeWord::As(Status::ExpectedFailure)),
    ("XPASS", OutcomeWord::As(Status::Success)),
    ("ERROR", OutcomeWord::Error),
    ("RERUN", OutcomeWord::Rerun),
];

pub(super) fn word_status(word: &str) -> Option<OutcomeWord> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, status)| *status)
}

/// What ends a line: output before it, the word, the status, and the reason after it.
pub(super) fn ending(rest: &str) -> Option<(&str, &str, OutcomeWord, &str)> {
    let of_word = |text| {
        let found = WORDS.iter().find_map(|(word, status)| {
            let before = str::strip_suffix(text, word)?;
            Some((before, *word, *status))
        })?;
        // SUBFAILED ends with FAILED as well.
        Some(found).filter(|(before, ..)| !before.ends_with("SUB"))
    };
    if let Some((output, word, status)) = of_word(rest) {
        return Some((output, word, status, ""));
    }
    let inner = rest.strip_suffix(')')?;
    let (at, word, status) = WORDS.iter().find_map(|(word, status)| {
        let at = inner.find(word)?;
        inner[at + word.len()..].starts_with(" (").then_some((at, *word, *status))
    })?;
    Some((&inner[..at], word, status, &inner[at + word.len() + 2..]))
}

/// `==== title ====`. A wide title has one mark on each side.
pub(super) fn title(line: &str, mark: char) -> Option<&str> {
    let inner = line.strip_prefix(mark)?.strip_suffix(mark)?;
    let inner = inner.trim_matches(mark);
    let title = inner.strip_prefix(' ')?.strip_suffix(' ')?;
    (!title.is_empty()).then_some(title)
}

/// The line without `[ 9%]`, `[ 3/31]` at its end.
pub(super) fn without_progress(line: &str) -> &str {
    match strip_last(line, " [", "]") {
        Some((before, inner)) if is_progress(inner) => before,
        _ => line,
    }
}

fn is_progress(inner: &str) -> bool {
    let digits = |text: &str| number(text.trim()).is_some();
    match inner.strip_suffix('%') {
        Some(percent) => digits(percent),
        None => inner.split_once('/').is_some_and(|(at, of)| digits(at) && digits(of)),
    }
}

/// A node id that a line begins with, and the rest. Blanks within brackets are part of it.
pub(super) fn take_id(line: &str) -> Option<(&str, &str)> {
    let name = line.find("::")? + 2;
    if line[..name].contains(' ') {
        return None;
    }
    let mut depth = 0_u32;
    for (at, byte) in line.bytes().enumerate().skip(name) {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            b' ' if depth == 0 => return Some(line.split_at(at)),
            _ => {}
        }
    }
    Some((line, "")).filter(|_| depth == 0)
}

/// `ID - message` of the short summary, which is cut to the width of the terminal.
pub(super) fn id_and_message(rest: &str) -> (&str, &str) {
    let (id, after) =
        take_id(rest).unwrap_or_else(|| rest.split_at(rest.find(" - ").unwrap_or(rest.len())));
    (id, after.strip_prefix(" - ").unwrap_or_default())
}

/// The letters of `test_a.py ..F [ 9%]`, or of a line of letters alone.
pub(super) fn letters(line: &str) -> Option<&str> {
    let body = without_progress(line);
    let has_progress = body.len() < line.len();
    let mut words = body.split_whitespace();
    let (first, second) = (words.next()?, words.next());
    let is_file = |word: &str| [".py", ".txt", ".md", ".rst"].iter().any(|end| word.ends_with(end));
    let letters = match second {
        Some(letters) if is_file(first) || has_progress => letters,
        None if has_progress => first,
        _ => return None,
    };
    let all = letters.bytes().all(|letter| b".FEsxXRuU,-".contains(&letter));
    (all && words.next().is_none()).then_some(letters)
}

pub(super) fn letter(letter: char) -> Option<Status> {
    Some(match letter {
        '.' | 'X' => Status::Success,
        'F' | 'E' => Status::Fail,
        's' => Status::Skip,
        'x' => Status::ExpectedFailure,
        _ => return None,
    })
}

/// How many results `collected 31 items / 4 deselected / 1 skipped` announces. What workers say leaves skipped files out.
pub(super) fn planned(line: &str) -> Option<u64> {
    let (before, collected) = line.split_once("collected ")?;
    if !matches!(before, "" | "collecting ... ") {
        return None;
    }
    let mut planned = 0;
    for (nth, part) in collected.split(" / ").enumerate() {
        let (count, word) = count_of(part)?;
        match word {
            "item" | "items" if nth == 0 => planned = count,
            "deselected" => planned = planned.saturating_sub(count),
            "skipped" => planned += count,
            "error" | "errors" | "selected" => {}
            _ => return None,
        }
    }
    Some(planned)
}

pub(super) fn with_end(output: &str) -> String {
    if output.is_empty() { String::new() } else { format!("{output}\n") }
}

/// Whether a line is pytest's own.
pub(super) fn tells(line: &[u8]) -> bool {
    match line {
        [b'=', ..] | [0x1b, ..] => {}
        [b'0'..=b'9', ..] | [b'n', b'o', ..] if line.ends_with(b"s") || line.ends_with(b")") => {}
        [b'.' | b'F' | b'E' | b's' | b'x' | b'X' | b'R' | b'u' | b',', ..]
            if line.ends_with(b"%]") => {}
        _ => return false,
    }
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let line = crate::ansi::plain_line(line);
    let line = line.trim_end();
    if let Some(title) = title(line, '=') {
        return title == "test session starts" || is_summary(line);
    }
    is_summary(line)
        || letters(line).is_some_and(|letters| !line.starts_with(' ') && line.starts_with(letters))
}

fn is_summary(line: &str) -> bool {
    let says = sums_up(line);
    says.is_some_and(|says| {
        says.numbers != ResultNumbers::default() || line.contains("no tests ran in ")
    })
}
