//! What is known of tests from earlier runs.

mod failures;

use std::{collections::HashMap, io, sync::Arc};

use subunit_core::{
    Event, Status,
    conventions::{self, INCOMPLETE, is_cut_off},
    run::{Identities, Results},
    sink::{Attachment, Flow, Sink, TestRecord},
};

pub(in crate::commands) use self::failures::{FailedBefore, no_test};
use crate::{config::Suite, memory::Memory, selection::KnownTags};

/// How a test ended in the last run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(super) enum HowEnded {
    /// It failed.
    Fail,
    /// It was skipped.
    Skip,
    /// It failed as expected.
    Xfail,
    /// It passed unexpectedly.
    Uxsuccess,
    /// It failed first, and then passed.
    Flaky,
    /// It was listed or began, and did not end.
    Unfinished,
}

/// Whether tags decide anything in this suite.
pub(super) fn tags_count(suite: &Suite) -> bool {
    suite.overrides.iter().any(|one| one.tag.is_some())
}

/// The tags that tests had when they last ran.
pub(super) fn tags(memory: &dyn Memory) -> io::Result<KnownTags> {
    memory.tags().map(Arc::new)
}

/// What fails, as far as that is known.
pub(super) fn failures(memory: &dyn Memory) -> io::Result<FailedBefore> {
    Ok(FailedBefore { tests: memory.failing()?, others: memory.failing_beside_tests()? })
}

/// The tests of the last run that ended so, and what else did.
pub(super) fn ended(memory: &dyn Memory, wanted: &[HowEnded]) -> io::Result<FailedBefore> {
    let Some(run) = memory.last()? else { return Ok(FailedBefore::default()) };
    let mut ends = Ends::of(memory);
    subunit_core::read(run, &mut ends)?;
    let others = match wanted.contains(&HowEnded::Fail) {
        true => std::mem::take(&mut ends.others),
        false => Vec::new(),
    };
    Ok(FailedBefore { tests: ends.into_ids(wanted), others })
}

/// What is known of the last run as one that may go on.
pub(super) struct Last {
    /// Whether it says that all its tests were listed.
    pub(super) is_listed: bool,
    /// The tests that were listed or began, and have not ended.
    pub(super) left: Vec<String>,
    /// How many have ended.
    pub(super) ended: u64,
}

/// How far the last run went, if there was one.
pub(super) fn last(memory: &dyn Memory) -> io::Result<Option<Last>> {
    let Some(run) = memory.last()? else { return Ok(None) };
    let mut ends = Ends::of(memory);
    subunit_core::read(run, &mut ends)?;
    let (is_listed, all) = (ends.is_listed, ends.order.len());
    let left = ends.into_ids(&[HowEnded::Unfinished]);
    Ok(Some(Last { is_listed, ended: (all - left.len()) as u64, left }))
}

/// Whether a failure stands for an end that never came.
fn is_incomplete(record: &TestRecord) -> bool {
    let is_cut_off = |file: &Attachment| is_cut_off(&file.name, &file.bytes);
    record.tags.as_tags().iter().any(|tag| tag == INCOMPLETE)
        || record.status == Some(Status::Fail) && record.attachments.iter().any(is_cut_off)
}

/// How the tests of a run ended.
struct Ends<'m> {
    memory: &'m dyn Memory,
    results: Results,
    /// All that were listed or ran, in the order in which they are first known.
    order: Vec<String>,
    ends: HashMap<String, End>,
    /// What failed and is no test.
    others: Vec<String>,
    /// Whether it was said how many tests there are.
    is_listed: bool,
}

#[derive(Clone, Copy, Default)]
struct End {
    /// None while it was only listed.
    status: Option<Status>,
    is_flaky: bool,
    is_incomplete: bool,
}

impl End {
    fn is(self, wanted: HowEnded) -> bool {
        match wanted {
            HowEnded::Fail => self.status == Some(Status::Fail),
            HowEnded::Skip => self.status == Some(Status::Skip),
            HowEnded::Xfail => self.status == Some(Status::ExpectedFailure),
            HowEnded::Uxsuccess => self.status == Some(Status::UnexpectedSuccess),
            HowEnded::Flaky => self.is_flaky,
            HowEnded::Unfinished => {
                !self.status.is_some_and(Status::is_final) || self.is_incomplete
            }
        }
    }
}

impl<'m> Ends<'m> {
    fn of(memory: &'m dyn Memory) -> Self {
        Self {
            memory,
            results: Results::default(),
            order: Vec::new(),
            ends: HashMap::new(),
            others: Vec::new(),
            is_listed: false,
        }
    }

    fn note(&mut self, record: &TestRecord, is_flaky: bool) {
        let route = record.route_code.as_ref().map(|route| route.as_route());
        if !record.runnable {
            self.note_other(record);
            return;
        }
        if !self.memory.looks_at(route) {
            return;
        }
        let test_id = &record.test_id;
        let end = match self.ends.get_mut(test_id) {
            Some(end) => end,
            None => {
                self.order.push(test_id.clone());
                self.ends.entry(test_id.clone()).or_default()
            }
        };
        if record.status != Some(Status::Exists) {
            let is_incomplete = is_incomplete(record);
            *end = End { status: record.status, is_flaky, is_incomplete };
        }
    }

    /// What has no name in front of it may be of any runner.
    fn note_other(&mut self, record: &TestRecord) {
        let route = record.route_code.as_ref().map(|route| route.as_route());
        let is_here = Identities::default().of(route).is_none() || self.memory.looks_at(route);
        let is_new = !self.others.contains(&record.test_id);
        if record.status == Some(Status::Fail) && is_here && is_new {
            self.others.push(record.test_id.clone());
        }
    }

    fn into_ids(mut self, wanted: &[HowEnded]) -> Vec<String> {
        let ends = self.ends;
        let is_wanted = |test_id: &String| {
            let end = ends.get(test_id).copied().unwrap_or_default();
            wanted.iter().any(|wanted| end.is(*wanted))
        };
        self.order.retain(is_wanted);
        self.order
    }
}

impl Sink for Ends<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let is_plan = event.file.is_some_and(|file| file.name == conventions::PLAN);
        self.is_listed |= is_plan && event.test_id.is_none() && conventions::is_aside(event);
        let mut results = std::mem::take(&mut self.results);
        if let Some(result) = results.note(event) {
            let is_flaky = result.is_flaky();
            self.note(result.last, is_flaky);
        }
        self.results = results;
        Flow::Continue
    }

    fn finish(&mut self) {
        for result in self.results.finish() {
            self.note(&result.last, result.is_flaky());
        }
    }
}
