//! Runs tests so that each has a result, whatever becomes of the processes of their runner.

use std::{cell::OnceCell, collections::HashSet, io};

use subunit_core::{Event, Status};
use subunit_mux::ending::{Tail, broken, described};

use super::{
    forker::Forker,
    invoked::Invoked,
    process::{ProcessEnd, command_of, run},
    results::ResultWriter,
    runner_process::{ResultSource, RunnerProcess},
    whole_test::{TestStart, run_test},
};

/// After so many processes in succession that told of no test, the others are not tried.
const MAX_FRUITLESS: u32 = 3;

/// Tests that are still to run, and what became of those before.
pub(super) struct Rounds<'i> {
    invoked: &'i Invoked,
    results: &'i mut ResultWriter,
    /// What forks the processes of tests, once it has been started; nothing in it where that takes no requests.
    forker: OnceCell<Option<Forker>>,
    /// How many of the next tests have a process of their own each, as nobody knows which one ends it.
    alone: usize,
    fruitless: u32,
}

impl<'i> Rounds<'i> {
    pub(super) fn new(invoked: &'i Invoked, results: &'i mut ResultWriter) -> Self {
        Self { invoked, results, forker: OnceCell::new(), alone: 0, fruitless: 0 }
    }

    /// Runs all tests, whatever these are.
    pub(super) fn run_all(&mut self) -> io::Result<()> {
        let processes = (self.invoked.runner.processes)(self.invoked, None);
        for process in processes.map_err(io::Error::other)? {
            let end = run(&process, self.invoked, self.results)?;
            for id in sorted(&end.running) {
                self.fail(&id, &end, "while this test was running")?;
            }
            self.tell_unfinished()?;
            self.tell_groups(&end)?;
            self.tell_files(&end)?;
            self.tell_end(&end)?;
        }
        Ok(())
    }

    /// A test that its runner calls passed is red where its process ended in its midst.
    fn tell_unfinished(&mut self) -> io::Result<()> {
        let Some(unfinished) = self.invoked.runner.unfinished else { return Ok(()) };
        let reason = "its process ended with exit status 0 while this test was running\n";
        unfinished(self.invoked)?.iter().try_for_each(|id| self.fail_test(id, reason))
    }

    /// What had begun and not ended is red.
    fn tell_groups(&mut self, end: &ProcessEnd) -> io::Result<()> {
        let how = format!("{} before its end", described(end.status));
        let reason = with_tail(&how, &end.tail);
        for group in &end.groups {
            self.results.fail_beside(group, &reason)?;
        }
        Ok(())
    }

    /// So are the files of which nothing was said then, where all of them were to run.
    fn tell_files(&mut self, end: &ProcessEnd) -> io::Result<()> {
        let Some(files) = self.invoked.runner.files.filter(|_| !end.groups.is_empty()) else {
            return Ok(());
        };
        for file in files(self.invoked).unwrap_or_default() {
            let begins = |id: &String| {
                let rest = id.strip_prefix(&file);
                rest.is_some_and(|rest| rest.starts_with(" > ") || rest.starts_with("::"))
            };
            let is_told = end.groups.contains(&file) || end.ended.iter().any(begins);
            if !is_told {
                self.results.fail_beside(&file, "never run: the runner ended before\n")?;
            }
        }
        Ok(())
    }

    /// Runs these tests. Each has a result then.
    pub(super) fn run_tests(&mut self, mut left: Vec<String>) -> io::Result<()> {
        (self.alone, self.fruitless) = (0, 0);
        while !left.is_empty() {
            if self.fruitless >= MAX_FRUITLESS {
                return self.give_up(&left);
            }
            let is_alone = self.alone > 0;
            self.alone = self.alone.saturating_sub(1);
            let rest = if is_alone { left.split_off(1) } else { Vec::new() };
            let mut again = self.run_round(&left)?;
            again.extend(rest);
            left = again;
        }
        Ok(())
    }

    /// Runs these tests, and says which of them are to run again in another process.
    fn run_round(&mut self, ids: &[String]) -> io::Result<Vec<String>> {
        let processes = match (self.invoked.runner.processes)(self.invoked, Some(ids)) {
            Ok(processes) => processes,
            Err(why) => {
                ids.iter().try_for_each(|id| self.fail_test(id, &why))?;
                return Ok(Vec::new());
            }
        };
        let mut unknown: HashSet<&String> = ids.iter().collect();
        let mut again = Vec::new();
        for process in &processes {
            let own: Vec<String> =
                process.tests.iter().flatten().map(|(_, id)| id.clone()).collect();
            own.iter().chain(&process.left_out).for_each(|id| _ = unknown.remove(id));
            for id in &process.left_out {
                self.results.end(&Event::status(id, Status::Skip), "")?;
            }
            if process.tests.is_some() && own.is_empty() {
                continue;
            }
            if process.source == ResultSource::Status {
                own.iter().try_for_each(|id| self.run_whole(process, id))?;
            } else {
                again.extend(self.run_process(process, &own)?);
            }
        }
        for id in ids.iter().filter(|id| unknown.contains(id)) {
            self.fail_test(id, "there is no such test\n")?;
        }
        Ok(again)
    }

