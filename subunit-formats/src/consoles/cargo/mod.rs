//! The text that `cargo test` writes: libtest's lines for people, as well as these can be read.
//!
//! A test that passed is reported when its line comes. One that failed is reported with its output, which
//! stands in a later section; it is held until then, or until the program ends. With `--nocapture` a test's
//! output runs into its line: all up to a line that is (or ends with) an outcome is the test's. The
//! output of passing tests (`--show-output`) comes when they have ended, and is a file of the run named
//! `<id> stdout`.
//!
//! A program without `test result:` line has been aborted and is red. Lines that imitate libtest's are
//! told apart by the counts: `running 3 tests` is answered by a result of three.
//!
//! `cargo test -q` names the tests that fail and writes a dot for each other one; these are reported with the
//! program's result, as `[passed 1]` and so on.
//!
//! Ids are `<program>::<test>` where cargo's own lines are among the input, else `<test>`. Of programs of one name, such
//! as the library and the program of a crate, all but the first have their source with them: `shop (src/main.rs)::<test>`.
//!
//! libtest writes a test's name, its outcome and the line end one by one, and what other threads print may land
//! between them: an outcome at the beginning of what seems to be a test's output counts where no other came before
//! the next test.

mod line;
mod output;

use std::ops::ControlFlow;

use line::{Line, Outcome, classify};
use output::{Files, Running};
use subunit_core::{
    Status, Timestamp,
    sink::{Flow, Sink},
};

use crate::{
    events::{
        clock::{self, SyntheticClock},
        open_map::OpenMap,
        push::Push,
    },
    format::{Row, Signs},
    reader::FormatReader,
    text::{
        lines::{LONGEST, Lines},
        rust_output::{Programs, plain, program},
    },
};

/// What `cargo test` prints.
pub(crate) const ROW: Row = Row {
    name: "cargo",
    title: "what cargo test prints",
    examples: &[
        r"printf '\nrunning 1 test\ntest a ... ok\n' | subunit from-cargo | subunit ls --no-text",
        r"printf '\nrunning 1 test\ntest a ... FAILED\n' | subunit from-cargo | subunit stats",
    ],
    signs: Signs { first: &["running "], line: Some(announces_tests), ..Signs::NONE },
    ..Row::new(|| Box::new(CargoReader::new()))
};

/// `running 7 tests`.
fn announces_tests(line: &[u8]) -> bool {
    let count = line.strip_prefix(b"running ").map(<[u8]>::trim_ascii_end);
    let count =
        count.and_then(|rest| rest.strip_suffix(b" tests").or_else(|| rest.strip_suffix(b" test")));
    count.is_some_and(|count| !count.is_empty() && count.iter().all(u8::is_ascii_digit))
}

/// How many programs may be open at once: more than one only after aborts, or where a test prints
/// what a program prints.
const MOST_SUITES: usize = 64;

/// Reads the text that `cargo test` writes.
///
/// Memory: the names of the failed tests of the programs that run, and one line of at most 1 MiB.
#[derive(Clone, Debug, Default)]
pub struct CargoReader {
    lines: Lines,
    state: State,
}

impl CargoReader {
    /// Before the first line.
    pub fn new() -> Self {
        Self::default()
    }
}

impl FormatReader for CargoReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        let _ = self.lines.feed::<()>(bytes, |line| {
            self.state.line(line, &mut push);
            ControlFlow::Continue(())
        });
        push.flow()
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        if let Some(line) = self.lines.finish() {
            self.state.line(&line, &mut push);
        }
        self.state.abort("the input ended", &mut push);
        push.flow()
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
    /// Tests that failed and whose output may come.
    failed: OpenMap<Files>,
    /// Whose output comes now.
    body: Body,
    /// Whether something failed since cargo announced a program.
    red: bool,
    /// For tests that say how long they took.
    clock: SyntheticClock,
}

/// A program that runs.
#[derive(Clone, Debug, Default)]
struct Suite {
    announced: u64,
    passed: u64,
    failed: u64,
    all: u64,
    /// Tests that passed or were ignored, as far as dots tell it.
    dots: (u64, u64),
}

