//! From Python's syntax to that of `fancy_regex`. Mistakes are told as Python tells them.

use super::literal::literal;

/// Translates a regex.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut translator = Translator {
        pattern: pattern.chars().collect(),
        at: 0,
        out: String::with_capacity(pattern.len() + 16),
        scope: Scope::default(),
        open: Vec::new(),
        groups: Vec::new(),
        last: Repeatable::Nothing,
        flags_end: 0,
    };
    translator.all()?;
    Ok(translator.out)
}

/// Flags that are translated away, as they are in force here.
#[derive(Clone, Copy, Default)]
pub(super) struct Scope {
    pub(super) verbose: bool,
    pub(super) ascii: bool,
}

/// What a quantifier would repeat.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Repeatable {
    Nothing,
    Item,
    Repeated,
}

pub(super) struct Translator {
    pattern: Box<[char]>,
    pub(super) at: usize,
    pub(super) out: String,
    pub(super) scope: Scope,
    /// Where groups began that are open, and the flags before them.
    pub(super) open: Vec<(usize, Scope)>,
    /// The names of the groups so far that have a number.
    pub(super) groups: Vec<Option<String>>,
    pub(super) last: Repeatable,
    /// Where the flags for all that follows end in the translation.
    pub(super) flags_end: usize,
}

impl Translator {
    pub(super) fn peek(&self) -> Option<char> {
        self.pattern.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }

    pub(super) fn accept(&mut self, character: char) -> bool {
        let found = self.peek() == Some(character);
        self.at += usize::from(found);
        found
    }

    pub(super) fn text(&self, from: usize, to: usize) -> String {
        self.pattern[from..to].iter().collect()
    }

    /// The characters from here on that are like this.
    pub(super) fn run(&mut self, most: usize, like: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.at - start < most && self.peek().is_some_and(&like) {
            self.at += 1;
        }
        self.text(start, self.at)
    }

    /// What is wrong, and where.
    pub(super) fn error(&self, what: &str, at: usize) -> String {
        let before = &self.pattern[..at];
        if !self.pattern.contains(&'\n') {
            return format!("{what} at position {at}");
        }
        let line = before.iter().filter(|character| **character == '\n').count() + 1;
        let start = before.iter().rposition(|character| *character == '\n').map_or(0, |at| at + 1);
        format!("{what} at position {at} (line {line}, column {})", at - start + 1)
    }

    fn all(&mut self) -> Result<(), String> {
        loop {
            let at = self.at;
            let Some(character) = self.next() else { break };
            if self.scope.verbose && self.skipped(character) {
                continue;
            }
            self.item(character, at)?;
        }
        match self.open.pop() {
            Some((start, _)) => Err(self.error("missing ), unterminated subpattern", start)),
            None => Ok(()),
        }
    }

    /// Blanks and comments, which mean nothing after `(?x)`.
    fn skipped(&mut self, character: char) -> bool {
        if character == '#' {
            while self.next().is_some_and(|character| character != '\n') {}
            return true;
        }
        matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
    }

    fn item(&mut self, character: char, at: usize) -> Result<(), String> {
        match character {
            '\\' => return self.escape(at),
            '[' => self.class(at)?,
            '(' => return self.group(at),
            ')' => {
                let Some((_, before)) = self.open.pop() else {
                    return Err(self.error("unbalanced parenthesis", at));
                };
                self.scope = before;
                self.out.push(')');
            }
            '*' | '+' | '?' => {
                self.out.push(character);
                return self.repeat(at);
            }
            '{' => return self.counted(at),
            '|' | '^' | '$' => {
                self.out.push(character);
                self.last = Repeatable::Nothing;
                return Ok(());
            }
            '.' => self.out.push('.'),
            _ => self.out.push_str(&literal(character)),
        }
        self.last = Repeatable::Item;
        Ok(())
    }

    /// The rest of a quantifier that begins at `at`.
    fn repeat(&mut self, at: usize) -> Result<(), String> {
        match self.last {
            Repeatable::Nothing => return Err(self.error("nothing to repeat", at)),
            Repeatable::Repeated => return Err(self.error("multiple repeat", at)),
            Repeatable::Item => self.last = Repeatable::Repeated,
        }
        if self.accept('?') {
            self.out.push('?');
        } else if self.accept('+') {
            self.out.push('+');
        }
        Ok(())
    }

