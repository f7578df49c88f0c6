//! Lines of a terminal, of which one that does not end may be a prompt.

use crate::auto::detect;

/// Hands whole lines to the reader of a format, and lets go of a prompt when the input pauses. What follows it
/// begins a line: what was typed ended the line on the terminal, and is not in the input.
#[derive(Default)]
pub(super) struct Prompts {
    /// The beginning of a line.
    held: Vec<u8>,
    /// The rest of a line whose beginning was too long to be held.
    within: bool,
}

impl Prompts {
    /// Prompts are short.
    const MOST: usize = 4096;

    /// Takes text; gives what is the reader's.
    pub(super) fn lines(&mut self, bytes: &[u8]) -> Vec<u8> {
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |newline| newline + 1);
        let (ended, rest) = bytes.split_at(whole);
        let mut lines = std::mem::take(&mut self.held);
        lines.extend_from_slice(ended);
        self.within &= whole == 0;
        if self.within {
            lines.extend_from_slice(rest);
            return lines;
        }
        if whole == 0 {
            self.held = std::mem::take(&mut lines);
        }
        self.held.extend_from_slice(rest);
        if self.held.len() > Self::MOST {
            self.within = true;
            lines.append(&mut self.held);
        }
        lines
    }

    /// The input has paused: what may be a prompt is no line of a format's.
    pub(super) fn pause(&mut self) -> Option<Vec<u8>> {
        let asks = !self.held.is_empty() && !detect::may_go_on(&self.held);
        asks.then(|| std::mem::take(&mut self.held))
    }

    /// What there is at the end.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_are_handed_over_however_they_come() {
        let input = [&b"ok 1 - a\n# comment\n"[..], &[b'x'; 9000], b"\nlast"].concat();
        for size in [1, 7, 4096, 5000, input.len()] {
            let mut prompts = Prompts::default();
            let mut lines = Vec::new();
            for piece in input.chunks(size) {
                lines.extend(prompts.lines(piece));
            }
            assert!(lines.ends_with(b"x\n"), "pieces of {size}");
            lines.extend(prompts.finish());
            assert_eq!(lines, input, "pieces of {size}");
        }
    }

    #[test]
    fn a_prompt_is_let_go_and_the_beginning_of_a_line_is_not() {
        let mut prompts = Prompts::default();
        assert_eq!(prompts.lines(b"1..1\n(Pdb) "), b"1..1\n");
        assert_eq!(prompts.pause(), Some(b"(Pdb) ".to_vec()));
        assert_eq!(prompts.lines(b"ok 1 - a\n"), b"ok 1 - a\n");
        for start in
            ["ok 1 - a", "not", "1..", "# a", "  key: ", "{\"type\":", "<test", "test a ... "]
        {
            let mut prompts = Prompts::default();
            prompts.lines(start.as_bytes());
            assert_eq!(prompts.pause(), None, "{start}");
            assert_eq!(prompts.lines(b"\n"), [start.as_bytes(), b"\n"].concat());
        }
    }
}
