//! The tests that run now, a line each.

use std::{
    io::{self, Write},
    time::Duration,
};

use super::{
    clock::Clock,
    fit::{columns, cut},
    line::one_line,
    run::{Run, Running},
};
use crate::style::{Look, Tone, escaped, toned};

/// A test is late when it runs for this many times its usual time,
const LATE: u32 = 2;
/// and very late for this many times,
const VERY_LATE: u32 = 5;
/// and this much longer.
const TOLERANCE: Duration = Duration::from_secs(1);

/// How it looks that a test runs longer than it usually does, if it does.
fn lateness(test: &Running<'_>) -> Option<(Tone, String)> {
    let usual = test.usual?;
    let exceeds = |factor: u32| test.time > usual * factor + TOLERANCE;
    let tone = match (exceeds(LATE), exceeds(VERY_LATE)) {
        (_, true) => Tone::Bad,
        (true, false) => Tone::Dim,
        (false, false) => return None,
    };
    Some((tone, format!("usually {}", Clock(usual))))
}

/// The tests that run, for a picture of this width: at most `most`, those of one worker together.
pub(super) fn running_lines(
    run: &Run,
    now: Duration,
    most: usize,
    width: usize,
    look: Look,
) -> Vec<String> {
    let mut running = run.running(most, now);
    running.sort_by_key(|test| test.worker);
    let workers = running.iter().filter_map(|test| test.worker).map(columns).max();
    let workers = workers.unwrap_or(0).min(width / 4);
    let mut lines: Vec<String> =
        running.iter().map(|test| running_line(test, workers, width, look)).collect();
    match run.open_tests() - running.len() {
        0 => {}
        _ if most == 0 => {}
        more => lines.push(cut(&format!("  and {more} more"), width)),
    }
    lines
}

/// `  worker     1.2 s  test`, and of one that is late `  usually 0.3 s`.
fn running_line(test: &Running<'_>, workers: usize, width: usize, look: Look) -> String {
    let terminal = Look { terminal: true, ..look };
    let time = Clock(test.time).to_string();
    let test_id = escaped(terminal, test.test_id);
    let line = if workers == 0 {
        format!("{time:>9}  {test_id}")
    } else {
        let worker = cut(&escaped(terminal, test.worker.unwrap_or_default()).to_string(), workers);
        let space = " ".repeat(workers - columns(&worker));
        format!("  {worker}{space} {time:>8}  {test_id}")
    };
    let Some((tone, words)) = lateness(test) else { return cut(&line, width) };
    // Where there is no room for words, the colour says it.
    let room = width.checked_sub(words.len() + 2).filter(|room| *room >= width / 2);
    match room {
        Some(room) => format!("{}  {}", cut(&line, room), toned(look, tone, words)),
        None => toned(look, tone, cut(&line, width)).to_string(),
    }
}

/// Writes which tests run, in the order of their beginning: `[worker] test 41 s`.
///
/// # Errors
///
/// Those of the output.
pub fn write_running(run: &Run, now: Duration, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let running = run.running(usize::MAX, now);
    if running.is_empty() {
        return writeln!(out, "no test is running");
    }
    for test in &running {
        if let Some(worker) = test.worker {
            write!(out, "{} ", toned(look, Tone::Quiet, format_args!("[{}]", one_line(worker))))?;
        }
        write!(out, "{} {}", one_line(test.test_id), Clock(test.time).seconds())?;
        if let Some((tone, words)) = lateness(test) {
            write!(out, ", {}", toned(look, tone, words))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use subunit_core::{Event, RouteCode, Status};

    use super::*;

    fn run() -> Run {
        let times = HashMap::from([("a".to_owned(), Duration::from_secs(3))]);
        let mut run = Run::new(0).with_times(times);
        for test_id in ["a", "b\n"] {
            let route_code = Some(RouteCode::new("mac/0"));
            let event = Event { route_code, ..Event::status(test_id, Status::InProgress) };
            run.note(&event, Duration::ZERO);
        }
        run
    }

    fn lines(seconds: u64, width: usize, look: Look) -> Vec<String> {
        running_lines(&run(), Duration::from_secs(seconds), 9, width, look)
    }

    #[test]
    fn what_takes_much_longer_than_it_did_is_marked() {
        let plain = Look::default();
        let in_time = ["  mac/0    7.0 s  a", "  mac/0    7.0 s  b\\n"];
        assert_eq!(lines(7, 60, plain), in_time);
        let late = ["  mac/0    8.0 s  a  usually 3.0 s", "  mac/0    8.0 s  b\\n"];
        assert_eq!(lines(8, 60, plain), late);
        let colour = Look { colour: true, ..plain };
        assert!(lines(8, 60, colour)[0].ends_with("a  \x1b[33musually 3.0 s\x1b[0m"));
        assert!(lines(17, 60, colour)[0].ends_with("a  \x1b[31musually 3.0 s\x1b[0m"));
        assert_eq!(lines(17, 20, colour)[0], "\x1b[31m  mac/0   17.0 s  a\x1b[0m");
    }

    #[test]
    fn a_line_says_where_which_test_runs_for_how_long() {
        let written = |run: &Run, seconds| {
            let (now, mut out) = (Duration::from_secs(seconds), Vec::new());
            write_running(run, now, Look::default(), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(&run(), 61), "[mac/0] a 1:01, usually 3.0 s\n[mac/0] b\\n 1:01\n");
        assert_eq!(written(&Run::new(0), 0), "no test is running\n");
    }
}
