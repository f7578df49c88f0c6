//! What becomes of a series over weeks: how much fails, where it breaks most, and what grows slow?

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{History, RunRow, TestIdentity, names::TestNames, window::Window};
use crate::{
    Error,
    index::{start_of, week_of},
    sql::{SqlResult, SqlRow},
    tile::TILE,
};

/// The runs of a week.
#[derive(Clone, Debug, Default)]
pub struct WeekTrend {
    /// When it begins, in microseconds since 1970: a Monday, in UTC.
    pub start: i64,
    /// How many runs there were, without those about the infrastructure.
    pub runs: u64,
    /// How many of them did not pass.
    pub failed_runs: u64,
    /// How many runs say nothing about the tests: nearly all failed, or nothing ran.
    pub infrastructure: u64,
    /// How many results the runs have.
    pub results: u64,
    /// How many of these are bad.
    pub failures: u64,
    /// How often a test broke.
    pub broke: u64,
}

/// A package whose tests broke.
#[derive(Clone, Debug)]
pub struct PackageTrend {
    /// Its name; empty for tests that are in none.
    pub package: String,
    /// How often a test of it broke.
    pub broke: u64,
    /// How many bad results it had.
    pub failures: u64,
}

/// A test that takes longer than it did.
#[derive(Clone, Debug)]
pub struct GrownTest {
    /// The test.
    pub test: TestIdentity,
    /// How long it took before, in microseconds: the median of 10 results.
    pub before: u64,
    /// How long it takes now, in microseconds: the median of the last 10.
    pub now: u64,
    /// The first run in which it took so long.
    pub since: i64,
}

/// A number that a test reports and that is greater than it was.
#[derive(Clone, Debug)]
pub struct GrownMetric {
    /// The test.
    pub test: TestIdentity,
    /// What the number is called.
    pub name: String,
    /// What it was: the median of 10 values.
    pub before: f64,
    /// What it is: the median of the last 10.
    pub now: f64,
    /// The first run in which it was so great.
    pub since: i64,
}

/// What became of a series.
#[derive(Clone, Debug, Default)]
pub struct Trends {
    /// The weeks that have runs, the first one first.
    pub weeks: Vec<WeekTrend>,
    /// The packages that broke most, first.
    pub packages: Vec<PackageTrend>,
    /// The tests that grew most, first.
    pub grown: Vec<GrownTest>,
    /// The numbers that grew most, first.
    pub metrics: Vec<GrownMetric>,
}

impl Trends {
    /// Adds those of another series or history; at most `most` packages, tests and numbers stay.
    pub fn merge(&mut self, other: Self, most: usize) {
        let mut weeks: BTreeMap<i64, WeekTrend> = BTreeMap::new();
        for week in self.weeks.drain(..).chain(other.weeks) {
            let sum = weeks
                .entry(week.start)
                .or_insert_with(|| WeekTrend { start: week.start, ..WeekTrend::default() });
            sum.runs += week.runs;
            sum.failed_runs += week.failed_runs;
            sum.infrastructure += week.infrastructure;
            sum.results += week.results;
            sum.failures += week.failures;
            sum.broke += week.broke;
        }
        self.weeks = weeks.into_values().collect();
        let mut packages: BTreeMap<String, PackageTrend> = BTreeMap::new();
        for one in self.packages.drain(..).chain(other.packages) {
            match packages.get_mut(&one.package) {
                Some(sum) => {
                    sum.broke += one.broke;
                    sum.failures += one.failures;
                }
                None => drop(packages.insert(one.package.clone(), one)),
            }
        }
        self.packages = packages.into_values().collect();
        self.packages.sort_by_key(|one| Reverse((one.broke, one.failures)));
        self.packages.truncate(most);
        self.grown.extend(other.grown);
        self.grown.sort_by(|one, other| other.factor().total_cmp(&one.factor()));
        self.grown.truncate(most);
        self.metrics.extend(other.metrics);
        sort_metrics(&mut self.metrics, most);
    }
}

/// Those that grew most first, at most `most`.
fn sort_metrics(metrics: &mut Vec<GrownMetric>, most: usize) {
    let factor = |one: &GrownMetric| one.now / one.before;
    metrics.sort_by(|one, other| factor(other).total_cmp(&factor(one)));
    metrics.truncate(most);
}

impl GrownTest {
    /// How many times as long it takes.
    fn factor(&self) -> f64 {
        self.now as f64 / self.before.max(1) as f64
    }
}

