//! The command lines of the traditional names: tables of options, and what was given of them. Options may
//! stand anywhere and be cut short while they mean one only, as in Python's two parsers.

mod given;
mod manual;
mod scan;

pub(super) use self::{
    given::Given,
    manual::manual,
    scan::{Misuse, scan},
};

/// What an option takes, under the name that the help has for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Takes {
    /// No value.
    Nothing,
    /// A value. The last one counts.
    Text(&'static str),
    /// A whole number. The last one counts.
    Number(&'static str),
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A value, as often as it is given.
    Several(&'static str),
}

/// An option.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Opt {
    /// Its name, without the dashes.
    pub(super) long: &'static str,
    /// Its letter, if it has one.
    pub(super) short: Option<char>,
    /// What it takes.
    pub(super) takes: Takes,
    /// What it is for; empty if the help does not show it.
    pub(super) help: &'static str,
}

/// An option without a value.
pub(super) const fn flag(long: &'static str, help: &'static str) -> Opt {
    Opt { long, short: None, takes: Takes::Nothing, help }
}

/// An option with a value.
pub(super) const fn text(long: &'static str, name: &'static str, help: &'static str) -> Opt {
    Opt { long, short: None, takes: Takes::Text(name), help }
}

impl Opt {
    /// The same option with a letter.
    pub(super) const fn short(self, letter: char) -> Self {
        Self { short: Some(letter), ..self }
    }

    /// The same option, which takes this.
    pub(super) const fn takes(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }

    /// Its name as it is typed.
    pub(super) fn typed(&self) -> String {
        format!("--{}", self.long)
    }
}
