//! One call of a verb: what its words mean.

use std::path::{Path, PathBuf};

use super::{
    options::COMMON,
    table::{self, Verb},
};
use crate::{
    config::{
        stestr::{Options, Runner},
        user::{Error, User},
    },
    memory::{Repository, RepositoryError, Tool},
    traditional::arguments::{Given, Misuse, Takes, scan},
};

/// A verb with what it was given.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) verb: &'static Verb,
    pub(super) given: Given,
}

/// What is wrong with a call.
#[derive(Debug)]
pub(super) enum Wrong {
    /// Nothing, help is asked for.
    Overview,
    /// The same, about a verb.
    Help(&'static Verb),
    /// The version is asked for.
    Version,
    /// There is no such verb.
    Verb(String),
    /// An option or an argument: what about it.
    Option(Option<&'static Verb>, String),
}

impl Call {
    /// Takes all words.
    pub(super) fn new(words: &[String]) -> Result<Self, Wrong> {
        let start = start_of_verb(words);
        let verb_words: Vec<_> = words[start..].iter().map(String::as_str).collect();
        let Some((verb, length)) = table::find(&verb_words) else {
            return Err(Self::without_verb(&words[..start], &verb_words));
        };
        let wrong = |misuse| Wrong::Option(Some(verb), in_words(misuse));
        let options = [COMMON, verb.options].concat();
        let others = [&words[..start], &words[start + length..]].concat();
        let given = scan(&options, &others).map_err(wrong)?;
        if given.has("help") {
            return Err(Wrong::Help(verb));
        }
        if given.has("version") {
            return Err(Wrong::Version);
        }
        let (least, most) = verb.counts;
        if given.arguments.len() < least {
            let what = format!("the following arguments are required: {}", verb.arguments);
            return Err(Wrong::Option(Some(verb), what));
        }
        if let Some(more) = given.arguments.get(most..).filter(|more| !more.is_empty()) {
            return Err(Wrong::Option(Some(verb), unrecognized(&more.join(" "))));
        }
        Ok(Self { verb, given })
    }

    /// What is meant if the words name no verb.
    fn without_verb(before: &[String], words: &[&str]) -> Wrong {
        match (scan(COMMON, before), words.first()) {
            (Err(misuse), _) => Wrong::Option(None, in_words(misuse)),
            (Ok(given), _) if given.has("version") => Wrong::Version,
            (Ok(given), Some(_)) if !given.has("help") => Wrong::Verb(words.join(" ")),
            _ => Wrong::Overview,
        }
    }

    /// Whether an option was given.
    pub(super) fn has(&self, option: &str) -> bool {
        self.given.has(option)
    }

    fn option(&self, name: &str) -> Option<String> {
        self.given.text(name).map(str::to_owned)
    }

    /// What goes before the configuration.
    pub(super) fn options(&self) -> Options {
        Options {
            config: self.option("config"),
            test_path: self.option("test-path"),
            top_dir: self.option("top-dir"),
            group_regex: self.option("group-regex").or_else(|| self.option("group_regex")),
            parallel_class: self.has("parallel-class"),
        }
    }

    /// What the user has set.
    pub(super) fn user(&self) -> Result<User, Error> {
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        User::read(self.given.text("user-config").map(Path::new), &home)
    }

    /// Where the repository is.
    pub(super) fn folder(&self) -> PathBuf {
        let folder = self.option("repo-url").map(PathBuf::from);
        let folder = folder.or_else(|| std::env::current_dir().ok()).unwrap_or_default();
        folder.join(Tool::Stestr.folder())
    }

    /// The repository.
    pub(super) fn open(&self) -> Result<Repository, RepositoryError> {
        Repository::open(&self.folder(), Tool::Stestr)
    }

    /// A new repository.
    pub(super) fn init(&self) -> Result<Repository, RepositoryError> {
        Repository::init(&self.folder(), Tool::Stestr)
    }
}

/// The Python that runs tests unless the environment names one.
pub(super) fn python() -> Runner {
    Runner::new("python3")
}

/// Where the first word is that is no option and no value of one.
fn start_of_verb(words: &[String]) -> usize {
    let mut is_value = false;
    let takes_value = |word: &str| {
        let mut options = COMMON.iter().filter(|option| option.takes != Takes::Nothing);
        options.any(|option| {
            option.typed() == word
                || option.short.is_some_and(|letter| word == format!("-{letter}"))
        })
    };
    let start = words.iter().position(|word| {
        let starts = !word.starts_with('-') && !is_value;
        is_value = !is_value && takes_value(word);
        starts
    });
    start.unwrap_or(words.len())
}

fn unrecognized(words: &str) -> String {
    format!("unrecognized arguments: {words}")
}

/// What is wrong with an option, in the words of Python's argparse.
fn in_words(misuse: Misuse) -> String {
    let repr = |value: &str| crate::config::python::repr(value);
    match misuse {
        Misuse::Unknown(option) => unrecognized(&option),
        Misuse::Ambiguous(option, known) => {
            format!("ambiguous option: {option} could match {}", known.join(", "))
        }
        Misuse::NoValue(option) => format!("argument {option}: expected one argument"),
        Misuse::ValueTooMany(option, value) => {
            format!("argument {option}: ignored explicit argument {}", repr(&value))
        }
        Misuse::NotANumber(option, value) => {
            format!("argument {option}: invalid int value: {}", repr(&value))
        }
        Misuse::NoChoice(option, value, known) => {
            let known: Vec<_> = known.iter().map(|one| repr(one)).collect();
            let known = known.join(", ");
            format!("argument {option}: invalid choice: {} (choose from {known})", repr(&value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(line: &str) -> Result<(&'static str, Vec<String>), String> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        match Call::new(&words) {
            Ok(call) => Ok((call.verb.name, call.given.arguments)),
            Err(Wrong::Overview) => Err("overview".into()),
            Err(Wrong::Help(verb)) => Err(format!("help {}", verb.name)),
            Err(Wrong::Version) => Err("version".into()),
            Err(Wrong::Verb(name)) => Err(format!("no {name}")),
            Err(Wrong::Option(_, what)) => Err(what),
        }
    }

    #[test]
    fn common_options_may_be_before_and_after_the_verb() {
        for (line, verb, arguments) in [
            ("run a b", "run", &["a", "b"][..]),
            ("-q --test-path t run --serial a", "run", &["a"]),
            ("--test-path=t history list -c Passed", "history list", &[]),
            ("history show 3 -u run", "history show", &["3"]),
        ] {
            let arguments = arguments.iter().map(|one| (*one).to_owned()).collect();
            assert_eq!(called(line), Ok((verb, arguments)), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told_as_argparse_does() {
        for (line, expected) in [
            ("", "overview"),
            ("--help run", "help run"),
            ("--help", "overview"),
            ("last --help", "help last"),
            ("--version", "version"),
            ("nothing at all", "no nothing at all"),
            ("last foo", "unrecognized arguments: foo"),
            ("run --black-regex a", "unrecognized arguments: --black-regex"),
            ("run --concurrency many", "argument --concurrency: invalid int value: 'many'"),
            ("run --load-list", "argument --load-list: expected one argument"),
            ("run --serial=1", "argument --serial: ignored explicit argument '1'"),
            (
                "run --s",
                "ambiguous option: --s could match --serial, --subunit, --slowest, \
                         --suppress-attachments, --show-binary-attachments",
            ),
            ("history remove", "the following arguments are required: RUN|all"),
            (
                "history list -f x",
                "argument -f: invalid choice: 'x' (choose from 'csv', 'json', 'table', 'value', \
                 'yaml')",
            ),
        ] {
            assert_eq!(called(line), Err(expected.to_owned()), "{line}");
        }
    }
}
