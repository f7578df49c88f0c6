//! Whether a history is what it should be: the index whole, each run as its stream says, and what is known of a series as
//! its runs say.

use subunit_core::run::counted;

use crate::{
    Error, History,
    contents::{ContentsReader, RunContents},
    incoming::Summed,
    index::{Settled, compare, results},
    intern::Intern,
    query::{RunRow, runs},
    sql::SqlResult,
};

/// What a check has found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// How many runs were read.
    pub runs: u64,
    /// How many results they have.
    pub results: u64,
    /// What is wrong: one line each.
    pub problems: Vec<String>,
}

/// How many rows the metrics of a stream are: of several of one name the last one counts.
fn count_metrics(contents: &RunContents) -> u64 {
    let mut known: Vec<_> = contents.metrics.iter().map(|one| (one.test, &one.name)).collect();
    known.sort_unstable();
    known.dedup();
    known.len() as u64
}

/// What a stream says of its run besides results, in the order in which it is asked for.
fn snapshots(contents: &RunContents) -> Vec<String> {
    let said = contents.environment.iter().chain(&contents.configuration);
    said.chain(&contents.inputs).chain(&contents.installed).cloned().collect()
}

impl History {
    /// Reads everything of the series that are meant, and compares it.
    ///
    /// # Errors
    ///
    /// If the index cannot be read at all.
    pub fn check(&self, is_meant: impl Fn(&str) -> bool) -> Result<Checked, Error> {
        let mut checked = Checked::default();
        let index = &self.index;
        if let Some(problem) = index.connection().engine().integrity().map_err(index.error())? {
            checked.problems.push(format!("the index is damaged: {problem}"));
            return Ok(checked);
        }
        let error = index.error();
        let all = runs(index.connection(), None).map_err(&error)?;
        let mut known: Option<Intern> = None;
        for run in all.iter().filter(|run| run.is_kept && is_meant(&run.series)) {
            let intern = known.take().map_or_else(|| index.intern(), Ok)?;
            match self.check_run(run, intern, &mut known) {
                Ok((results, problems)) => {
                    checked.runs += 1;
                    checked.results += results;
                    let problem = |problem| format!("run @{} ({}): {problem}", run.id, run.uuid);
                    checked.problems.extend(problems.into_iter().map(problem));
                }
                Err(error) => checked.problems.push(format!("run @{}: {error}", run.id)),
            }
        }
        let stray = "SELECT (SELECT count(*) FROM status_tile WHERE run NOT IN (SELECT id FROM run WHERE kept > 0)) + \
                     (SELECT count(*) FROM failure WHERE run NOT IN (SELECT id FROM run WHERE kept > 0))";
        let stray: u64 =
            index.connection().query_row(stray, [], |row| row.get(0)).map_err(&error)?;
        if stray > 0 {
            checked.problems.push(format!("{stray} rows are of runs that are gone"));
        }
        let series = "SELECT id, name FROM series";
        let mut query = index.connection().prepare(series).map_err(&error)?;
        let rows = query.query_map([], |row| Ok((row.get::<i64>(0)?, row.get::<String>(1)?)));
        for row in rows.map_err(&error)? {
            let (id, name) = row.map_err(&error)?;
            if !is_meant(&name) {
                continue;
            }
            if let Some(found) = compare(index.connection(), id).map_err(&error)? {
                checked
                    .problems
                    .push(format!("series {name}: {} is not what its runs say", found.0));
            }
        }
        Ok(checked)
    }

    /// Compares a run with its stream. Returns how many results it has, and what is wrong. Gives back the tests that are known,
    /// unless the stream has others.
    fn check_run(
        &self,
        run: &RunRow,
        intern: Intern,
        known: &mut Option<Intern>,
    ) -> Result<(u64, Vec<String>), Error> {
        let mut problems = Vec::new();
        let path = self.folder.run(&run.uuid);
        let mut file = self.archive(&run.uuid)?;
        let end = file.end()?;
        let mut stream = Summed { input: file.stream()?, crc: crc32fast::Hasher::new() };
        let read = ContentsReader::new(intern).read(&mut stream);
        let (mut contents, intern) = read.map_err(Error::file(&path))?;
        let crc32 = stream.crc.finalize();
        if end.as_ref().is_some_and(|end| end.crc32 != crc32) {
            problems.push("the stream is not the one that was stored".to_owned());
        }
        if end.is_none() && !run.is_interrupted {
            problems.push("the file has no end, and the index takes it for whole".to_owned());
        }
        if intern.new_tests().len() > 0 {
            problems
                .push(format!("{} without a number", counted(intern.new_tests().len(), "test")));
            return Ok((0, problems));
        }
        *known = Some(intern);
        let settled = Settled::of(&mut contents, &[]);
        let connection = self.index.connection();
        let stored = results(connection, run.id).map_err(self.index.error())?;
        if stored != settled.results {
            problems.push("the index has other results than the stream".to_owned());
        }
        let mut counts = run.counts.clone();
        counts.comparison = None;
        if counts != contents.counts {
            problems.push("the index counts other results than the stream has".to_owned());
        }
        let bad = stored.iter().filter(|result| result.outcome.is_bad()).count() as u64;
        let rows = |table: &str| {
            let count = format!("SELECT count(*) FROM {table} WHERE run = ?");
            connection
                .query_row(&count, [run.id], |row| row.get::<u64>(0))
                .map_err(self.index.error())
        };
        if rows("failure")? != bad {
            problems.push("the index has other failures than results that failed".to_owned());
        }
        if rows("attempt")? != settled.attempts.len() as u64 {
            problems.push("the index has other attempts than the stream".to_owned());
        }
        if rows("metric")? != count_metrics(&contents) {
            problems.push("the index has other metrics than the stream".to_owned());
        }
        if self.stored_snapshots(run.id)? != snapshots(&contents) {
            problems.push(
                "the index has another environment, configuration, inputs or packages".to_owned(),
            );
        }
        Ok((stored.len() as u64, problems))
    }

    /// The same as [`snapshots`], as the index has it.
    fn stored_snapshots(&self, run: i64) -> Result<Vec<String>, Error> {
        let of_run = "SELECT 0 AS kind, 0 AS place, environment AS snapshot FROM run WHERE id = ?1 \
                      UNION ALL SELECT 1, 0, configuration FROM run WHERE id = ?1";
        // An older index does not have all of it, and neither have its runs.
        let mut lists = String::new();
        for (table, version, kind) in [("input", 4, 2), ("installed", 5, 3)] {
            if self.index.needs(version).is_ok() {
                lists.push_str(&format!(
                    " UNION ALL SELECT {kind}, place, snapshot FROM {table} WHERE run = ?1"
                ));
            }
        }
        let read = || {
            let read = format!(
                "SELECT s.text FROM ({of_run}{lists}) i JOIN snapshot s ON s.id = i.snapshot \
                 ORDER BY i.kind, i.place"
            );
            let mut read = self.index.connection().prepare(&read)?;
            read.query_map([run], |row| row.get(0))?.collect::<SqlResult<_>>()
        };
        read().map_err(self.index.error())
    }
}