#[derive(Clone, Debug, Default)]
enum Body {
    /// Lines are libtest's own.
    #[default]
    None,
    /// Between sections and bodies.
    Section,
    /// The output of a failed test.
    Failed(String),
    /// The output of another test.
    Passed(String),
}

impl State {
    fn line(&mut self, bytes: &[u8], push: &mut Push<'_>) {
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
        match &self.body {
            Body::None if self.suites.is_empty() => push.text(bytes),
            Body::None => self.test_line(line, bytes, push),
            _ => self.body_line(line, bytes, push),
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
            let id = crate::events::push::fit(&format!("{name} [build]")).into_owned();
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
            || !matches!(self.body, Body::None)
        {
            return false;
        }
        self.body = Body::None;
        self.suites.push(Suite { announced, ..Suite::default() });
        true
    }

    fn id(&self, name: &str) -> String {
        match &self.program {
            Some(program) => format!("{program}::{name}"),
            None => name.to_owned(),
        }
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
            Line::Section => self.body = Body::Section,
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
        let all =
            |count: fn(&Suite) -> u64| self.suites.iter().map(count).fold(0, u64::saturating_add);
        all(|suite| suite.all) < all(|suite| suite.announced)
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
            self.failed.insert(id, files);
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

    /// A line in the sections behind the tests.
    fn body_line(&mut self, line: Line, bytes: &[u8], push: &mut Push<'_>) {
        match line {
            Line::Body(name) => {
                self.end_body(push);
                let id = self.id(&name);
                let failed = self.failed.contains(&id);
                self.body = if failed { Body::Failed(id) } else { Body::Passed(id) };
                return;
            }
            Line::Section => {
                self.end_body(push);
                return;
            }
            _ => {}
        }
        match &self.body {
            Body::Failed(id) => {
                if let Some(files) = self.failed.get_mut(id) {
                    files.push_line(id, bytes, push);
                }
            }
            Body::Passed(id) => push.file(None, &format!("{id} stdout"), bytes, false),
            // The list of names.
            _ if bytes.starts_with(b"    ") => {}
            _ => push.text(bytes),
        }
    }

    fn end_body(&mut self, push: &mut Push<'_>) {
        match std::mem::replace(&mut self.body, Body::Section) {
            Body::Failed(id) => {
                if let Some(files) = self.failed.remove(&id) {
                    files.end(&id, push);
                    push.status(&id, Status::Fail, files.stop);
                }
            }
            Body::Passed(id) => push.file(None, &format!("{id} stdout"), b"", true),
            Body::None | Body::Section => {}
        }
    }

    /// Reports the failed tests whose output has not come.
    fn end_failed(&mut self, push: &mut Push<'_>) {
        self.end_body(push);
        self.body = Body::None;
        for (id, files) in self.failed.take_all() {
            files.end(&id, push);
            push.status(&id, Status::Fail, files.stop);
        }
    }

    /// The result of the program at `at`; programs behind it were a test's imitation.
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
        self.end_failed(push);
        let suites = self.suites.split_off(at);
        let seen = |count: fn(&Suite) -> u64| suites.iter().map(count).fold(0, u64::saturating_add);
        let (seen_passed, seen_failed) = (seen(|suite| suite.passed), seen(|suite| suite.failed));
        let (seen_all, dots) = (seen(|suite| suite.all), [seen(|s| s.dots.0), seen(|s| s.dots.1)]);
        let ignored = all.saturating_sub(passed).saturating_sub(failed);
        let seen_ignored = seen_all.saturating_sub(seen_passed).saturating_sub(seen_failed);
        // Dots may also be a test's output: they stand for no more tests than are missing.
        let unnamed = dots[0].min(passed.saturating_sub(seen_passed));
        self.unnamed("passed", unnamed, Status::Success, push);
        let skipped = dots[1].min(ignored.saturating_sub(seen_ignored));
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
        self.end_failed(push);
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
