//! `subunit diff`: two runs beside each other.

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use serde::Serialize;
use subunit_core::{
    Status,
    sink::{Counts, Verdict},
};

use super::outcomes::{Outcome, Outcomes, read_outcomes};
use crate::{
    cli::{command::Command, duration},
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{FromArg, Inputs, TextArgs},
    style::{Look, Tone, escaped, toned},
};

/// Compare two runs: newly failing, fixed, new, gone, slower
///
/// A test is identified by its id and the names in its route. If attempts are marked, the last one counts; of
/// several other results of one test, the worst. A test fails if it failed, passed unexpectedly or never
/// finished. It newly fails if it did not fail in the old run. Text outside packets goes to standard error.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Diff {
    /// The run to compare with; `-` is standard input
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The run to judge; `-` is standard input
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Write the lists and the counts as one JSON object
    ///
    /// docs/schemas/diff.json describes the keys.
    #[arg(long)]
    json: bool,
    /// Report a test as slower if it took at least this many times as long
    #[arg(long, value_name = "FACTOR", default_value = "2", value_parser = parse_factor)]
    factor: f64,
    /// Report a test as slower only if it also took this much longer; a number alone is seconds
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = duration::parse)]
    least: Duration,
    /// Exit with 0 if there was no test at all in the new run
    #[arg(long)]
    allow_empty: bool,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    format: FromArg,
}

fn parse_factor(text: &str) -> Result<f64, &'static str> {
    let factor = text.parse().ok().filter(|factor: &f64| factor.is_finite() && *factor >= 1.0);
    factor.ok_or("use a number that is at least 1")
}

impl Command for Diff {
    const NAME: &'static str = "diff";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit diff worker-0.subunit run.subunit
  $ subunit filter --not-status fail run.subunit | subunit diff --json run.subunit -

Exit status: 0 nothing newly fails; 1 something does, or the new run was damaged; 2 the
arguments are wrong or a stream cannot be read; 4 there was no test in the new run.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut read = |path: &PathBuf| {
            let inputs = Inputs { format: self.format, files: vec![path.clone()] };
            read_outcomes(&inputs, self.text, console)
        };
        let (old, _) = read(&self.old)?;
        let (new, summary) = read(&self.new)?;
        let slower = Slower { factor: self.factor, least: self.least };
        let changes = Changes::between(&old, &new, slower);
        let look = console.stdout_look;
        if self.json {
            let object = Object { version: 1, changes: &changes };
            serde_json::to_writer(&mut console.stdout, &object).map_err(io::Error::from)?;
            writeln!(console.stdout)?;
        } else {
            changes.write(look, &mut console.stdout)?;
        }
        console.flush()?;
        Ok(Exit::of(verdict(&changes, &summary.counts()), self.allow_empty))
    }
}

/// Known failures are no news, damage is: what it hit is not known.
fn verdict(changes: &Changes<'_>, new: &Counts) -> Verdict {
    if !changes.newly_failing.is_empty() || new.damage > 0 {
        return Verdict::Failed;
    }
    if new.results() + new.unfinished == 0 { Verdict::NoTests } else { Verdict::Passed }
}

/// When a test is slower than it was.
#[derive(Clone, Copy)]
struct Slower {
    factor: f64,
    least: Duration,
}

impl Slower {
    fn holds(self, old: Outcome, new: Outcome) -> bool {
        let (Some(old), Some(new)) = (old.took, new.took) else { return false };
        new.saturating_sub(old) >= self.least
            && new > old
            && new.as_secs_f64() >= self.factor * old.as_secs_f64()
    }
}

/// What `--json` writes; other programs rely on the names. `docs/schemas/diff.json` describes them.
#[derive(Serialize)]
struct Object<'a> {
    version: u32,
    #[serde(flatten)]
    changes: &'a Changes<'a>,
}

/// What is different. A test may stand in several lists.
#[derive(Debug, Default, Serialize)]
struct Changes<'a> {
    newly_failing: Vec<Change<'a>>,
    fixed: Vec<Change<'a>>,
    skipped: Vec<Change<'a>>,
    new: Vec<Change<'a>>,
    gone: Vec<Change<'a>>,
    slower: Vec<Change<'a>>,
    /// Tests that failed in both runs.
    still_failing: usize,
    /// Tests in none of the lists.
    unchanged: usize,
}

