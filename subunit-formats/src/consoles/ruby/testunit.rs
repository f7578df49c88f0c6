//! What test-unit prints.
//!
//! * Ids are `Class#test`, of tests that failed. All others are a number. A failure and an error of one test are both
//!   counted by its summary, so how many passed is told by the part that did.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, count_of},
    format::{Row, Signs},
};

/// What test-unit prints.
pub(crate) const ROW: Row = Row {
    name: "test-unit",
    title: "the output of test-unit",
    signs: Signs { begins: &["Loaded suite "], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<TestUnit>)
};

#[derive(Default)]
struct TestUnit {
    /// A rule stands before a block.
    after_rule: bool,
    after_dashes: bool,
    block: String,
    /// Failures and errors, and tests that have one.
    blocks: u64,
    failed: u64,
    finished: bool,
}

impl Grammar for TestUnit {
    const FORMAT: Format = Format::TestUnit;
    const TRAILERS: &'static [&'static str] = &["-----", "100% passed", "0% passed"];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if line.starts_with("Loaded suite ") {
            *self = Self::default();
            run.start();
            run.text();
            return true;
        }
        let is_rule = line.len() >= 70 && line.bytes().all(|byte| byte == b'=');
        let after_rule = std::mem::replace(&mut self.after_rule, is_rule);
        let is_dashes = line.len() >= 70 && line.bytes().all(|byte| byte == b'-');
        let after_dashes = std::mem::replace(&mut self.after_dashes, is_dashes);
        self.finished |= line.starts_with("Finished in ") && line.ends_with(" seconds.");
        if is_rule {
            self.block.clear();
            return false;
        }
        if after_rule && self.begin_block(line, run) {
            return true;
        }
        if self.finished
            && after_dashes
            && let Some(says) = self.sums_up(line)
        {
            run.summary(says);
            return true;
        }
        if run.has_ended() && (line.ends_with("% passed") || line.contains(" tests/s, ")) {
            run.text();
            return true;
        }
        run.in_block(&self.block)
    }
}

impl TestUnit {
    /// `Failure: test_both(TestDown): body.`, `Error: test_error(TestWeird):`
    fn begin_block(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let rest = line.strip_prefix("Failure: ").or_else(|| line.strip_prefix("Error: "));
        let Some((name, rest)) = rest.and_then(|rest| rest.split_once('(')) else { return false };
        let Some((class, _)) = rest.split_once(')') else { return false };
        self.blocks += 1;
        self.block.push_str(class);
        self.block.push('#');
        self.block.push_str(name);
        if !run.is_held(&self.block) {
            self.failed += 1;
            run.hold(&self.block, Status::Fail);
        }
        run.detail(&self.block);
        true
    }

    /// `11 tests, 4 assertions, 2 failures, 4 errors, 0 pendings, 1 omissions, 0 notifications`
    fn sums_up(&self, line: &str) -> Option<SummaryCounts> {
        let (mut numbers, mut all, mut counted) = (ResultNumbers::default(), None, None);
        for part in line.split(", ") {
            let (count, word) = count_of(part)?;
            match word {
                "tests" => all = Some(count),
                "failures" | "errors" => counted = Some(counted.unwrap_or(0) + count),
                "pendings" | "omissions" => numbers.add(Status::Skip, count),
                "assertions" | "notifications" => {}
                _ => return None,
            }
        }
        numbers.fail = (self.failed + counted?).saturating_sub(self.blocks);
        numbers.success = all?.saturating_sub(numbers.total());
        Some(SummaryCounts { numbers, ..SummaryCounts::default() })
    }
}

fn tells(line: &[u8]) -> bool {
    line.starts_with(b"Loaded suite ")
}
