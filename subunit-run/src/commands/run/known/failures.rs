//! What failed, and how it runs again: by itself if it is a test, and else as a part of all tests.

use subunit_core::conventions;
use subunit_filters::{console::Console, exit::Error};

/// What failed in earlier runs.
#[derive(Clone, Debug, Default)]
pub(in crate::commands) struct FailedBefore {
    /// Tests, each of which can run by itself.
    pub(in crate::commands) tests: Vec<String>,
    /// What is no test, such as a file that cannot be imported.
    pub(in crate::commands) others: Vec<String>,
}

/// What may stand between the id of a test and the name of a part of it.
const PART: [char; 5] = [' ', ':', '/', '[', '('];
/// So many ids are named in a line.
const NAMED: usize = 3;

impl FailedBefore {
    /// The tests that run again; none where all tests must run, as far as other options take them. A line says what cannot
    /// be asked for by itself, and `asked` is what asks.
    pub(in crate::commands) fn again(
        mut self,
        asked: &str,
        is_narrowed: bool,
        console: &mut Console<'_>,
    ) -> Result<Option<Vec<String>>, Error> {
        self.leave_out_parts();
        if let Some(why) = self.needs_all() {
            let taken = if is_narrowed { " that other options take" } else { "" };
            console.say(format_args!("{asked}: {why}, so all tests run{taken}"))?;
            return Ok(None);
        }
        if !self.others.is_empty() {
            let others = no_test(&self.others);
            console.say(format_args!("{asked}: {others}, and does not run again by itself"))?;
        }
        Ok(Some(self.tests))
    }

    /// A part of a test that failed, such as a subtest, runs again with it.
    fn leave_out_parts(&mut self) {
        let is_part = |id: &String| self.tests.iter().any(|test| is_part_of(id, test));
        self.others.retain(|id| !is_part(id));
    }

    /// Why all tests must run, if they must: a place where tests are is broken, or there is no test to run instead.
    /// What is only about a run, such as that its plan is broken, is no reason to run all while tests fail.
    fn needs_all(&self) -> Option<String> {
        let is_place = |id: &&String| !conventions::tells_of_the_run(id, false, None);
        let places: Vec<String> = self.others.iter().filter(is_place).cloned().collect();
        match (places.is_empty(), self.tests.is_empty()) {
            (false, _) => Some(no_test(&places)),
            (true, true) if !self.others.is_empty() => Some(no_test(&self.others)),
            (true, _) => None,
        }
    }
}

/// Whether an id is that of a part of a test, such as `t/a.t: test 1`, `m.Case.test (i=1)` or `TestAll/first`.
fn is_part_of(id: &str, test: &str) -> bool {
    id.strip_prefix(test).is_some_and(|rest| rest.is_empty() || rest.starts_with(PART))
}

/// Says that what these ids name is no test.
pub(in crate::commands) fn no_test(ids: &[String]) -> String {
    let named = ids.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match (ids.len(), ids.len().saturating_sub(NAMED)) {
        (1, _) => format!("{named} is no test"),
        (_, 0) => format!("{named} are no tests"),
        (_, more) => format!("{named} and {more} more are no tests"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs_all(tests: &[&str], others: &[&str]) -> Option<String> {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let mut failures = FailedBefore { tests: owned(tests), others: owned(others) };
        failures.leave_out_parts();
        failures.needs_all()
    }

    #[test]
    fn all_tests_run_where_a_place_is_broken_or_no_test_could_run_instead() {
        let all = |why: &str| Some(why.to_owned());
        for tests in [&["a"][..], &[]] {
            assert_eq!(needs_all(tests, &["m.py"]), all("m.py is no test"));
            assert_eq!(needs_all(tests, &["m.py", "(listing)"]), all("m.py is no test"));
            assert_eq!(needs_all(tests, &["m", "n"]), all("m, n are no tests"));
            let many = all("m, n, o and 2 more are no tests");
            assert_eq!(needs_all(tests, &["m", "n", "o", "p", "q"]), many);
            assert_eq!(needs_all(tests, &[]), None);
        }
        assert_eq!(needs_all(&["a"], &["(interrupted)", "plan"]), None);
        assert_eq!(needs_all(&["t/b.t"], &["t/b.t: test 1"]), None);
        assert_eq!(needs_all(&["t/b.t"], &["t/a.t: test 1"]), all("t/a.t: test 1 is no test"));
        for part in ["t/b.t (i=1)", "t/b.t/first", "t/b.t[1]", "t/b.t::x", "t/b.t"] {
            assert_eq!(needs_all(&["t/b.t"], &[part]), None, "{part}");
        }
        // An id that only begins alike is something else.
        for other in ["t/b.test", "t/b.t2: test 1", "t/b.t_x"] {
            assert_eq!(needs_all(&["t/b.t"], &[other]), all(&format!("{other} is no test")));
        }
        assert_eq!(needs_all(&[], &["(listing)"]), all("(listing) is no test"));
    }
}
