//! One call of a verb: what its words mean.

use std::path::{Path, PathBuf};

use super::{
    options::COMMON,
    table::{VERBS, Verb},
};
use crate::{
    memory::{Repository, RepositoryError, Tool},
    traditional::{
        arguments::{Given, Misuse, scan},
        failure::Failure,
    },
};

/// Which arguments a verb takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Expects {
    /// None.
    Nothing,
    /// The name of a verb, or none.
    Verb,
    /// Files that exist.
    Files,
    /// Filters, and after `--` arguments for the command.
    FiltersAndArguments,
}

/// A verb with what it was given.
#[derive(Debug)]
pub(super) struct Call<'v> {
    pub(super) verb: &'v Verb,
    pub(super) given: Given,
    /// The arguments after `--`.
    pub(super) arguments: Vec<String>,
    /// The folder of the repository and of the configuration.
    pub(super) here: PathBuf,
}

/// What is wrong with a call.
#[derive(Debug)]
pub(super) enum Wrong {
    /// Nothing, help is asked for.
    Help,
    /// An option: what about it.
    Option(String),
    /// These arguments are not taken.
    Arguments(Vec<String>),
}

/// The first word that is no option and no value of `-d`, and the other words.
pub(super) fn split_verb(words: &[String]) -> (String, Vec<String>) {
    let mut is_value = false;
    let at = words.iter().position(|word| {
        let is_verb = !word.starts_with('-') && !is_value;
        is_value = word == "-d" || word == "--here";
        is_verb
    });
    let Some(at) = at else { return ("help".into(), Vec::new()) };
    let others = words.iter().enumerate().filter(|(index, _)| *index != at);
    (words[at].clone(), others.map(|(_, word)| word.clone()).collect())
}

impl<'v> Call<'v> {
    /// Takes the words after the verb. Those after the first `--` are not looked into.
    pub(super) fn new(verb: &'v Verb, words: &[String]) -> Result<Self, Wrong> {
        let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
        let (words, rest) = words.split_at(end);
        if words.iter().any(|word| matches!(word.as_str(), "-h" | "--help" | "-?")) {
            return Err(Wrong::Help);
        }
        let table = [verb.options, COMMON].concat();
        let given = scan(&table, words).map_err(|misuse| Wrong::Option(misuse_in_words(misuse)))?;
        let folder = given.text("here").map(PathBuf::from);
        let here = folder.or_else(|| std::env::current_dir().ok()).unwrap_or_else(|| ".".into());
        let call = Self {
            verb,
            given,
            arguments: rest.iter().skip(1).cloned().collect(),
            here: expanded(here),
        };
        let unexpected = call.unexpected(rest);
        if unexpected.is_empty() { Ok(call) } else { Err(Wrong::Arguments(unexpected)) }
    }

    /// Arguments that the verb does not take. `rest` is `--` and what follows.
    fn unexpected(&self, rest: &[String]) -> Vec<String> {
        let words = &self.given.arguments;
        let wrong: Vec<_> = match self.verb.expects {
            Expects::FiltersAndArguments => return Vec::new(),
            Expects::Nothing => words.clone(),
            Expects::Verb => {
                let known = |word: &String| VERBS.iter().any(|verb| verb.name == *word);
                let known = words.first().is_some_and(known);
                words.iter().skip(usize::from(known)).cloned().collect()
            }
            Expects::Files => {
                words.iter().skip_while(|word| Path::new(word).exists()).cloned().collect()
            }
        };
        wrong.into_iter().chain(rest.iter().cloned()).collect()
    }

    /// Whether an option was given.
    pub(super) fn has(&self, option: &str) -> bool {
        self.given.has(option)
    }

    /// Where the repository is.
    pub(super) fn folder(&self) -> PathBuf {
        self.here.join(Tool::Testr.folder())
    }

    /// The repository.
    pub(super) fn open(&self) -> Result<Repository, Failure> {
        let opened = Repository::open(&self.folder(), Tool::Testr);
        opened.map_err(|error| self.in_words(error))
    }

