//! Classes: `[a-z]`. In Python only `]`, `\`, `^` and `-` are special in them.

use super::{
    literal::literal,
    translate::{Translator, escaped},
};

/// A member of a class.
enum Member {
    One(char),
    Class(&'static str),
}

impl Translator {
    /// Translates a class, from after its `[`. `start` is where that stands.
    pub(super) fn class(&mut self, start: usize) -> Result<(), String> {
        self.out.push('[');
        if self.accept('^') {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let at = self.at;
            let Some(character) = self.next() else {
                return Err(self.error("unterminated character set", start));
            };
            if character == ']' && !first {
                break;
            }
            first = false;
            let low = self.member(character, at)?;
            if self.peek() != Some('-') {
                self.put(low);
                continue;
            }
            self.at += 1;
            let high_at = self.at;
            match self.next() {
                None => return Err(self.error("unterminated character set", start)),
                Some(']') => {
                    self.put(low);
                    self.put(Member::One('-'));
                    break;
                }
                Some(character) => {
                    let high = self.member(character, high_at)?;
                    self.range(at, low, high)?;
                }
            }
        }
        self.out.push(']');
        Ok(())
    }

    fn member(&mut self, character: char, at: usize) -> Result<Member, String> {
        if character != '\\' {
            return Ok(Member::One(character));
        }
        let Some(escape) = self.next() else {
            return Err(self.error("bad escape (end of pattern)", at));
        };
        if let Some(class) = self.named_class(escape) {
            return Ok(Member::Class(class));
        }
        let one = match escape {
            'b' => '\u{8}',
            '0'..='7' => self.octal(escape, at)?,
            _ => match escaped(escape) {
                Some(one) => one,
                None => self.coded(escape, at)?,
            },
        };
        Ok(Member::One(one))
    }

    fn range(&mut self, at: usize, low: Member, high: Member) -> Result<(), String> {
        match (low, high) {
            (Member::One(low), Member::One(high)) if low <= high => {
                self.out.push_str(&literal(low));
                self.out.push('-');
                self.out.push_str(&literal(high));
                Ok(())
            }
            _ => {
                let what = format!("bad character range {}", self.text(at, self.at));
                Err(self.error(&what, at))
            }
        }
    }

    fn put(&mut self, member: Member) {
        match member {
            Member::One(character) => self.out.push_str(&literal(character)),
            Member::Class(class) => self.out.push_str(class),
        }
    }
}
