//! Reads what `cargo test` prints, with what is known between its lines.

use subunit_core::{Status, Timestamp};

use super::{
    line::{Line, Outcome, classify},
    output::{Files, Running},
    sections::Sections,
    suite::Suite,
};
use crate::{
    events::{
        clock::{self, SyntheticClock},
        emit::fit,
        push::Push,
    },
    reader::public_reader,
    text::{
        line_reader::{LineReader, LineState},
        lines::{LONGEST, Lines},
        rust_output::{Programs, plain, program},
    },
};

/// How many programs may be open at once: more than one only after aborts, or where a test prints
/// what a program prints.
const MOST_SUITES: usize = 64;

public_reader! {
    /// Reads the text that `cargo test` writes.
    ///
    /// Memory: the names of the failed tests of the programs that run, and one line of at most 1 MiB.
    #[derive(Clone, Debug)]
    CargoReader(LineReader<State, Lines>) = LineReader::default()
}

impl LineState for State {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        self.take(line, push);
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        self.abort("the input ended", push);
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    program: Option<String>,
    programs: Programs,
    /// The program that cargo has announced, and how many lines ago.
    announced: Option<(String, u32)>,
    suites: Vec<Suite>,
    /// The test whose output runs into its line.
    running: Option<Running>,
    sections: Sections,
    /// Whether something failed since cargo announced a program.
    red: bool,
    /// For tests that say how long they took.
    clock: SyntheticClock,
}

impl State {
    fn take(&mut self, bytes: &[u8], push: &mut Push<'_>) {
        self.announcement(bytes, push);
        let line = classify(bytes);
        if let Line::Running(count) = line
            && self.starts(count, push)
        {
            return;
        }
        if let Line::Result { ok, passed, failed, all } = line
            && let Some(at) = self.suites.iter().rposition(|suite| suite.announced == all)
        {
            self.result(at, (ok, passed, failed, all), push);
            return;
        }
        if self.sections.have_begun() {
            let program = self.program.as_deref();
            self.sections.line(line, bytes, |name| id(program, name), push);
        } else if self.suites.is_empty() {
            push.text(bytes);
        } else {
            self.test_line(line, bytes, push);
        }
    }

    /// Takes note of a program that cargo announces, and of cargo's own errors.
    fn announcement(&mut self, bytes: &[u8], push: &mut Push<'_>) {
        if let Some(program) = program(bytes) {
            self.announced = Some((self.programs.label(program), 0));
            if self.suites.is_empty() {
                self.red = false;
            }
        } else if let Some((_, age)) = &mut self.announced {
            *age += 1;
        }
        if !self.suites.is_empty() || !bytes.contains(&b'e') {
            return;
        }
        let line = plain(bytes);
        if let Some(rest) = line.strip_prefix("error: could not compile `") {
            let name = rest.split('`').next().unwrap_or_default();
            let id = fit(&format!("{name} [build]")).into_owned();
            push.group_failure(&id, line.trim_end(), None, None);
            self.red = true;
        } else if line.starts_with("error: test failed") && !self.red {
            push.group_failure(&self.suite_id(), line.trim_end(), None, None);
            self.red = true;
        }
    }

    /// `running 3 tests`: false where that cannot be.
    fn starts(&mut self, announced: u64, push: &mut Push<'_>) -> bool {
        if let Some((program, age)) = self.announced.take()
            && age <= 2
        {
            self.abort("the next program started", push);
            self.program = Some(program);
        } else if self.suites.len() >= MOST_SUITES
            || self.running.is_some()
            || self.sections.have_begun()
        {
            return false;
        }
        self.suites.push(Suite { announced, ..Suite::default() });
        true
    }

    fn id(&self, name: &str) -> String {
        id(self.program.as_deref(), name)
    }

    fn suite_id(&self) -> String {
        let program = self.announced.as_ref().map(|(program, _)| program).or(self.program.as_ref());
        program.map_or_else(|| "[suite]".to_owned(), |program| format!("{program} [suite]"))
    }

    fn test_line(&mut self, line: Line, bytes: &[u8], push: &mut Push<'_>) {
        if self.running.is_some() {
            self.running_line(line, bytes, push);
            return;
        }
        match line {
            Line::Test { before, name, outcome } if self.expects_more() => {
                push.text(&bytes[..before]);
                let id = self.id(&name);
                self.end(&id, Files::default(), &outcome, push);
            }
            Line::Start { name, output } if self.expects_more() => {
                let id = self.id(&name);
                push.status(&id, Status::InProgress, None);
                self.running = Some(Running::new(id, bytes.get(output..).unwrap_or_default()));
            }
            Line::Section => self.sections.begin(),
            Line::Terse { passed, ignored } => {
                if let Some(suite) = self.suites.last_mut() {
                    suite.dots.0 += passed;
                    suite.dots.1 += ignored;
                }
                push.text(bytes);
            }
            _ => push.text(bytes),
        }
    }

    /// Whether the programs that run have tests left.
    fn expects_more(&self) -> bool {
        let sum = Suite::sum(&self.suites);
        sum.all < sum.announced
    }