/// A test in both runs. Times are in seconds.
#[derive(Debug, Serialize)]
struct Change<'a> {
    test_id: &'a str,
    old: Option<&'static str>,
    new: Option<&'static str>,
    old_seconds: Option<f64>,
    new_seconds: Option<f64>,
}

impl<'a> Change<'a> {
    fn of(test_id: &'a str, old: Option<&Outcome>, new: Option<&Outcome>) -> Self {
        let status = |outcome: Option<&Outcome>| outcome.map(|outcome| outcome.status.name());
        let seconds = |outcome: Option<&Outcome>| outcome?.took.as_ref().map(Duration::as_secs_f64);
        let (old_seconds, new_seconds) = (seconds(old), seconds(new));
        Self { test_id, old: status(old), new: status(new), old_seconds, new_seconds }
    }
}

impl<'a> Changes<'a> {
    fn between(old: &'a Outcomes, new: &'a Outcomes, slower: Slower) -> Self {
        let mut changes = Self::default();
        for (id, now) in &new.tests {
            changes.add(id, old.tests.get(id), now, slower);
        }
        let gone = old.tests.iter().filter(|(id, _)| !new.tests.contains_key(*id));
        changes.gone = gone.map(|(id, was)| Change::of(id, Some(was), None)).collect();
        changes
    }

    fn add(&mut self, id: &'a str, was: Option<&Outcome>, now: &Outcome, slower: Slower) {
        let change = || Change::of(id, was, Some(now));
        let was_red = was.is_some_and(|was| was.is_red());
        let mut same = true;
        let mut list = |list: &mut Vec<Change<'a>>, belongs: bool| {
            if belongs {
                list.push(change());
                same = false;
            }
        };
        let passes = matches!(now.status, Status::Success | Status::ExpectedFailure);
        let skips = |outcome: &Outcome| outcome.status == Status::Skip;
        list(&mut self.newly_failing, now.is_red() && !was_red);
        list(&mut self.fixed, was_red && passes);
        list(&mut self.skipped, skips(now) && was.is_some_and(|was| !skips(was)));
        list(&mut self.new, was.is_none());
        list(&mut self.slower, was.is_some_and(|was| slower.holds(*was, *now)));
        let still = now.is_red() && was_red;
        self.still_failing += usize::from(still);
        self.unchanged += usize::from(same && !still);
    }

    fn write(&self, look: Look, report: &mut dyn Write) -> io::Result<()> {
        let lists = [
            ("newly failing", &self.newly_failing, Tone::Bad),
            ("fixed", &self.fixed, Tone::Good),
            ("now skipped", &self.skipped, Tone::Dim),
            ("new", &self.new, Tone::Good),
            ("gone", &self.gone, Tone::Dim),
            ("slower", &self.slower, Tone::Dim),
        ];
        for (name, list, tone) in lists {
            for change in list {
                write!(report, "{}", toned(look, tone, format_args!("{name}: ")))?;
                change.write(look, report, name == "slower")?;
            }
        }
        let numbers = [
            (self.newly_failing.len(), "newly failing"),
            (self.still_failing, "still failing"),
            (self.fixed.len(), "fixed"),
            (self.skipped.len(), "now skipped"),
            (self.new.len(), "new"),
            (self.gone.len(), "gone"),
            (self.slower.len(), "slower"),
            (self.unchanged, "unchanged"),
        ];
        let shown = numbers.iter().filter(|(number, _)| *number > 0);
        let words: Vec<String> = shown.map(|(number, name)| format!("{number} {name}")).collect();
        match &words[..] {
            [] => writeln!(report, "no tests"),
            words => writeln!(report, "{}", words.join(", ")),
        }
    }
}

