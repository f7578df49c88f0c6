//! The end in few bytes, for logs and for programs that read.

use std::io::{self, Write};

use subunit_core::run::counted;

use super::{
    detail::Detail,
    ended::Ended,
    line::{described, one_line, word},
};
use crate::style::{Look, pass_text};

/// So much of the budget is for saying that there is more: the longest such line.
const REST: usize = "and 18446744073709551615 more failures\n".len();
/// So many bytes of a name, and of a line, are shown.
const WIDTH: usize = 300;
/// More lines of a file than this are not looked at.
const LINES: usize = 400;

/// Writes the failures, each with its first lines, in at most `budget` bytes; all get the same share of
/// it, and what is left over is for the first ones. `more` failures are known of by number only.
///
/// # Errors
///
/// Those of the output.
pub fn write_brief<'e>(
    failures: impl ExactSizeIterator<Item = &'e Ended>,
    more: u64,
    budget: usize,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let failures: Vec<(&Ended, Vec<u8>)> =
        failures.map(|ended| Ok((ended, name(ended)?))).collect::<io::Result<_>>()?;
    let mut left = budget.saturating_sub(REST);
    let names: usize = failures.iter().map(|(_, name)| name.len()).sum();
    // Lines are shown where all names have room, and take none of theirs.
    let lines = shared(&failures, left.saturating_sub(names), look)?;
    let count = failures.len();
    let mut hidden = more;
    for (index, ((_, name), lines)) in failures.iter().zip(&lines).enumerate() {
        if name.len() > left {
            hidden += (count - index) as u64;
            break;
        }
        left -= name.len();
        out.write_all(name)?;
        out.write_all(lines)?;
    }
    match hidden {
        0 => Ok(()),
        _ if budget < REST => Ok(()),
        hidden => writeln!(out, "and {}", counted(hidden, "more failure")),
    }
}

/// The first lines of each failure, in at most `spare` bytes: to each its share, and what is left over
/// then to the first ones.
fn shared(failures: &[(&Ended, Vec<u8>)], spare: usize, look: Look) -> io::Result<Vec<Vec<u8>>> {
    let mut spare = spare;
    let mut shown = Vec::with_capacity(failures.len());
    for (index, (ended, _)) in failures.iter().enumerate() {
        let lines = first_lines(ended, spare / (failures.len() - index), look)?;
        spare -= lines.len();
        shown.push(lines);
    }
    for (lines, (ended, _)) in shown.iter_mut().zip(failures) {
        let room = lines.len() + spare;
        *lines = first_lines(ended, room, look)?;
        spare = room - lines.len();
    }
    Ok(shown)
}

/// The line that names a failure.
fn name(ended: &Ended) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let name = ended.name.to_string();
    let mark = ended.mark.map(|mark| format!(" ({})", mark.word())).unwrap_or_default();
    writeln!(line, "{}{mark}: {}", word(ended.status), one_line(cut(&name)))?;
    Ok(line)
}

/// As many lines of a failure as there is room for. Where lines are left out the last one stays, if it
/// can, for many a traceback says there what it is about.
fn first_lines(ended: &Ended, room: usize, look: Look) -> io::Result<Vec<u8>> {
    const GAP: &[u8] = b"    [...]\n";
    let files = ended.details.ranked();
    let Some((first, others)) = files.split_first() else { return Ok(Vec::new()) };
    let lines = of_file(first, look)?;
    let mut shown = lines.concat();
    if shown.len() <= room {
        for file in others {
            let lines = of_file(file, look)?.concat();
            if shown.len() + lines.len() <= room {
                shown.extend(lines);
            }
        }
        return Ok(shown);
    }
    shown.clear();
    let mut end = GAP.to_vec();
    if let Some(last) = lines.last()
        && GAP.len() + last.len() <= room
    {
        end.extend_from_slice(last);
    }
    let Some(room) = room.checked_sub(end.len()) else { return Ok(shown) };
    for line in lines {
        if shown.len() + line.len() > room {
            break;
        }
        shown.extend(line);
    }
    if shown.len() + end.len() > GAP.len() {
        shown.extend(end);
    }
    Ok(shown)
}

/// The first line of every Python traceback, which says nothing.
const HEADLINE: &[u8] = b"Traceback (most recent call last):";

/// The lines of a file that say something, set off and with their ends.
fn of_file(file: &Detail, look: Look) -> io::Result<Vec<Vec<u8>>> {
    if !file.is_text() {
        return Ok(vec![format!("    {}\n", one_line(cut(&described(file)))).into_bytes()]);
    }
    let lines = file.lines(LINES).into_iter();
    lines
        .filter(|line| !line.trim_ascii().is_empty() && line != HEADLINE)
        .map(|line| {
            let mut shown = b"    ".to_vec();
            // Cut between characters, where there are any.
            let text = String::from_utf8_lossy(&line);
            pass_text(look, cut(&text).as_bytes(), &mut shown)?;
            shown.push(b'\n');
            Ok(shown)
        })
        .collect()
}

fn cut(text: &str) -> &str {
    let end = text.char_indices().map(|(at, _)| at).find(|at| *at >= WIDTH);
    end.map_or(text, |end| text.split_at(end).0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use subunit_core::{Event, FileChunk, Status};

    use super::*;
    use crate::watch::Run;

    fn brief(outputs: &[&str], budget: usize) -> String {
        let mut run = Run::new(0);
        for (index, output) in outputs.iter().enumerate() {
            let test_id = format!("test {index}");
            let file = Some(FileChunk { name: "traceback", bytes: output.as_bytes() });
            run.note(&Event { file, ..Event::status(&test_id, Status::Fail) }, Duration::ZERO);
        }
        let mut out = Vec::new();
        let failures = run.failures();
        write_brief(failures.kept().iter(), failures.more(), budget, Look::default(), &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_there_is_room_for_is_shown_whole() {
        assert_eq!(
            brief(&["one\n\ntwo\n", "three"], 1000),
            "fail: test 0\n    one\n    two\nfail: test 1\n    three\n"
        );
    }

    #[test]
    fn where_room_is_scarce_each_has_its_share_and_the_last_line_stays() {
        let long: String = (0..100).map(|line| format!("line {line}\n")).collect();
        let shown = brief(&[&long, "short", &long], 150 + REST);
        assert_eq!(
            shown,
            "fail: test 0\n    line 0\n    [...]\n    line 99\n\
             fail: test 1\n    short\n\
             fail: test 2\n    line 0\n    line 1\n    line 2\n    line 3\n    [...]\n    line 99\n"
        );
    }

    #[test]
    fn names_that_have_no_room_are_counted() {
        assert_eq!(brief(&["a", "b", "c"], REST + 14), "fail: test 0\nand 2 more failures\n");
        assert_eq!(brief(&["a"], 3), "");
    }

    proptest! {
        #[test]
        fn the_budget_is_kept(outputs in prop::collection::vec("[a-zä\n]{0,90}", 0..9), budget in 0..700usize) {
            let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
            let shown = brief(&outputs, budget);
            prop_assert!(shown.len() <= budget);
            let named = shown.matches("fail: ").count();
            prop_assert!(named == outputs.len() || shown.ends_with("more failures\n")
                || shown.ends_with("more failure\n") || budget < REST);
        }
    }
}
