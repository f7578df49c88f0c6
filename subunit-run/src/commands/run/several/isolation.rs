//! Which earlier test makes a test fail: the tests that failed run alone, and after what ran before them.

use std::{
    collections::HashMap,
    io::{self, ErrorKind},
    time::Duration,
};

use subunit_core::{
    Decoder, Event, Item, Status,
    run::counted,
    sink::{Flow, Sink},
};
use subunit_filters::{
    console::{Console, Source},
    exit::{Error, Exit},
    pipeline::Producer,
};

use crate::{
    commands::run::{
        args::{ChosenTests, Run},
        kept,
        prepare::{Runners, prepare},
    },
    schedule::Order,
    supervise::Candidates,
};

/// What makes a test fail.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Cause {
    /// It fails alone.
    Itself,
    /// It passes alone, and after what ran before it.
    Nothing,
    /// It fails after this test.
    Test(String),
    /// It fails only after several of those that ran before it.
    Several,
}

impl Cause {
    fn text(&self) -> &str {
        match self {
            Self::Itself => "(it fails alone)",
            Self::Nothing => "(it passes, also after the tests that ran before it)",
            Self::Test(test_id) => test_id,
            Self::Several => "(several tests together)",
        }
    }
}

/// Finds the one of these tests after which another one fails. Each half is tried, so a test that is to be
/// found among N takes at most 2 log2 N runs.
fn culprit<E>(
    before: &[String],
    mut fails_after: impl FnMut(&[String]) -> Result<bool, E>,
) -> Result<Cause, E> {
    let mut range = before;
    while range.len() > 1 {
        let (first, second) = range.split_at(range.len() / 2);
        if fails_after(first)? {
            range = first;
        } else if fails_after(second)? {
            range = second;
        } else {
            let is_narrowed = range.len() < before.len();
            let fails = is_narrowed || fails_after(before)?;
            return Ok(if fails { Cause::Several } else { Cause::Nothing });
        }
    }
    match range {
        [only] if range.len() < before.len() || fails_after(range)? => {
            Ok(Cause::Test(only.clone()))
        }
        _ => Ok(Cause::Nothing),
    }
}

/// The tests of a run by the places where they ran, in the order in which they ended.
#[derive(Debug, Default)]
struct RunOrder {
    places: HashMap<String, Vec<String>>,
    place_of: HashMap<String, String>,
}

impl RunOrder {
    /// What ran before a test where it ran last.
    fn before(&self, test_id: &str) -> Vec<String> {
        let place = self.place_of.get(test_id).and_then(|place| self.places.get(place));
        let before = place.into_iter().flatten().take_while(|other| *other != test_id);
        before.cloned().collect()
    }
}

impl Sink for RunOrder {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let is_result = event.runnable && event.status.is_some_and(Status::is_final);
        if let Some(test_id) = event.test_id.filter(|_| is_result) {
            // The repositories of testr know no routes.
            let tag = event.tags.into_iter().flatten().find(|tag| tag.starts_with("worker-"));
            let place = event.route_code.map(|route| route.as_str()).or(tag).unwrap_or_default();
            self.places.entry(place.to_owned()).or_default().push(test_id.to_owned());
            self.place_of.insert(test_id.to_owned(), place.to_owned());
        }
        Flow::Continue
    }
}

impl Run {
    /// Looks for the causes of the failures of the last run, and prints them.
    pub(in crate::commands::run) fn analyze_isolation(
        self,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let (failing, order) = self.last_run(console)?;
        if failing.is_empty() {
            console.say("no test is known to fail: there is nothing to look into")?;
            return Ok(Exit::NoTests);
        }
        for test_id in &failing {
            let cause = self.cause(test_id, &order.before(test_id), console)?;
            if console.interrupts.heard().is_some() {
                break;
            }
            writeln!(console.stdout, "{test_id}: {}", cause.text())?;
            console.flush()?;
        }
        Ok(Exit::Failed)
    }