    /// A line while the output of a test runs into its own.
    fn running_line(&mut self, line: Line, bytes: &[u8], push: &mut Push<'_>) {
        let Some(mut running) = self.running.take() else { return };
        if let Line::Outcome(outcome) = &line {
            running.push_held(push);
            self.end(&running.id, running.files, outcome, push);
            return;
        }
        let is_next = matches!(line, Line::Test { .. } | Line::Start { .. } | Line::Section);
        if let Some(outcome) = is_next.then(|| running.take_outcome()).flatten() {
            running.push_held(push);
            self.end(&running.id, running.files, &outcome, push);
            self.test_line(line, bytes, push);
            return;
        }
        // An outcome may stand at the end of the last line that is not empty.
        if !bytes.trim_ascii().is_empty() || running.held.len() > LONGEST {
            running.push_held(push);
        }
        running.held.extend_from_slice(bytes);
        self.running = Some(running);
    }

    fn end(&mut self, id: &str, mut files: Files, outcome: &Outcome, push: &mut Push<'_>) {
        if let Some(suite) = self.suites.last_mut() {
            suite.all += 1;
            suite.failed += u64::from(outcome.is_failure());
            suite.passed +=
                u64::from(!outcome.is_failure() && !matches!(outcome, Outcome::Ignored(_)));
        }
        match outcome {
            Outcome::Ok | Outcome::Failed => {}
            Outcome::Ignored(reason) if reason.is_empty() => {}
            Outcome::Ignored(reason) => push.file(Some(id), "reason", reason.as_bytes(), true),
            Outcome::Bench(text) => push.file(Some(id), "benchmark", text.as_bytes(), true),
            Outcome::Timed(_, time) => files.stop = self.stop(id, time, push),
        }
        if outcome.is_failure() {
            self.red = true;
            self.sections.hold(id, files);
            return;
        }
        files.end(id, push);
        let skipped = matches!(outcome, Outcome::Ignored(_));
        push.status(id, if skipped { Status::Skip } else { Status::Success }, files.stop);
    }

    /// When a test ended that took so many seconds. Nothing tells when it started: it is taken for one after the other.
    fn stop(&mut self, id: &str, time: &str, push: &mut Push<'_>) -> Option<Timestamp> {
        let took = time.parse().ok().and_then(clock::seconds)?;
        push.start_time(id, self.clock.now());
        Some(self.clock.advance(took))
    }

    /// The result of the program at `at`; programs after it were a test's imitation.
    fn result(&mut self, at: usize, said: (bool, u64, u64, u64), push: &mut Push<'_>) {
        let (ok, passed, failed, all) = said;
        if let Some(mut running) = self.running.take() {
            match running.take_outcome() {
                Some(outcome) => {
                    running.push_held(push);
                    self.end(&running.id, running.files, &outcome, push);
                }
                None => running.incomplete("the program ended", push),
            }
        }
        self.sections.end(push);
        let seen = Suite::sum(&self.suites.split_off(at));
        let (seen_passed, seen_failed) = (seen.passed, seen.failed);
        let ignored = all.saturating_sub(passed).saturating_sub(failed);
        let seen_ignored = seen.all.saturating_sub(seen_passed).saturating_sub(seen_failed);
        // Dots may also be a test's output: they stand for no more tests than are missing.
        let unnamed = seen.dots.0.min(passed.saturating_sub(seen_passed));
        self.unnamed("passed", unnamed, Status::Success, push);
        let skipped = seen.dots.1.min(ignored.saturating_sub(seen_ignored));
        self.unnamed("ignored", skipped, Status::Skip, push);
        let seen_passed = seen_passed + unnamed;
        if passed > seen_passed || failed > seen_failed || (!ok && seen_failed == 0) {
            let reason = format!(
                "the program says {passed} passed and {failed} failed, \
                 of which {seen_passed} and {seen_failed} were seen"
            );
            push.shortfall(&self.suite_id(), &reason);
            self.red = true;
        }
    }

    /// Reports tests of which nothing but their number is known.
    fn unnamed(&self, word: &str, count: u64, status: Status, push: &mut Push<'_>) {
        for number in 1..=count {
            push.status(&self.id(&format!("[{word} {number}]")), status, None);
        }
    }

    /// The programs that are open have no result and will have none.
    fn abort(&mut self, why: &str, push: &mut Push<'_>) {
        let mut blamed = self.failed_any();
        if let Some(running) = self.running.take() {
            running.incomplete(why, push);
            blamed = true;
        }
        self.sections.end(push);
        if !self.suites.is_empty() && !blamed {
            let id = self
                .program
                .as_ref()
                .map_or_else(|| "[suite]".to_owned(), |program| format!("{program} [suite]"));
            push.incomplete_group(&id, &format!("no result: {why}"), None);
        }
        self.suites.clear();
    }

    fn failed_any(&self) -> bool {
        self.suites.iter().any(|suite| suite.failed > 0)
    }
}

fn id(program: Option<&str>, name: &str) -> String {
    match program {
        Some(program) => format!("{program}::{name}"),
        None => name.to_owned(),
    }
}
