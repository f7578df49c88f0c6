//! What is known of a package whose tests run.

use std::collections::BTreeMap;

use subunit_core::Status;

use crate::events::push::Push;

/// How much is kept of the beginning of a package's output, and of its end, for its failure.
const HEAD: usize = 16 << 10;
const TAIL: usize = 48 << 10;

/// How much output is kept of tests that nobody announced.
const MOST_STRAY: usize = 256 << 10;

/// How many tests are noted of which a line tells the end.
const MOST_LINES: usize = 4096;

/// A package whose tests run.
///
/// Memory: 368 KiB, and 4096 names of tests, at most.
#[derive(Clone, Debug, Default)]
pub(super) struct Package {
    /// Whether a test of it has failed.
    pub(super) failed: bool,
    /// Whether there was output outside tests.
    pub(super) stdout: bool,
    output: Kept,
    /// Output of tests that have not begun, by id: it is theirs if they end.
    stray: BTreeMap<String, String>,
    stray_size: usize,
    /// How tests have ended by the lines that say so, by name.
    lines: BTreeMap<String, Status>,
}

impl Package {
    /// Output of the package itself. The lines with which Go sums up are not kept.
    pub(super) fn output(&mut self, line: &str) {
        self.stdout = true;
        let is_sum = matches!(line.trim_end(), "FAIL" | "PASS") || line.starts_with("FAIL\t");
        if !is_sum {
            self.output.push(line);
        }
    }

    /// What was kept of its output.
    pub(super) fn kept(&self) -> Option<String> {
        self.output.text()
    }

    /// Output of a test that has not begun, or has ended.
    pub(super) fn stray(&mut self, id: &str, output: &str, push: &mut Push<'_>) {
        self.stray_size += id.len() + output.len();
        if self.stray_size > MOST_STRAY {
            self.end_stray(push);
            push.file(None, &format!("{id} stdout"), output.as_bytes(), true);
            return;
        }
        self.stray.entry(id.to_owned()).or_default().push_str(output);
    }

    /// What a test wrote that has ended without having begun.
    pub(super) fn take_stray(&mut self, id: &str) -> Option<String> {
        let output = self.stray.remove(id)?;
        self.stray_size = self.stray_size.saturating_sub(id.len() + output.len());
        Some(output)
    }

    /// Output of tests that did not end after it is a file of the run.
    pub(super) fn end_stray(&mut self, push: &mut Push<'_>) {
        self.stray_size = 0;
        for (id, output) in std::mem::take(&mut self.stray) {
            push.file(None, &format!("{id} stdout"), output.as_bytes(), true);
        }
    }

    /// Takes note of a line that tells how a test ended, wherever it stands: Go before 1.20 takes it for output where
    /// a test leaves its last line unfinished, `output--- PASS: TestX (0.00s)`, and then those of its subtests too.
    pub(super) fn note(&mut self, line: &str) {
        for (word, status) in [("--- PASS: ", Status::Success), ("--- SKIP: ", Status::Skip)] {
            let Some((_, rest)) = line.rsplit_once(word) else { continue };
            let Some((name, time)) = rest.rsplit_once(" (") else { continue };
            if time.trim_end().ends_with("s)") && self.lines.len() < MOST_LINES {
                self.lines.insert(name.to_owned(), status);
            }
        }
    }

    /// How a test ended by its line, which is of no more use.
    pub(super) fn take_line(&mut self, name: &str) -> Option<Status> {
        self.lines.remove(name)
    }

    /// The same of all subtests of a test.
    pub(super) fn take_lines_below(&mut self, name: &str) -> BTreeMap<String, Status> {
        let mut below = self.lines.split_off(&format!("{name}/"));
        // `0` comes after `/`.
        let mut rest = below.split_off(&format!("{name}0"));
        self.lines.append(&mut rest);
        below
    }
}

/// The beginning and the end of a text.
#[derive(Clone, Debug, Default)]
struct Kept {
    head: String,
    tail: String,
    left_out: usize,
}

impl Kept {
    fn push(&mut self, line: &str) {
        if self.tail.is_empty() && self.head.len() + line.len() <= HEAD {
            self.head.push_str(line);
            return;
        }
        self.tail.push_str(line);
        if self.tail.len() > 2 * TAIL {
            let most = self.tail.len() - TAIL;
            let cut = (most..=self.tail.len()).find(|at| self.tail.is_char_boundary(*at));
            let cut = cut.unwrap_or(most);
            self.left_out += cut;
            self.tail.drain(..cut);
        }
    }

    fn text(&self) -> Option<String> {
        let text = match self.left_out {
            0 => format!("{}{}", self.head, self.tail),
            bytes => format!("{}[{bytes} bytes left out]\n{}", self.head, self.tail),
        };
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_output_keeps_its_beginning_and_its_end() {
        let mut package = Package::default();
        assert_eq!(package.kept(), None);
        for line in 0..100_000 {
            package.output(&format!("ligne {line} é\n"));
        }
        package.output("FAIL\texample.com/p\t0.1s\n");
        let kept = package.kept().unwrap();
        assert!(kept.len() < HEAD + 2 * TAIL + 100);
        assert!(kept.starts_with("ligne 0 é\n") && kept.ends_with("ligne 99999 é\n"));
        assert!(kept.contains(" bytes left out]\n"));
    }

    #[test]
    fn lines_tell_how_tests_ended_wherever_they_stand() {
        let mut package = Package::default();
        package.note("59.99s--- PASS: TestT (0.00s)\n");
        package.note("    --- SKIP: TestT/b (1.50s)\n");
        package.note("--- PASS: TestU/x (y)\n");
        package.note("--- PASS: TestT0 (0.00s)\n");
        assert_eq!(package.take_line("TestT"), Some(Status::Success));
        let below = package.take_lines_below("TestT").into_iter().collect::<Vec<_>>();
        assert_eq!(below, [("TestT/b".to_owned(), Status::Skip)]);
        assert_eq!(package.take_line("TestT0"), Some(Status::Success));
        assert_eq!(package.take_line("TestU/x"), None);
    }
}
