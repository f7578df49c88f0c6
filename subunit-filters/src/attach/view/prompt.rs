//! Which unfinished line waits for an answer.

use subunit_core::text::ansi::plain;

/// The line of a leaf that has not ended yet.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    bytes: Vec<u8>,
    /// In how many pieces it came.
    pieces: usize,
    /// Whether it was written over.
    returned: bool,
    /// When its last piece came, as the count of such pieces of all leaves.
    since: u64,
}

/// How much a line looks like one that waits for an answer; the higher, the more.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Waits {
    /// It grows without one: dots, percents.
    Hardly,
    /// It may.
    Perhaps,
    /// It ends as prompts do.
    Surely,
}

/// The most of a line that is kept for showing it again.
const LINE: usize = 4096;

impl Unfinished {
    pub(super) fn push(&mut self, piece: &[u8]) {
        let room = LINE.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&piece[..piece.len().min(room)]);
        self.pieces += 1;
    }

    /// It has ended, or was answered.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// It begins anew in its place.
    pub(super) fn restart(&mut self) {
        self.bytes.clear();
        self.returned = true;
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Notes when its last piece came.
    pub(super) fn at(&mut self, since: u64) {
        self.since = since;
    }

    /// How much it looks like waiting, and since when. `None` where there is no such line.
    pub(super) fn waits(&self) -> Option<(Waits, u64)> {
        (!self.is_empty()).then(|| (self.kind(), self.since))
    }

    fn kind(&self) -> Waits {
        const ENDS: [char; 6] = [')', '>', '?', ':', '$', '#'];
        let text = plain(&self.bytes);
        let text = text.trim_end();
        let moves = self.returned || self.bytes.contains(&b'\r');
        if !moves && (text.ends_with(ENDS) || text.ends_with(']') && self.pieces == 1) {
            return Waits::Surely;
        }
        let grows = moves || self.pieces > 1 || text.bytes().all(|byte| byte == b'.');
        if grows { Waits::Hardly } else { Waits::Perhaps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_told_from_progress() {
        let waits = |pieces: &[&str]| {
            let mut line = Unfinished::default();
            pieces.iter().for_each(|piece| line.push(piece.as_bytes()));
            line.waits().map(|(waits, _)| waits)
        };
        for prompt in
            ["(Pdb) ", "> ", ">>> ", "Continue? [y/N] ", "login: ", "$ ", "\x1b[1m(gdb) \x1b[0m"]
        {
            assert_eq!(waits(&[prompt]), Some(Waits::Surely), "{prompt}");
        }
        assert_eq!(waits(&["(Pd", "b) "]), Some(Waits::Surely));
        assert_eq!(waits(&["Name "]), Some(Waits::Perhaps));
        for progress in
            [&["."][..], &["tests/a.py ", "."], &["\r12%"], &["\r(3/4)"], &["[1]", "[2]"]]
        {
            assert_eq!(waits(progress), Some(Waits::Hardly), "{progress:?}");
        }
        assert_eq!(waits(&[]), None);
    }
}
