//! The first lines that a rule took, with their numbers: enough to see why it failed.

use std::fmt::Write;

/// How many are kept for a rule.
const MOST: usize = 20;

/// How many bytes of a line are kept.
const LONGEST: usize = 1024;

/// Lines with their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct FirstLines {
    text: String,
    kept: usize,
    left_out: u64,
}

impl FirstLines {
    /// Keeps a line, if there is room for it.
    pub(super) fn keep(&mut self, number: u64, line: &[u8]) {
        if self.kept == MOST {
            self.left_out += 1;
            return;
        }
        self.kept += 1;
        let shown = line.get(..LONGEST).unwrap_or(line);
        let rest = if shown.len() < line.len() { "..." } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{number}: {}{rest}", String::from_utf8_lossy(shown));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept == 0
    }

    /// All that are kept, a line each, and how many more there were.
    pub(super) fn shown(&self) -> String {
        match self.left_out {
            0 => self.text.clone(),
            more => format!("{}and {more} more\n", self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_are_kept_and_the_others_counted() {
        let mut lines = FirstLines::default();
        for number in 1..=22 {
            lines.keep(number, b"x");
        }
        let shown = lines.shown();
        assert!(
            shown.starts_with("1: x\n2: x\n") && shown.ends_with("20: x\nand 2 more\n"),
            "{shown}"
        );
    }

    #[test]
    fn a_long_line_is_cut() {
        let mut lines = FirstLines::default();
        lines.keep(1, &[b'x'; 5000]);
        assert_eq!(lines.shown().len(), "1: ...\n".len() + LONGEST);
    }
}