    /// The repository; with `--force-init` a new one, if there is none.
    pub(super) fn open_or_init(&self) -> Result<Repository, Failure> {
        let opened = match Repository::open(&self.folder(), Tool::Testr) {
            Err(RepositoryError::Missing { .. }) if self.has("force-init") => {
                Repository::init(&self.folder(), Tool::Testr)
            }
            opened => opened,
        };
        opened.map_err(|error| self.in_words(error))
    }

    /// Of a repository in a format that is not known, testr names the project's folder and no more.
    fn in_words(&self, error: RepositoryError) -> Failure {
        match error {
            RepositoryError::Format { .. } => Failure::new(self.here.display()),
            other => other.into(),
        }
    }
}

/// A folder in which `~` is the home folder.
fn expanded(folder: PathBuf) -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    match (folder.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => folder,
    }
}

/// What is wrong with an option, in the words of Python's optparse.
fn misuse_in_words(misuse: Misuse) -> String {
    match misuse {
        Misuse::Unknown(option) => format!("no such option: {option}"),
        Misuse::Ambiguous(option, known) => {
            format!("ambiguous option: {option} ({}?)", known.join(", "))
        }
        Misuse::NoValue(option) => format!("{option} option requires 1 argument"),
        Misuse::ValueTooMany(option, _) => format!("{option} option does not take a value"),
        Misuse::NotANumber(option, value) => {
            let value = crate::config::python::repr(&value);
            format!("option {option}: invalid integer value: {value}")
        }
        Misuse::NoChoice(option, value, known) => {
            format!("option {option}: invalid choice: {value} (choose from {})", known.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_verb_is_the_first_word_that_is_no_option() {
        for (line, verb, rest) in [
            ("", "help", ""),
            ("-q", "help", ""),
            ("last -q", "last", "-q"),
            ("-q last x", "last", "-q x"),
            ("-d sub last", "last", "-d sub"),
            ("--here sub last", "last", "--here sub"),
            ("--here=sub last", "last", "--here=sub"),
        ] {
            let rest = if verb == "help" { Vec::new() } else { words(rest) };
            assert_eq!(split_verb(&words(line)), (verb.to_owned(), rest), "{line}");
        }
    }

    fn called(verb: &str, line: &str) -> Result<(Vec<String>, Vec<String>), String> {
        let verb = VERBS.iter().find(|known| known.name == verb).unwrap();
        match Call::new(verb, &words(line)) {
            Ok(call) => Ok((call.given.arguments, call.arguments)),
            Err(Wrong::Help) => Err("help".into()),
            Err(Wrong::Option(what)) => Err(what),
            Err(Wrong::Arguments(words)) => Err(words.join(",")),
        }
    }

    #[test]
    fn what_follows_the_dashes_is_for_the_command() {
        let expected = (words("two"), words("--extra -- x"));
        assert_eq!(called("run", "two --failing -- --extra -- x"), Ok(expected));
        assert_eq!(called("run", "-- -h"), Ok((words(""), words("-h"))));
        assert_eq!(called("last", "-- x"), Err("--,x".into()));
    }

    #[test]
    fn what_is_not_taken_is_an_error() {
        for (verb, line, expected) in [
            ("last", "foo bar", "foo,bar"),
            ("help", "nothing", "nothing"),
            ("help", "run last", "last"),
            ("load", "no-such-file x", "no-such-file,x"),
            ("last", "--nothing", "no such option: --nothing"),
            ("run", "--concurrency=x", "option --concurrency: invalid integer value: 'x'"),
            ("run", "--concurrency", "--concurrency option requires 1 argument"),
            ("run", "--failing=1", "--failing option does not take a value"),
            ("run", "--f", "ambiguous option: --f (--failing, --force-init, --full-results?)"),
            ("run", "x -?", "help"),
        ] {
            assert_eq!(called(verb, line), Err(expected.to_owned()), "{verb} {line}");
        }
    }
}