/// How many results are of one time.
const SOME: usize = 10;
/// How much longer a test takes than before, at least.
const GROWTH: f64 = 1.5;
/// The same in microseconds.
const LONGER: f64 = 50_000.0;
/// How many tests are looked into for each one that is wanted.
const CANDIDATES: usize = 5;

impl History {
    /// What became of a series, or of that of the run that came last, in its last weeks; at most `most` packages,
    /// tests and numbers.
    ///
    /// # Errors
    ///
    /// If the index cannot be read, or an older program wrote it.
    pub fn trends(&self, series: Option<&str>, weeks: u32, most: usize) -> Result<Trends, Error> {
        self.index.needs(2)?;
        let error = self.index.error();
        let Some(series) = self.series(series).map_err(&error)? else {
            return Ok(Trends::default());
        };
        let since = self.last_week(series).map_err(&error)?.saturating_sub(weeks.into());
        Ok(Trends {
            weeks: self.weeks(series, since).map_err(&error)?,
            packages: self.packages(series, since, most).map_err(&error)?,
            grown: self.grown(series, most).map_err(&error)?,
            metrics: self.grown_metrics(series, most).map_err(&error)?,
        })
    }

    fn weeks(&self, series: i64, since: i64) -> SqlResult<Vec<WeekTrend>> {
        let read = "SELECT r.*, s.name FROM run r JOIN series s ON s.id = r.series \
                    WHERE r.series = ? AND r.kept >= 0 AND r.started >= ?";
        let mut read = self.index.connection().prepare(read)?;
        let runs = read.query_map((series, start_of(since + 1)), RunRow::of)?;
        let mut weeks: BTreeMap<i64, WeekTrend> = BTreeMap::new();
        for run in runs {
            let run = run?;
            let week = weeks.entry(week_of(run.started)).or_default();
            if run.is_infrastructure {
                week.infrastructure += 1;
                continue;
            }
            let counts = &run.counts;
            week.runs += 1;
            week.failed_runs += u64::from(!run.is_green());
            week.results += counts.results() + counts.unfinished;
            week.failures += run.bad();
            week.broke += run.broke;
        }
        let with_start = |(week, trend)| WeekTrend { start: start_of(week), ..trend };
        Ok(weeks.into_iter().map(with_start).collect())
    }

