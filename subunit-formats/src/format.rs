//! What is known of a format: one row of the table in `lib.rs`, which stands beside the format's reader.
//!
//! All else comes from the row: `--from`, the verb `from-NAME` with its help, which lines tell the format, when its
//! results get the times of their arrival, its fuzz target, and the lists of the tests.

use crate::reader::FormatReader;

/// A format, as a row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The word for the format, in `--from` and in the names of commands.
    pub name: &'static str,
    /// What it is, after the words "make a stream of".
    pub title: &'static str,
    /// What else the long help says.
    pub details: &'static str,
    /// Two commands for the end of the help, which the tests run; none where the verb is not made of the row.
    pub examples: &'static [&'static str],
    /// Makes a reader; `None` for version 2 of subunit, which the core's decoder reads.
    pub reader: Option<fn() -> Box<dyn FormatReader>>,
    /// Whether it is what a runner prints for people: then only the runner's exit status tells all that went wrong.
    pub is_console: bool,
    /// When runners write it.
    pub told: Told,
    /// What it is made of.
    pub shape: Shape,
    /// The name of a format that it has lines in common with.
    pub akin: &'static str,
    /// What lines tell it by.
    pub signs: Signs,
}

/// When runners write a format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Told {
    /// While they run: what arrives now happens now.
    Live,
    /// While they run; its times only say how long things took.
    LiveDurations,
    /// When all is over.
    Afterwards,
}

/// What a format is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// Lines; one that is none of the format's is text.
    Lines,
    /// A document, in which blanks and what no reader knows mean nothing.
    Document,
}

/// What lines tell a format by. A line end is no part of them.
#[derive(Clone, Copy, Debug)]
pub struct Signs {
    /// What the roots of its XML begin with.
    pub roots: &'static [&'static str],
    /// What its JSON begins with: patterns without blanks, in which `#` stands for digits and `$` for a string.
    pub json: &'static [&'static str],
    /// What the first line of a run begins with. It tells the format in the midst of other output, too, where a test
    /// may print anything that looks like a result.
    pub first: &'static [&'static str],
    /// What else a line may begin with that tells the format.
    pub begins: &'static [&'static str],
    /// What may stand anywhere in a line that tells the format.
    pub anywhere: &'static [&'static str],
    /// What stands in the midst of a line that may tell the format once it is whole.
    pub midst: &'static [&'static str],
    /// Whether a whole line tells the format; where there is no function, one tells that begins as a [first](Self::first).
    pub line: Option<fn(&[u8]) -> bool>,
    /// What the first lines of a run tell together, where none of them tells alone. Line ends stand between them.
    pub opens: Option<fn(&[u8]) -> Preamble>,
}

/// What the first lines of a run tell together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Preamble {
    /// The format begins with the first of them.
    Is,
    /// The next line will tell.
    Maybe,
    /// Nothing.
    None,
}

impl Row {
    /// A row of lines that are told as things happen; the name and the words are missing.
    pub(crate) const fn new(reader: fn() -> Box<dyn FormatReader>) -> Self {
        Self { reader: Some(reader), ..Self::PACKETS }
    }

    /// A row of what a runner prints for people; the name and the words are missing.
    pub(crate) const fn console(reader: fn() -> Box<dyn FormatReader>) -> Self {
        Self { is_console: true, told: Told::LiveDurations, ..Self::new(reader) }
    }

    /// A row of documents; the name and the words are missing.
    pub(crate) const fn document(reader: fn() -> Box<dyn FormatReader>) -> Self {
        Self { told: Told::Afterwards, shape: Shape::Document, ..Self::new(reader) }
    }

    /// Version 2 of subunit, whose packets are found wherever they stand.
    pub(crate) const PACKETS: Self = Self {
        name: "subunit",
        title: "",
        details: "",
        examples: &[],
        reader: None,
        is_console: false,
        told: Told::Live,
        shape: Shape::Lines,
        akin: "",
        signs: Signs::NONE,
    };
}

impl Signs {
    /// Nothing tells the format.
    pub const NONE: Self = Self {
        roots: &[],
        json: &[],
        first: &[],
        begins: &[],
        anywhere: &[],
        midst: &[],
        line: None,
        opens: None,
    };

    /// Whether a whole line tells the format where it is looked for.
    pub(crate) fn tell(&self, line: &[u8]) -> bool {
        self.line.map_or_else(|| self.is_first(line), |tells| tells(line))
    }

    /// Whether a whole line begins a run, so that it tells in the midst of other output.
    pub(crate) fn is_first(&self, line: &[u8]) -> bool {
        self.first.iter().any(|word| line.starts_with(word.as_bytes()))
            && self.line.is_none_or(|tells| tells(line))
    }

    /// Whether a line that begins with `start` may tell the format once it is whole.
    pub(crate) fn may_tell(&self, start: &[u8]) -> bool {
        let begins =
            |word: &&str| start.starts_with(word.as_bytes()) || word.as_bytes().starts_with(start);
        let is_there = |word: &&str| {
            let word = word.as_bytes();
            memchr::memmem::find(start, word).is_some()
                || (1..word.len()).any(|length| start.ends_with(&word[..length]))
        };
        self.first.iter().any(begins)
            || self.begins.iter().any(begins)
            || self.anywhere.iter().any(is_there)
            || self.midst.iter().any(|word| memchr::memmem::find(start, word.as_bytes()).is_some())
    }
}

/// Makes the key of each row, and what it gives.
macro_rules! formats {
    ($($(#[$doc:meta])* $format:ident: $row:expr,)*) => {
        /// The formats that can be read.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Format {
            $($(#[$doc])* $format,)*
        }

        impl Format {
            /// All formats, in the order of the help.
            pub const ALL: [Self; [$(stringify!($format)),*].len()] = [$(Self::$format),*];

            /// The name of the verb that reads the format.
            pub const fn verb(self) -> &'static str {
                match self {
                    $(Self::$format => const {
                        const NAME: [u8; "from-".len() + $row.name.len()] =
                            $crate::format::verb($row.name);
                        match std::str::from_utf8(&NAME) {
                            Ok(name) => name,
                            Err(_) => "",
                        }
                    },)*
                }
            }

            /// What is known of the format.
            pub const fn row(self) -> &'static $crate::format::Row {
                match self {
                    $(Self::$format => const { &$row },)*
                }
            }
        }
    };
}
pub(crate) use formats;

/// The name of the verb of a format of this name.
pub(crate) const fn verb<const LENGTH: usize>(name: &str) -> [u8; LENGTH] {
    let (mut verb, mut at) = ([0; LENGTH], 0);
    while at < LENGTH {
        verb[at] = match at.checked_sub("from-".len()) {
            Some(at) => name.as_bytes()[at],
            None => b"from-"[at],
        };
        at += 1;
    }
    verb
}

/// A word that names no format.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a format: see --help for those there are")]
pub struct UnknownFormat;
