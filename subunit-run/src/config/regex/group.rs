//! Groups: all that begins with `(`.

use super::translate::{Repeatable, Scope, Translator};

/// Flags as they are given.
#[derive(Default)]
struct Flags {
    on: String,
    off: String,
}

impl Translator {
    /// Translates the beginning of a group, from after its `(`.
    pub(super) fn group(&mut self, start: usize) -> Result<(), String> {
        if !self.accept('?') {
            return self.numbered_group(start, None);
        }
        let Some(kind) = self.next() else {
            return Err(self.error("unexpected end of pattern", self.at));
        };
        match kind {
            'P' => self.python_group(start),
            ':' | '=' | '!' | '>' => self.begin(start, &format!("(?{kind}")),
            '<' => match self.next() {
                Some(kind @ ('=' | '!')) => self.begin(start, &format!("(?<{kind}")),
                Some(_) => Err(self.unknown(start + 1)),
                None => Err(self.error("unexpected end of pattern", self.at)),
            },
            '#' => loop {
                match self.next() {
                    Some(')') => break Ok(()),
                    Some(_) => {}
                    None => break Err(self.error("missing ), unterminated comment", start)),
                }
            },
            '(' => self.conditional(start),
            '-' | 'a' | 'i' | 'L' | 'm' | 's' | 'u' | 'x' => self.flags(start, kind),
            _ => Err(self.unknown(start + 1)),
        }
    }

    fn unknown(&self, from: usize) -> String {
        self.error(&format!("unknown extension {}", self.text(from, self.at)), from)
    }

    fn begin(&mut self, start: usize, text: &str) -> Result<(), String> {
        self.open.push((start, self.scope));
        self.out.push_str(text);
        self.last = Repeatable::Nothing;
        Ok(())
    }

    /// A group that has a number. Its name is left out: all references become numbers.
    fn numbered_group(&mut self, start: usize, name: Option<String>) -> Result<(), String> {
        self.groups.push(name);
        self.begin(start, "(")
    }

    /// `(?P<name>..)` and `(?P=name)`.
    fn python_group(&mut self, start: usize) -> Result<(), String> {
        match self.next() {
            Some('<') => {
                let (at, name) = (self.at, self.name('>')?);
                if let Some(before) = self.number(&name) {
                    let number = self.groups.len() + 1;
                    let what = format!(
                        "redefinition of group name '{name}' as group {number}; was group {before}"
                    );
                    return Err(self.error(&what, at));
                }
                self.numbered_group(start, Some(name))
            }
            Some('=') => {
                let (at, name) = (self.at, self.name(')')?);
                let Some(number) = self.number(&name) else {
                    return Err(self.error(&format!("unknown group name '{name}'"), at));
                };
                self.out.push_str(&format!("(?:\\{number})"));
                self.last = Repeatable::Item;
                Ok(())
            }
            Some(_) => Err(self.unknown(start + 1)),
            None => Err(self.error("unexpected end of pattern", self.at)),
        }
    }

    /// `(?(1)yes|no)` and `(?(name)yes|no)`.
    fn conditional(&mut self, start: usize) -> Result<(), String> {
        let at = self.at;
        let name = self.run(usize::MAX, |character| character != ')');
        if !self.accept(')') {
            return Err(self.error("missing ), unterminated name", at));
        }
        if name.is_empty() {
            return Err(self.error("missing group name", at));
        }
        let number = name.parse().ok().filter(|number| (1..=self.groups.len()).contains(number));
        if number.is_none() && name.chars().all(|character| character.is_ascii_digit()) {
            return Err(self.error(&format!("invalid group reference {name}"), at));
        }
        let Some(number) = number.or_else(|| self.number(&name)) else {
            return Err(self.error(&format!("unknown group name '{name}'"), at));
        };
        self.begin(start, &format!("(?({number})"))
    }

    /// A name, up to the character that ends it.
    fn name(&mut self, end: char) -> Result<String, String> {
        let at = self.at;
        let name = self.run(usize::MAX, |character| character != end);
        if name.is_empty() {
            return Err(self.error("missing group name", at));
        }
        if !self.accept(end) {
            return Err(self.error(&format!("missing {end}, unterminated name"), at));
        }
        let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if !begins || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Err(self.error(&format!("bad character in group name '{name}'"), at));
        }
        Ok(name)
    }

    fn number(&self, name: &str) -> Option<usize> {
        let at = self.groups.iter().position(|group| group.as_deref() == Some(name))?;
        Some(at + 1)
    }

    /// `(?i)` at the start of all, and `(?i:..)`.
    fn flags(&mut self, start: usize, first: char) -> Result<(), String> {
        let (flags, global) = self.read_flags(first)?;
        if global && self.out.len() > self.flags_end {
            return Err(self.error("global flags not at the start of the expression", start));
        }
        let before = self.scope;
        self.scope = Scope {
            verbose: (before.verbose || flags.on.contains('x')) && !flags.off.contains('x'),
            ascii: (before.ascii || flags.on.contains('a')) && !flags.on.contains('u'),
        };
        let kept = |flags: &str| flags.chars().filter(|c| "ims".contains(*c)).collect::<String>();
        let mut text = kept(&flags.on);
        let off = kept(&flags.off);
        if !off.is_empty() {
            text = format!("{text}-{off}");
        }
        if !global {
            self.open.push((start, before));
            self.out.push_str(&format!("(?{text}:"));
            self.last = Repeatable::Nothing;
        } else if !text.is_empty() {
            self.out.push_str(&format!("(?{text})"));
            self.flags_end = self.out.len();
        }
        Ok(())
    }

    /// The flags, and whether they are for all that follows.
    fn read_flags(&mut self, first: char) -> Result<(Flags, bool), String> {
        let mut flags = Flags::default();
        let mut character = first;
        while character != '-' {
            if character == 'L' {
                let what = "bad inline flags: cannot use 'L' flag with a str pattern";
                return Err(self.error(what, self.at));
            }
            flags.on.push(character);
            character = match self.next() {
                Some(')') => return Ok((flags, true)),
                Some(':') => return Ok((flags, false)),
                Some(character @ ('-' | 'a' | 'i' | 'L' | 'm' | 's' | 'u' | 'x')) => character,
                Some(other) if other.is_alphabetic() => {
                    return Err(self.error("unknown flag", self.at - 1));
                }
                Some(_) => return Err(self.error("missing -, : or )", self.at - 1)),
                None => return Err(self.error("missing -, : or )", self.at)),
            };
        }
        loop {
            match self.next() {
                Some(character @ ('i' | 'm' | 's' | 'x')) => flags.off.push(character),
                Some(':') if !flags.off.is_empty() => return Ok((flags, false)),
                Some(other) if other.is_alphabetic() => {
                    return Err(self.error("unknown flag", self.at - 1));
                }
                Some(_) if flags.off.is_empty() => {
                    return Err(self.error("missing flag", self.at - 1));
                }
                Some(_) => return Err(self.error("missing :", self.at - 1)),
                None if flags.off.is_empty() => return Err(self.error("missing flag", self.at)),
                None => return Err(self.error("missing :", self.at)),
            }
        }
    }
}
