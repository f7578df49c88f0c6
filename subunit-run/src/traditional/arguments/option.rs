//! An option.

/// What an option takes, under the name that the help has for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::traditional) enum Takes {
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
pub(in crate::traditional) struct Opt {
    /// Its name, without the dashes.
    pub(in crate::traditional) long: &'static str,
    /// Its letter, if it has one.
    pub(in crate::traditional) short: Option<char>,
    /// What it takes.
    pub(in crate::traditional) takes: Takes,
    /// What it is for; empty if the help does not show it.
    pub(in crate::traditional) help: &'static str,
}

/// An option without a value.
pub(in crate::traditional) const fn flag(long: &'static str, help: &'static str) -> Opt {
    Opt { long, short: None, takes: Takes::Nothing, help }
}

/// An option with a value.
pub(in crate::traditional) const fn text(
    long: &'static str,
    name: &'static str,
    help: &'static str,
) -> Opt {
    Opt { long, short: None, takes: Takes::Text(name), help }
}

impl Opt {
    /// The same option with a letter.
    pub(in crate::traditional) const fn short(self, letter: char) -> Self {
        Self { short: Some(letter), ..self }
    }

    /// The same option, which takes this.
    pub(in crate::traditional) const fn takes(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }

    /// Its name as it is typed.
    pub(in crate::traditional) fn typed(&self) -> String {
        format!("--{}", self.long)
    }
}