impl Change<'_> {
    fn write(&self, look: Look, report: &mut dyn Write, times: bool) -> io::Result<()> {
        let id = if self.test_id.is_empty() { "(no test id)" } else { self.test_id };
        write!(report, "{}", escaped(look, id))?;
        let statuses = (self.old.map(word), self.new.map(word));
        match (statuses, self.old_seconds, self.new_seconds) {
            (_, Some(old), Some(new)) if times => writeln!(report, " ({old:.3} s, now {new:.3} s)"),
            ((Some(old), Some(new)), ..) => writeln!(report, " ({old}, now {new})"),
            ((Some(only), None) | (None, Some(only)), ..) => writeln!(report, " ({only})"),
            ((None, None), ..) => writeln!(report),
        }
    }
}

fn word(status: &'static str) -> &'static str {
    if status == Status::InProgress.name() { "unfinished" } else { status }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(tests: &[(&str, Status, u64)]) -> Outcomes {
        let mut run = Outcomes::default();
        for (id, status, millis) in tests {
            let took = Some(Duration::from_millis(*millis));
            run.tests.insert((*id).to_owned(), Outcome { status: *status, took, runnable: true });
        }
        run
    }

    fn slower() -> Slower {
        Slower { factor: 2.0, least: Duration::from_millis(100) }
    }

    fn ids<'a>(list: &[Change<'a>]) -> Vec<&'a str> {
        list.iter().map(|change| change.test_id).collect()
    }

    #[test]
    fn every_pair_of_statuses_is_in_the_right_lists() {
        use Status::{ExpectedFailure, Fail, InProgress, Skip, Success, UnexpectedSuccess};
        let all = [Success, UnexpectedSuccess, Skip, Fail, ExpectedFailure, InProgress];
        for was in all {
            for now in all {
                let (old, new) = (run(&[("a", was, 0)]), run(&[("a", now, 0)]));
                let changes = Changes::between(&old, &new, slower());
                let red = |status| matches!(status, Fail | UnexpectedSuccess | InProgress);
                let message = format!("{was} {now}");
                assert_eq!(changes.newly_failing.len() == 1, red(now) && !red(was), "{message}");
                assert_eq!(changes.still_failing == 1, red(now) && red(was), "{message}");
                let fixed = red(was) && matches!(now, Success | ExpectedFailure);
                assert_eq!(changes.fixed.len() == 1, fixed, "{message}");
                assert_eq!(changes.skipped.len() == 1, now == Skip && was != Skip, "{message}");
                let listed = changes.newly_failing.len() + changes.fixed.len();
                let listed = listed + changes.skipped.len() + changes.still_failing;
                assert_eq!(listed + changes.unchanged, 1, "{message}");
            }
        }
    }

    #[test]
    fn tests_come_and_go() {
        let old = run(&[("a", Status::Success, 0), ("gone", Status::Fail, 0)]);
        let new = run(&[
            ("a", Status::Success, 0),
            ("new", Status::Success, 0),
            ("red", Status::Fail, 0),
        ]);
        let changes = Changes::between(&old, &new, slower());
        assert_eq!(ids(&changes.new), ["new", "red"]);
        assert_eq!(ids(&changes.newly_failing), ["red"]);
        assert_eq!((ids(&changes.gone), changes.unchanged), (vec!["gone"], 1));
    }

    #[test]
    fn slower_is_by_factor_and_by_time() {
        let old = [("a", 100), ("b", 1), ("c", 1000), ("d", 0)];
        let new = [("a", 200), ("b", 90), ("c", 1500), ("d", 100)];
        let made = |tests: [(&'static str, u64); 4]| {
            run(&tests.map(|(id, millis)| (id, Status::Success, millis)))
        };
        let (old, new) = (made(old), made(new));
        assert_eq!(ids(&Changes::between(&old, &new, slower()).slower), ["a", "d"]);
        assert_eq!(ids(&Changes::between(&new, &old, slower()).slower), [""; 0]);
    }

    #[test]
    fn damage_is_never_green_and_nothing_is_no_success() {
        let changes = Changes::default();
        let tests = Counts { success: 1, ..Counts::default() };
        assert_eq!(verdict(&changes, &tests), Verdict::Passed);
        let known = Counts { fail: 1, ..Counts::default() };
        assert_eq!(verdict(&changes, &known), Verdict::Passed);
        assert_eq!(verdict(&changes, &Counts { damage: 1, ..tests }), Verdict::Failed);
        assert_eq!(verdict(&changes, &Counts::default()), Verdict::NoTests);
    }
}
