//! As much of Scheme as a file of logpro needs to be read: lists, words, strings and patterns.

use std::{iter::Peekable, str::CharIndices};

/// What is between two brackets, or a word.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Form {
    List(Vec<Self>),
    /// A word or a number.
    Symbol(String),
    Text(String),
    /// `#/.../`, with its flags in front as `(?i)`.
    Pattern(String),
}

impl Form {
    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn as_pattern(&self) -> Option<&str> {
        if let Self::Pattern(pattern) = self { Some(pattern) } else { None }
    }
}

/// All forms of a text, with the line in which each begins. What is never closed ends with the text.
pub(super) fn read(text: &str) -> Vec<(usize, Form)> {
    let mut reader = Reader { text, rest: text.char_indices().peekable() };
    let (mut forms, mut open) = (Vec::new(), Vec::<(usize, Vec<Form>)>::new());
    while let Some(token) = reader.token() {
        let (line, form) = match token {
            (line, Token::Open) => {
                open.push((line, Vec::new()));
                continue;
            }
            (line, Token::Close) => match open.pop() {
                Some((line, items)) => (line, Form::List(items)),
                None => (line, Form::Symbol(")".to_owned())),
            },
            (line, Token::Form(form)) => (line, form),
        };
        match open.last_mut() {
            Some((_, items)) => items.push(form),
            None => forms.push((line, form)),
        }
    }
    forms.extend(open.into_iter().map(|(line, items)| (line, Form::List(items))));
    forms
}

enum Token {
    Open,
    Close,
    Form(Form),
}

struct Reader<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
}

impl Reader<'_> {
    /// The next token, and its line.
    fn token(&mut self) -> Option<(usize, Token)> {
        loop {
            let (at, character) = self.rest.next()?;
            let token = match character {
                _ if character.is_whitespace() || character == '\'' => continue,
                ';' => {
                    self.until(|_, next| next == '\n');
                    continue;
                }
                '#' if self.next_is('|') => {
                    self.until(|last, next| (last, next) == ('|', '#'));
                    continue;
                }
                '(' | '[' => Token::Open,
                ')' | ']' => Token::Close,
                '"' => Token::Form(Form::Text(self.string())),
                '#' if self.next_is('/') => Token::Form(Form::Pattern(self.pattern())),
                _ => Token::Form(Form::Symbol(self.word(character))),
            };
            let before = self.text.get(..at).unwrap_or_default();
            return Some((1 + before.matches('\n').count(), token));
        }
    }

    fn next_is(&mut self, wanted: char) -> bool {
        self.rest.next_if(|(_, next)| *next == wanted).is_some()
    }

    /// Skips up to the character at which this holds, for it and the one before.
    fn until(&mut self, holds: impl Fn(char, char) -> bool) {
        let mut last = ' ';
        for (_, next) in self.rest.by_ref() {
            if holds(last, next) {
                return;
            }
            last = next;
        }
    }

    fn string(&mut self) -> String {
        let mut text = String::new();
        while let Some((_, character)) = self.rest.next() {
            match character {
                '"' => break,
                '\\' => match self.rest.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, escaped)) => text.push(escaped),
                    None => break,
                },
                _ => text.push(character),
            }
        }
        text
    }

    /// Up to the next slash that is not escaped; an escaped slash is a slash.
    fn pattern(&mut self) -> String {
        let mut pattern = String::new();
        while let Some((_, character)) = self.rest.next() {
            match character {
                '/' => break,
                '\\' => match self.rest.next() {
                    Some((_, '/')) => pattern.push('/'),
                    Some((_, escaped)) => pattern.extend(['\\', escaped]),
                    None => break,
                },
                _ => pattern.push(character),
            }
        }
        let mut flags = String::new();
        while let Some((_, flag)) = self.rest.next_if(|(_, next)| matches!(next, 'i' | 'x' | 's')) {
            flags.push(flag);
        }
        if flags.is_empty() { pattern } else { format!("(?{flags}){pattern}") }
    }

    fn word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        let goes_on = |next: char| !next.is_whitespace() && !"()[]\";".contains(next);
        while let Some((_, next)) = self.rest.next_if(|(_, next)| goes_on(*next)) {
            word.push(next);
        }
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_have_their_lines() {
        let forms = read("; x\n(a \"b\\\"c\" #/d\\/e\\s/i)\n#| (no) |#\n'(1)");
        let list = Form::List(vec![
            Form::Symbol("a".into()),
            Form::Text("b\"c".into()),
            Form::Pattern("(?i)d/e\\s".into()),
        ]);
        assert_eq!(forms, [(2, list), (4, Form::List(vec![Form::Symbol("1".into())]))]);
    }

    #[test]
    fn what_is_never_closed_ends_with_the_text() {
        assert_eq!(read("(a (b").len(), 2);
        assert_eq!(read(")"), [(1, Form::Symbol(")".into()))]);
    }
}
