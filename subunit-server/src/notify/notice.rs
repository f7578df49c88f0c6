//! What is said of a run with which tests began or ceased to fail.

use std::io;

use serde::{Deserialize, Serialize};
use subunit_core::run::cause;
use subunit_history::{
    Error, History, OutcomeCode,
    query::{NoticePolicy, RecordedResult, RunRow, TestIdentity},
    site::SiteLinks,
};
use subunit_run::json::time;

/// How many tests are named; of more, only the number is told.
const TESTS: usize = 50;
/// Of how many the stream is read.
const LOGS: usize = 5;
/// How many lines of the log of a failure are told, and how long each may be.
const LINES: usize = 5;
const LONGEST: usize = 200;
/// Of how many results a rate of failures is.
const RESULTS: usize = 100;
/// How many runs back a run that passed is looked for.
const BACK: usize = 500;

/// Where people see the runs that are told of.
#[derive(Clone, Debug)]
pub(super) struct NoticePlace {
    /// The name of the project, on a server of several.
    pub(super) project: Option<String>,
    /// What the pages begin with, with a slash at the end.
    pub(super) url: String,
}

/// What is said. docs/schemas/notice.json describes it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct ChangeNotice {
    pub(super) version: u32,
    /// The project of the run, on a server of several.
    pub(super) project: Option<String>,
    pub(super) series: String,
    pub(super) verdict: String,
    pub(super) run: NoticeRun,
    /// The last run of the series before that passed.
    pub(super) last_pass: Option<NoticeRun>,
    pub(super) since_last_pass: Option<Differences>,
    pub(super) began: Vec<NoticeTest>,
    pub(super) ceased: Vec<NoticeTest>,
    /// How many there are, also those that are not named.
    pub(super) began_count: usize,
    pub(super) ceased_count: usize,
}

/// A run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct NoticeRun {
    pub(super) id: i64,
    pub(super) uuid: String,
    pub(super) started: String,
    pub(super) revision: Option<String>,
    pub(super) tests: u64,
    pub(super) bad: u64,
    pub(super) url: String,
}

/// How many tests differ between two runs.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Differences {
    pub(super) newly_failing: usize,
    pub(super) fixed: usize,
    pub(super) added: usize,
    pub(super) removed: usize,
}

/// A test.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct NoticeTest {
    pub(super) test: String,
    pub(super) scope: String,
    pub(super) message: String,
    /// The first lines of its log.
    pub(super) lines: Vec<String>,
    /// How many of its last results are bad, with this run.
    pub(super) failures: usize,
    pub(super) results: usize,
    pub(super) url: String,
}

impl ChangeNotice {
    /// What to say of a run; `None` if no test began or ceased to fail with it.
    ///
    /// # Errors
    ///
    /// If the history cannot be read.
    pub(super) fn of(
        history: &History,
        run: &RunRow,
        policy: impl FnMut(&TestIdentity) -> NoticePolicy,
        NoticePlace { project, url }: &NoticePlace,
    ) -> Result<Option<Self>, Error> {
        let changes = history.changes_by(run, policy)?;
        if changes.is_empty() {
            return Ok(None);
        }
        let before = history.runs_back(&run.series, Some(run), BACK)?;
        let last_pass = before.iter().find(|one| one.id != run.id && one.is_green());
        let differences = last_pass.map(|pass| history.diff(pass, run)).transpose()?;
        let of_tests = |tests: &[TestIdentity], logs| of_tests(history, run, tests, logs, url);
        Ok(Some(Self {
            version: 1,
            project: project.clone(),
            series: run.series.clone(),
            verdict: run.word().to_owned(),
            run: NoticeRun::of(run, url),
            last_pass: last_pass.map(|pass| NoticeRun::of(pass, url)),
            since_last_pass: differences.map(|diff| Differences {
                newly_failing: diff.newly_failing.len(),
                fixed: diff.fixed.len(),
                added: diff.added.len(),
                removed: diff.removed.len(),
            }),
            began: of_tests(&changes.began, LOGS)?,
            ceased: of_tests(&changes.ceased, 0)?,
            began_count: changes.began.len(),
            ceased_count: changes.ceased.len(),
        }))
    }

    /// As a webhook is sent it.
    pub(super) fn to_json(&self, id: &str) -> io::Result<Vec<u8>> {
        #[derive(Serialize)]
        struct Sent<'n> {
            id: &'n str,
            #[serde(flatten)]
            notice: &'n ChangeNotice,
        }
        Ok(serde_json::to_vec(&Sent { id, notice: self })?)
    }
}

impl NoticeRun {
    fn of(run: &RunRow, url: &str) -> Self {
        Self {
            id: run.id,
            uuid: run.uuid.clone(),
            started: time(run.started),
            revision: run.revision.clone(),
            tests: run.counts.tests(),
            bad: run.bad(),
            url: format!("{url}{}", SiteLinks::Served.run(run)),
        }
    }
}

fn of_tests(
    history: &History,
    run: &RunRow,
    tests: &[TestIdentity],
    logs: usize,
    url: &str,
) -> Result<Vec<NoticeTest>, Error> {
    let failures = history.failures(run)?;
    let mut said = Vec::new();
    for (nth, test) in tests.iter().take(TESTS).enumerate() {
        let message = failures.iter().find(|failure| failure.test == *test);
        let (failures, results) = rate(history, run, test)?;
        said.push(NoticeTest {
            test: test.id.clone(),
            scope: test.scope.clone(),
            message: message.map(|failure| failure.message.clone()).unwrap_or_default(),
            lines: if nth < logs { lines(history, run, test) } else { Vec::new() },
            failures,
            results,
            url: format!("{url}{}", SiteLinks::Served.result(run, test, "")),
        });
    }
    Ok(said)
}

/// How many of the last results of a test up to a run are bad, and how many there are.
fn rate(history: &History, run: &RunRow, test: &TestIdentity) -> Result<(usize, usize), Error> {
    let found = history.test(&test.id, Some(&run.series))?;
    let Some(found) = found.into_iter().find(|one| one.test == *test) else { return Ok((0, 0)) };
    let later = |one: &&subunit_history::query::TestRun| {
        (one.run.seq, one.run.loaded) > (run.seq, run.loaded)
    };
    let outcomes: Vec<OutcomeCode> =
        found.runs.iter().rev().skip_while(later).map(|one| one.outcome).collect();
    let telling: Vec<OutcomeCode> =
        outcomes.into_iter().filter(|one| one.is_bad() || one.is_good()).take(RESULTS).collect();
    Ok((telling.iter().filter(|one| one.is_bad()).count(), telling.len()))
}

/// The first lines of what says why a test failed. None if the stream of the run is not at hand.
fn lines(history: &History, run: &RunRow, test: &TestIdentity) -> Vec<String> {
    let found = history.recorded(run, test).unwrap_or_default();
    let file = RecordedResult::files(&found).find(|file| cause::is_text(file));
    let text = file.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let text = text.unwrap_or_default();
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).take(LINES);
    lines.map(|line| plain(cause::cut(line, LONGEST))).collect()
}

/// Text without what a terminal obeys.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
