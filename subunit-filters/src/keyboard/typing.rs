//! A line while it is typed, key by key, where the terminal does not edit it.

/// What a key has done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Stroke {
    /// Nothing.
    Ignored,
    /// The line is another one.
    Changed,
    /// The line is whole; the next one begins.
    Entered(String),
    /// There will be no more.
    Ended,
}

/// The line so far. Keys are what terminals send: backspace, ^U, ^W, ^D and the return key have their usual
/// meanings; arrows and other sequences have none.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    line: Vec<u8>,
    sequence: Sequence,
}

/// Where in a sequence of a key we are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Sequence {
    #[default]
    None,
    /// After an ESC.
    Begun,
    /// Behind `ESC [` or `ESC O`: up to a letter or `~`.
    Inside,
}

impl Sequence {
    /// Takes a byte of what was typed; whether it is part of a sequence.
    pub(crate) fn takes(&mut self, byte: u8) -> bool {
        let (is_part, next) = match (*self, byte) {
            (_, 0x1b) => (true, Self::Begun),
            (Self::Begun, b'[' | b'O') => (true, Self::Inside),
            (Self::Inside, 0x40..=0x7e) | (Self::Begun, _) => (true, Self::None),
            (Self::Inside, _) => (true, Self::Inside),
            (Self::None, _) => (false, Self::None),
        };
        *self = next;
        is_part
    }

    /// Nothing more was typed for now: whether that was the escape key alone. The next byte begins anew.
    pub(crate) fn is_escape(&mut self) -> bool {
        self == &mut Self::Begun && std::mem::take(self) == Self::Begun
    }
}

/// The longest line; more is not taken.
const LONGEST: usize = 1 << 20;

impl Typing {
    /// The line so far.
    pub(crate) fn line(&self) -> String {
        String::from_utf8_lossy(&self.line).into_owned()
    }

    /// It is given up.
    pub(crate) fn clear(&mut self) {
        self.line.clear();
    }

    /// Takes a byte of what was typed.
    pub(crate) fn push(&mut self, byte: u8) -> Stroke {
        if self.sequence.takes(byte) {
            return Stroke::Ignored;
        }
        match byte {
            b'\n' | b'\r' => {
                let line = self.line();
                self.line.clear();
                return Stroke::Entered(line);
            }
            0x04 if self.line.is_empty() => return Stroke::Ended,
            0x08 | 0x7f => self.rub_out(),
            0x15 => self.line.clear(),
            0x17 => self.rub_out_word(),
            b'\t' => self.insert(byte),
            0..=0x1f => return Stroke::Ignored,
            _ => self.insert(byte),
        }
        // A character is shown when it is whole.
        if std::str::from_utf8(&self.line).is_err_and(|error| error.error_len().is_none()) {
            return Stroke::Ignored;
        }
        Stroke::Changed
    }

    fn insert(&mut self, byte: u8) {
        if self.line.len() < LONGEST {
            self.line.push(byte);
        }
    }

    fn rub_out(&mut self) {
        while let Some(byte) = self.line.pop() {
            // The other bytes of a character begin with the bits 10.
            if byte & 0xC0 != 0x80 {
                break;
            }
        }
    }

    fn rub_out_word(&mut self) {
        while self.line.pop_if(|byte| *byte == b' ').is_some() {}
        while self.line.pop_if(|byte| *byte != b' ').is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[u8]) -> (Vec<String>, String) {
        let mut typing = Typing::default();
        let mut lines = Vec::new();
        for key in keys {
            if let Stroke::Entered(line) = typing.push(*key) {
                lines.push(line);
            }
        }
        (lines, typing.line())
    }

    #[test]
    fn keys_edit_the_line() {
        for (keys, line) in [
            (&b"print(1)"[..], "print(1)"),
            (b"ab\x7f\x08c", "c"),
            ("aé漢\x7f\x7fb".as_bytes(), "ab"),
            (b"one two  \x17", "one "),
            (b"gone\x15x", "x"),
            (b"a\x1b[D\x1b[3~\x1bOA\x1bxb", "ab"),
            (b"a\x01\x0cb", "ab"),
            (b"\x7f\x17", ""),
        ] {
            assert_eq!(typed(keys), (vec![], line.into()), "{}", keys.escape_ascii());
        }
        assert_eq!(typed(b"a\nb\rc"), (vec!["a".into(), "b".into()], "c".into()));
    }

    #[test]
    fn the_end_is_where_nothing_was_typed() {
        let mut typing = Typing::default();
        assert_eq!(typing.push(4), Stroke::Ended);
        assert_eq!((typing.push(b'a'), typing.push(4)), (Stroke::Changed, Stroke::Ignored));
    }

    #[test]
    fn a_character_is_shown_when_it_is_whole() {
        let mut typing = Typing::default();
        let strokes: Vec<Stroke> = "é".bytes().map(|byte| typing.push(byte)).collect();
        assert_eq!(strokes, [Stroke::Ignored, Stroke::Changed]);
    }
}