    fn packages(&self, series: i64, since: i64, most: usize) -> SqlResult<Vec<PackageTrend>> {
        let read = "SELECT p.name, sum(w.broke), sum(w.failed) FROM package_week w JOIN package p ON p.id = w.package \
                    WHERE w.series = ? AND w.week > ? GROUP BY p.name, w.package HAVING sum(w.broke) > 0 \
                    ORDER BY sum(w.broke) DESC, sum(w.failed) DESC, p.name LIMIT ?";
        let mut read = self.index.connection().prepare(read)?;
        let package = |row: SqlRow<'_>| {
            Ok(PackageTrend { package: row.get(0)?, broke: row.get(1)?, failures: row.get(2)? })
        };
        read.query_map((series, since, most as i64), package)?.collect()
    }

    /// The tests whose smoothed duration grew, and whose last results say so as well.
    fn grown(&self, series: i64, most: usize) -> SqlResult<Vec<GrownTest>> {
        let mut candidates: Vec<(f32, u32)> = Vec::new();
        for (block, state) in self.states(series)? {
            let grew = state
                .tests()
                .filter(|(_, test)| has_grown(test.slow.into(), test.fast.into(), LONGER));
            candidates
                .extend(grew.map(|(place, test)| (test.fast / test.slow, block * TILE + place)));
        }
        candidates.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        candidates.truncate(most.saturating_mul(CANDIDATES));
        let tests: BTreeSet<u32> = candidates.into_iter().map(|(_, test)| test).collect();
        let window = self.window(series)?;
        let mut names = TestNames::of_all(self.index.connection(), tests.iter().copied())?;
        let mut grown = Vec::new();
        for (test, durations) in self.durations(&window, &tests)? {
            let durations: Vec<(usize, f64)> =
                durations.into_iter().map(|(place, time)| (place, time as f64)).collect();
            let Some(found) = growth(&durations, LONGER) else { continue };
            let (before, now, at) = (found.0 as u64, found.1 as u64, found.2);
            let since = window.runs.get(at).map_or(0, |run| run.id.into());
            grown.push(GrownTest { test: names.of(test)?, before, now, since });
        }
        grown.sort_by(|one: &GrownTest, other| other.factor().total_cmp(&one.factor()));
        grown.truncate(most);
        Ok(grown)
    }

    /// The numbers that tests report, in the last runs, and that grew.
    fn grown_metrics(&self, series: i64, most: usize) -> SqlResult<Vec<GrownMetric>> {
        if self.index.needs(3).is_err() {
            return Ok(Vec::new());
        }
        let window = self.window(series)?;
        let connection = self.index.connection();
        // In this order the values of a test are together.
        let read = "SELECT test, run, name, value FROM metric ORDER BY test, run, name";
        let mut read = connection.prepare(read)?;
        let mut rows = read.query([])?;
        let mut values: BTreeMap<i64, Vec<(usize, f64)>> = BTreeMap::new();
        let (mut test, mut found) = (0, Vec::new());
        loop {
            let row = rows.next()?;
            let next = row.map(|row| row.get(0)).transpose()?;
            if next != Some(test) {
                for (name, mut values) in std::mem::take(&mut values) {
                    values.sort_unstable_by_key(|(place, _)| *place);
                    found.extend(growth(&values, 0.0).map(|growth| (test, name, growth)));
                }
            }
            let (Some(row), Some(next)) = (row, next) else { break };
            test = next;
            if let Some(place) = window.place(row.get(1)?) {
                values.entry(row.get(2)?).or_default().push((place, row.get(3)?));
            }
        }
        let mut names = TestNames::of_all(connection, found.iter().map(|(test, ..)| *test))?;
        let name = "SELECT name FROM metric_name WHERE id = ?";
        let mut name = connection.prepare(name)?;
        let mut metrics = Vec::new();
        for (test, number, (before, now, at)) in found {
            let since = window.runs.get(at).map_or(0, |run| run.id.into());
            let name = name.query_row([number], |row| row.get(0))?;
            metrics.push(GrownMetric { test: names.of(test)?, name, before, now, since });
        }
        sort_metrics(&mut metrics, most);
        Ok(metrics)
    }

    /// How long tests took when they were good: the place of the run in the window, and microseconds.
    fn durations(
        &self,
        window: &Window,
        tests: &BTreeSet<u32>,
    ) -> SqlResult<BTreeMap<u32, Vec<(usize, u64)>>> {
        let runs: Vec<i64> = window.runs.iter().map(|run| run.id.into()).collect();
        let tests: Vec<u32> = tests.iter().copied().collect();
        let mut found: BTreeMap<u32, Vec<(usize, u64)>> = BTreeMap::new();
        self.each_timed(&runs, &tests, |test, place, outcome, time| {
            if outcome.is_good() {
                found.entry(test).or_default().push((place, time.get()));
            }
        })?;
        found.values_mut().for_each(|durations| durations.sort_unstable());
        Ok(found)
    }
}

fn has_grown(before: f64, now: f64, least: f64) -> bool {
    before > 0.0 && now >= before * GROWTH && now - before >= least
}

/// The last change after which values are greater, by `least` or more: the medians before it and of the last values, and the
/// place of the first run after it.
fn growth(values: &[(usize, f64)], least: f64) -> Option<(f64, f64, usize)> {
    let now = median(values.get(values.len().checked_sub(SOME)?..)?);
    for end in (SOME..=values.len() - SOME).rev() {
        let before = median(values.get(end - SOME..end)?);
        if has_grown(before, now, least) {
            // The median is low as long as half of the values are: the change may be among them.
            let is_great = |(_, value): &&(usize, f64)| has_grown(before, *value, least);
            let some = values.get(end - SOME..)?;
            let small = some.iter().rposition(|one| !is_great(&one)).map_or(0, |at| at + 1);
            return some.get(small).or_else(|| some.last()).map(|(place, _)| (before, now, *place));
        }
    }
    None
}

fn median(values: &[(usize, f64)]) -> f64 {
    let mut all: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_with_where_it_began() {
        let of = |times: &[u64]| -> Vec<(usize, f64)> {
            times.iter().enumerate().map(|(place, time)| (place, *time as f64 * 1000.0)).collect()
        };
        let (short, long) = (100, 200);
        let mut durations = vec![short; 30];
        durations.extend([long; 12]);
        assert_eq!(growth(&of(&durations), LONGER), Some((100_000.0, 200_000.0, 30)));
        // One slow result is no growth, and nothing is said of a few results.
        let mut durations = vec![short; 30];
        durations.push(long);
        assert_eq!(growth(&of(&durations), LONGER), None);
        assert_eq!(growth(&of(&[short, short, long, long]), LONGER), None);
        // Twice a little is little.
        let mut durations = vec![10; 30];
        durations.extend([20; 12]);
        assert_eq!(growth(&of(&durations), LONGER), None);
    }
}
