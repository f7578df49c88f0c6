//! Bytes that arrive in pieces, as whole lines.

use subunit_core::sink::Flow;

/// Lines longer than this are handed over in pieces of this size, so that memory stays bounded.
pub const LONGEST: usize = 1 << 20;

/// Puts lines together.
///
/// Memory: one line, at most [`LONGEST`] bytes.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    /// Before the first line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes and calls `each` with every line that is whole now, its line end included.
    /// Stops early where `each` breaks; the bytes after that line are kept.
    pub fn feed(&mut self, mut bytes: &[u8], mut each: impl FnMut(&[u8]) -> Flow) -> Flow {
        while let Some(end) = line_end(self.partial.len(), bytes) {
            let (line, rest) = bytes.split_at(end);
            bytes = rest;
            let flow = if self.partial.is_empty() {
                each(line)
            } else {
                self.partial.extend_from_slice(line);
                let flow = each(&self.partial);
                self.partial.clear();
                flow
            };
            if flow.is_break() {
                self.partial.extend_from_slice(bytes);
                return flow;
            }
        }
        self.partial.extend_from_slice(bytes);
        Flow::Continue
    }

    /// The last line, if it has no line end.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        (!self.partial.is_empty()).then(|| std::mem::take(&mut self.partial))
    }

    /// The beginning of a line whose end has not come.
    pub fn partial(&self) -> &[u8] {
        &self.partial
    }
}

/// How many of `bytes` belong to the line that `before` bytes of have come already.
fn line_end(before: usize, bytes: &[u8]) -> Option<usize> {
    let room = LONGEST.saturating_sub(before);
    let within = &bytes[..bytes.len().min(room)];
    match memchr::memchr(b'\n', within) {
        Some(newline) => Some(newline + 1),
        None if bytes.len() >= room => Some(room),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::sink::Flow;

    use super::*;

    fn lines(input: &[u8], cut: usize) -> Vec<Vec<u8>> {
        let (mut lines, mut found) = (Lines::new(), Vec::new());
        for piece in input.chunks(cut) {
            lines.feed(piece, |line| {
                found.push(line.to_vec());
                Flow::Continue
            });
        }
        found.extend(lines.finish());
        found
    }

    #[test]
    fn the_same_lines_however_cut() {
        let input = b"one\n\ntwo\r\nlast";
        for cut in 1..=input.len() {
            assert_eq!(lines(input, cut), [&b"one\n"[..], b"\n", b"two\r\n", b"last"]);
        }
    }

    #[test]
    fn an_endless_line_is_cut_at_the_limit_however_it_arrives() {
        let input = vec![b'x'; LONGEST + 10];
        for cut in [1 << 16, 1 << 19, LONGEST + 10] {
            let lengths: Vec<usize> = lines(&input, cut).iter().map(Vec::len).collect();
            assert_eq!(lengths, [LONGEST, 10]);
        }
    }
}
