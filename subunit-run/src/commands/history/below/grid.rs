//! `subunit history grid`: tests by runs.

use std::io::Write;

use subunit_core::run::counted;
use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
    style::{Tone, toned},
};
use subunit_history::{
    OutcomeCode,
    query::{Grid, RunRow},
};

use crate::commands::history::{
    json::{self, JsonGrid},
    place::error,
    sources::QueryArgs,
    table,
};

/// Show tests by runs: those that failed or were flaky in the last runs
///
/// Each column is a run, the latest one on the left, with its number above it; each line is a test. Tests that broke
/// last come first, then flaky ones, then those that are fixed. `.` passed, `F` failed, `f` failed and then
/// passed, `?` never finished, `U` passed unexpectedly, `x` failed as expected, `s` was skipped; blank: it was not
/// there. Exit status: 0; 2 there is no history.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct GridArgs {
    /// Only tests with this text in their ids; those that always passed as well
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// Show this number of runs [default: 50, or as many as leave half of the width to the ids]
    #[arg(long, short = 'n', value_name = "N")]
    runs: Option<usize>,
    /// Cut lines at this number of columns; 0 cuts none [default: the width of the terminal, if there is one]
    #[arg(long, value_name = "N")]
    width: Option<usize>,
    #[command(flatten)]
    pub(super) query: QueryArgs,
}

/// How many runs are shown where there is room.
const RUNS: usize = 50;
/// Between the runs and the id.
const GAP: &str = "  ";

impl GridArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let width = self.width(console);
        let runs = self.runs.unwrap_or_else(|| width.map_or(RUNS, |width| RUNS.min(width / 2)));
        let mut grids = Vec::new();
        for source in self.query.sources()? {
            let grid = source.history.grid(source.series(), runs, self.text.as_deref());
            grids.push(grid.map_err(error)?);
        }
        let grid = Grid::merge(grids, runs);
        if self.query.form.json {
            json::write(&JsonGrid::from(&grid), console)?;
        } else {
            show(&grid, width, console)?;
        }
        Ok(Exit::Passed)
    }

    /// How many columns there are, if they are limited.
    fn width(&self, console: &Console<'_>) -> Option<usize> {
        let of_terminal = || {
            let size = console.stdout_look.terminal.then(terminal_size::terminal_size).flatten();
            size.map(|(width, _)| usize::from(width.0))
        };
        self.width.or_else(of_terminal).filter(|width| *width > 0)
    }
}

fn show(grid: &Grid, width: Option<usize>, console: &mut Console<'_>) -> Result<(), Error> {
    let look = console.stdout_look;
    if grid.rows.is_empty() {
        let runs = grid.runs.len();
        console.say(format_args!(
            "nothing to show: no such test failed in the last {}",
            counted(runs, "run")
        ))?;
        return Ok(());
    }
    for line in numbers(&grid.runs) {
        writeln!(console.stdout, "{}", toned(look, Tone::Quiet, line))?;
    }
    for row in &grid.rows {
        for cell in row.outcomes.chunk_by(|one, next| one == next) {
            let Some(outcome) = cell.first() else { continue };
            let (sign, tone) = sign(*outcome);
            let signs: String = std::iter::repeat_n(sign, cell.len()).collect();
            match tone {
                Some(tone) => write!(console.stdout, "{}", toned(look, tone, signs))?,
                None => write!(console.stdout, "{signs}")?,
            }
        }
        let room = width.map(|width| width.saturating_sub(row.outcomes.len() + GAP.len()));
        let name = table::test(look, &row.test);
        writeln!(console.stdout, "{GAP}{}", end_of(&name, room))?;
    }
    Ok(())
}

/// The numbers of the runs, upright: one digit a line.
fn numbers(runs: &[RunRow]) -> Vec<String> {
    let numbers: Vec<String> = runs.iter().map(|run| run.id.to_string()).collect();
    let height = numbers.iter().map(String::len).max().unwrap_or_default();
    let line = |at: usize| {
        let digit = |number: &String| {
            let skipped = height - number.len();
            at.checked_sub(skipped).and_then(|at| number.chars().nth(at)).unwrap_or(' ')
        };
        numbers.iter().map(digit).collect::<String>()
    };
    (0..height).map(line).collect()
}

/// A sign for an outcome, and in which tone it is shown.
fn sign(outcome: OutcomeCode) -> (char, Option<Tone>) {
    match outcome {
        OutcomeCode::SUCCESS => ('.', Some(Tone::Good)),
        OutcomeCode::FAIL => ('F', Some(Tone::Bad)),
        OutcomeCode::FLAKY => ('f', Some(Tone::Dim)),
        OutcomeCode::UNFINISHED => ('?', Some(Tone::Bad)),
        OutcomeCode::UXSUCCESS => ('U', Some(Tone::Bad)),
        OutcomeCode::XFAIL => ('x', Some(Tone::Good)),
        OutcomeCode::SKIP => ('s', Some(Tone::Dim)),
        OutcomeCode::EXISTS => ('-', Some(Tone::Quiet)),
        _ => (' ', None),
    }
}

/// The end of a name, which tells tests apart, if there is no room for all of it.
fn end_of(name: &str, room: Option<usize>) -> String {
    let length = name.chars().count();
    match room {
        Some(0) => String::new(),
        Some(room) if room < length => {
            let end: String = name.chars().skip(length - (room - 1)).collect();
            format!("…{end}")
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_in_front() {
        for (room, shown) in [
            (None, "a.b.größe"),
            (Some(9), "a.b.größe"),
            (Some(5), "…röße"),
            (Some(1), "…"),
            (Some(0), ""),
        ] {
            assert_eq!(end_of("a.b.größe", room), shown);
        }
    }
}