    /// Runs a process that is one test.
    fn run_whole(&mut self, process: &RunnerProcess, id: &str) -> io::Result<()> {
        let command = |process| command_of(process, &self.invoked.own_file("results"));
        let Some(process_of_forker) = &process.forker else {
            return run_test(TestStart::Command(&mut command(process)), id, self.results);
        };
        let start = || {
            let output = self.invoked.own_file("output");
            Forker::start(&mut command(process_of_forker), output).unwrap_or_default()
        };
        self.forker.get_or_init(start);
        match self.forker.get_mut().and_then(Option::as_mut) {
            Some(forker) => run_test(TestStart::Forker(forker), id, self.results),
            None => run_test(TestStart::Command(&mut command(process)), id, self.results),
        }
    }

    fn run_process(&mut self, process: &RunnerProcess, own: &[String]) -> io::Result<Vec<String>> {
        let end = match run(process, self.invoked, self.results) {
            Ok(end) => end,
            Err(error) => {
                let program = process.words.first().map_or("", String::as_str);
                let why = format!("`{program}` cannot be run: {error}\n");
                own.iter().try_for_each(|id| self.fail_test(id, &why))?;
                return Ok(Vec::new());
            }
        };
        self.tell_unfinished()?;
        let is_fruitless = end.ended.is_empty();
        let mut left: Vec<String> =
            own.iter().filter(|id| !end.ended.contains(*id)).cloned().collect();
        if process.is_whole {
            let why = with_tail(&format!("never run: {}", described(end.status)), &end.tail);
            for id in left {
                match end.running.contains(&id) {
                    true => self.fail(&id, &end, "while this test was running")?,
                    false => self.fail_test(&id, &why)?,
                }
            }
            self.tell_groups(&end)?;
            self.tell_end(&end)?;
            return Ok(Vec::new());
        }
        if left.is_empty() {
            self.fruitless = 0;
            self.tell_end(&end)?;
            return Ok(left);
        }
        if end.running.is_empty() && own.len() > 1 {
            self.alone = left.len();
            return Ok(left);
        }
        if end.running.len() > 1 {
            // One of those that ran side by side has ended the others.
            let (suspects, rest): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|id| end.running.contains(id));
            self.alone = suspects.len();
            return Ok([suspects, rest].concat());
        }
        self.fruitless = if is_fruitless { self.fruitless + 1 } else { 0 };
        let to_blame: Vec<String> = if own.len() == 1 {
            std::mem::take(&mut left)
        } else {
            left.iter().filter(|id| end.running.contains(*id)).cloned().collect()
        };
        for id in &to_blame {
            self.fail(id, &end, "while this test was running")?;
        }
        left.retain(|id| !to_blame.contains(id));
        Ok(left)
    }

    /// A status that no failure explains is a failure.
    fn tell_end(&mut self, end: &ProcessEnd) -> io::Result<()> {
        if end.status.success() || end.is_explained || !end.groups.is_empty() {
            return Ok(());
        }
        let failure = broken(&described(end.status), false, &end.tail);
        self.results.say(&failure.as_event())
    }

    fn fail(&mut self, id: &str, end: &ProcessEnd, when: &str) -> io::Result<()> {
        let cause = format!("{} {when}", described(end.status));
        self.fail_test(id, &with_tail(&cause, &end.tail))
    }

    fn fail_test(&mut self, id: &str, reason: &str) -> io::Result<()> {
        self.results.end(&Event::status(id, Status::Fail), reason)
    }

    fn give_up(&mut self, left: &[String]) -> io::Result<()> {
        let reason = format!(
            "never run: {MAX_FRUITLESS} processes in succession ended and told of no test\n"
        );
        left.iter().try_for_each(|id| self.fail_test(id, &reason))
    }
}

fn sorted(ids: &HashSet<String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().cloned().collect();
    ids.sort();
    ids
}

/// A cause, and the last lines of output.
fn with_tail(cause: &str, tail: &Tail) -> String {
    let event = broken(cause, true, tail);
    let bytes = event.file.map(|file| file.bytes).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