    /// `{m,n}`; any other brace stands for itself.
    fn counted(&mut self, at: usize) -> Result<(), String> {
        let here = self.at;
        let low = self.run(usize::MAX, |character| character.is_ascii_digit());
        let comma = self.accept(',');
        let high = self.run(usize::MAX, |character| character.is_ascii_digit());
        if (low.is_empty() && !comma) || !self.accept('}') {
            self.at = here;
            self.out.push_str(&literal('{'));
            self.last = Repeatable::Item;
            return Ok(());
        }
        let low = if low.is_empty() { "0" } else { &low };
        let number = |digits: &str| digits.parse::<u32>().unwrap_or(u32::MAX);
        if !high.is_empty() && number(&high) < number(low) {
            return Err(self.error("min repeat greater than max repeat", here));
        }
        let comma = if comma { "," } else { "" };
        self.out.push_str(&format!("{{{low}{comma}{high}}}"));
        self.repeat(at)
    }

    fn escape(&mut self, at: usize) -> Result<(), String> {
        let Some(escape) = self.next() else {
            return Err(self.error("bad escape (end of pattern)", at));
        };
        let assertion = match escape {
            'A' => "\\A",
            'Z' => "\\z",
            'b' => "\\b",
            'B' => "\\B",
            _ => "",
        };
        if !assertion.is_empty() {
            self.out.push_str(assertion);
            self.last = Repeatable::Nothing;
            return Ok(());
        }
        self.last = Repeatable::Item;
        if let Some(class) = self.named_class(escape) {
            self.out.push_str(class);
        } else if escape.is_ascii_digit() {
            return self.numbered(escape, at);
        } else {
            let character = match escaped(escape) {
                Some(character) => character,
                None => self.coded(escape, at)?,
            };
            self.out.push_str(&literal(character));
        }
        Ok(())
    }

    /// `\d` and the like.
    pub(super) fn named_class(&self, escape: char) -> Option<&'static str> {
        Some(match (escape, self.scope.ascii) {
            ('d', false) => r"\d",
            ('D', false) => r"\D",
            ('s', false) => r"\s",
            ('S', false) => r"\S",
            ('w', false) => r"\w",
            ('W', false) => r"\W",
            ('d', true) => "[0-9]",
            ('D', true) => "[^0-9]",
            ('s', true) => r"[\x20\t\n\r\x0C\x0B]",
            ('S', true) => r"[^\x20\t\n\r\x0C\x0B]",
            ('w', true) => "[0-9A-Za-z_]",
            ('W', true) => "[^0-9A-Za-z_]",
            _ => return None,
        })
    }

    /// A group that was matched before, or a character by its octal number.
    fn numbered(&mut self, first: char, at: usize) -> Result<(), String> {
        let octal = |character: Option<&char>| character.is_some_and(|c| ('0'..='7').contains(c));
        let three = ('1'..='7').contains(&first)
            && octal(self.pattern.get(self.at))
            && octal(self.pattern.get(self.at + 1));
        if first == '0' || three {
            let character = self.octal(first, at)?;
            self.out.push_str(&literal(character));
            return Ok(());
        }
        let second = self.run(1, |character| character.is_ascii_digit());
        let digits = format!("{first}{second}");
        if digits.parse().map_or(true, |number: usize| number > self.groups.len()) {
            return Err(self.error(&format!("invalid group reference {digits}"), at + 1));
        }
        self.out.push_str(&format!("(?:\\{digits})"));
        Ok(())
    }

    /// A character by up to three octal digits.
    pub(super) fn octal(&mut self, first: char, at: usize) -> Result<char, String> {
        let more = self.run(2, |character| ('0'..='7').contains(&character));
        let digits = format!("{first}{more}");
        match u8::from_str_radix(&digits, 8) {
            Ok(code) => Ok(char::from(code)),
            Err(_) => {
                let what = format!("octal escape value \\{digits} outside of range 0-0o377");
                Err(self.error(&what, at))
            }
        }
    }

    /// A character by its number in hexadecimal; all other letters mean nothing.
    pub(super) fn coded(&mut self, escape: char, at: usize) -> Result<char, String> {
        let length = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return Err(self.error(&format!("bad escape \\{escape}"), at)),
        };
        let digits = self.run(length, |character| character.is_ascii_hexdigit());
        if digits.len() < length {
            return Err(self.error(&format!("incomplete escape \\{escape}{digits}"), at));
        }
        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
        code.ok_or_else(|| self.error(&format!("bad escape \\{escape}{digits}"), at))
    }
}

/// The character that an escape stands for, if that needs no more characters.
pub(super) fn escaped(escape: char) -> Option<char> {
    Some(match escape {
        'a' => '\u{7}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        _ if escape.is_ascii_alphanumeric() => return None,
        _ => escape,
    })
}