    /// The tests that fail, and in which order tests ran.
    fn last_run(&self, console: &mut Console<'_>) -> Result<(Vec<String>, RunOrder), Error> {
        let failed = |source| Error::File { name: "the last run".into(), source };
        let folder = Self::folder()?;
        let mut memory = kept::open(&folder, false, &self.history, console)?;
        if let Some(runners) = Runners::of(self, &folder) {
            memory.look_below(&runners.route_of_one("--analyze-isolation")?);
        }
        let failing = memory.failing().map_err(failed)?;
        let mut order = RunOrder::default();
        if let Some(last) = memory.last().map_err(failed)? {
            subunit_core::read(last, &mut order).map_err(failed)?;
        }
        Ok((failing, order))
    }

    fn cause(
        &self,
        test_id: &str,
        before: &[String],
        console: &mut Console<'_>,
    ) -> Result<Cause, Error> {
        if self.fails_after(test_id, &[], console)? {
            return Ok(Cause::Itself);
        }
        culprit(before, |some| self.fails_after(test_id, some, console))
    }

    /// Runs a test after others, in one worker. Whether it failed.
    fn fails_after(
        &self,
        test_id: &str,
        before: &[String],
        console: &mut Console<'_>,
    ) -> Result<bool, Error> {
        match before.len() {
            0 => console.say(format_args!("{test_id} alone"))?,
            count => {
                console.say(format_args!("{test_id} after {}", counted(count, "other test")))?;
            }
        }
        console.flush()?;
        let tests = before.iter().chain([&test_id.to_owned()]).cloned().collect();
        let run = Self {
            tests: vec![ChosenTests { route: None, tests: Candidates::These(tests) }],
            jobs: Some(1),
            order: Some(Order::Discovery),
            profile: self.profile.clone(),
            runner: self.runner.clone(),
            ..Self::default()
        };
        let mut run = prepare(&run, false, console)?.run;
        let status = last_status(&mut run, test_id)
            .map_err(|source| Error::File { name: "the run".into(), source })?;
        if let Some(signal) = run.stopped_by() {
            console.interrupts.raise(signal);
        }
        Ok(status.is_none_or(Status::is_failure))
    }
}

/// Runs to the end. How the test ended, if it did.
fn last_status(run: &mut (impl Source + ?Sized), test_id: &str) -> io::Result<Option<Status>> {
    const BLOCK: usize = 64 * 1024;
    let (mut decoder, mut status) = (Decoder::new(), None);
    loop {
        match run.read(&mut decoder.space(BLOCK)[..BLOCK]) {
            Ok(0) => return Ok(status),
            Ok(length) => decoder.filled(length),
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                run.wait(Duration::from_secs(1));
                continue;
            }
            Err(error) => return Err(error),
        }
        while let Some(item) = decoder.next_item() {
            if let Item::Packet(packet) = item
                && packet.event().test_id == Some(test_id)
            {
                status = packet.event().status.filter(|status| status.is_final()).or(status);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn found(count: usize, fails: impl Fn(&[String]) -> bool) -> (Cause, usize) {
        let before: Vec<String> = (0..count).map(|nth| nth.to_string()).collect();
        let mut runs = 0;
        let cause = culprit::<Infallible>(&before, |some| {
            runs += 1;
            Ok(fails(some))
        });
        (cause.unwrap(), runs)
    }

    #[test]
    fn one_test_is_found_in_few_runs() {
        for count in [1_usize, 2, 3, 8, 100] {
            for nth in 0..count {
                let culprit = nth.to_string();
                let (cause, runs) = found(count, |some| some.contains(&culprit));
                assert_eq!(cause, Cause::Test(culprit));
                let most = 2 * (usize::BITS - (count - 1).leading_zeros()) as usize;
                assert!(runs <= most.max(1), "{runs} runs for {count}");
            }
        }
    }

    #[test]
    fn several_tests_together_are_told_from_none() {
        let both = |some: &[String]| ["1", "6"].iter().all(|one| some.contains(&(*one).to_owned()));
        assert_eq!(found(8, both).0, Cause::Several);
        let near = |some: &[String]| ["4", "6"].iter().all(|one| some.contains(&(*one).to_owned()));
        assert_eq!(found(8, near).0, Cause::Several);
        for count in [0, 1, 2, 8] {
            assert_eq!(found(count, |_| false).0, Cause::Nothing);
        }
    }
}
