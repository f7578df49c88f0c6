//! What words mean: a verb, and what it is given.

use std::path::{Path, PathBuf};

use super::{
    call::TestrCall,
    options::COMMON,
    table::{Expects, TestrVerb, VERBS},
};
use crate::{
    config::python::repr,
    traditional::arguments::{Instead, Misuse, scan},
};

/// Takes the words after the name of the program. Those after the first `--` are not looked into.
pub(super) fn parse(
    words: &[String],
) -> Result<(&'static TestrVerb, TestrCall), Instead<&'static TestrVerb>> {
    let (name, words) = split_verb(words).ok_or(Instead::Overview)?;
    let verb = VERBS.iter().find(|verb| verb.name == name);
    let verb = verb.ok_or(Instead::NoVerb(name))?;
    Ok((verb, call_of(verb, &words)?))
}

/// The first word that is no option and no value of `-d`, and the other words.
fn split_verb(words: &[String]) -> Option<(String, Vec<String>)> {
    let mut is_value = false;
    let at = words.iter().position(|word| {
        let is_verb = !word.starts_with('-') && !is_value;
        is_value = word == "-d" || word == "--here";
        is_verb
    });
    let at = at?;
    let others = words.iter().enumerate().filter(|(index, _)| *index != at);
    Some((words[at].clone(), others.map(|(_, word)| word.clone()).collect()))
}

fn call_of(
    verb: &'static TestrVerb,
    words: &[String],
) -> Result<TestrCall, Instead<&'static TestrVerb>> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let (words, rest) = words.split_at(end);
    if words.iter().any(|word| matches!(word.as_str(), "-h" | "--help" | "-?")) {
        return Err(Instead::Help(verb));
    }
    let table = [verb.options, COMMON].concat();
    let given =
        scan(&table, words).map_err(|misuse| Instead::Misuse(Some(verb), in_words(misuse)))?;
    let folder = given.text("here").map(PathBuf::from);
    let here = folder.or_else(|| std::env::current_dir().ok()).unwrap_or_else(|| ".".into());
    let mut unexpected = unexpected(verb.expects, &given.arguments);
    if verb.expects != Expects::FiltersAndArguments {
        unexpected.extend_from_slice(rest);
    }
    if !unexpected.is_empty() {
        return Err(Instead::Unexpected(unexpected));
    }
    let arguments = rest.iter().skip(1).cloned().collect();
    Ok(TestrCall { given, arguments, here: expanded(here) })
}

/// Arguments that a verb does not take.
fn unexpected(expects: Expects, words: &[String]) -> Vec<String> {
    match expects {
        Expects::FiltersAndArguments => Vec::new(),
        Expects::Nothing => words.to_vec(),
        Expects::Verb => {
            let known = |word: &String| VERBS.iter().any(|verb| verb.name == *word);
            words.iter().skip(usize::from(words.first().is_some_and(known))).cloned().collect()
        }
        Expects::Files => {
            words.iter().skip_while(|word| Path::new(word).exists()).cloned().collect()
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
fn in_words(misuse: Misuse) -> String {
    match misuse {
        Misuse::Unknown(option) => format!("no such option: {option}"),
        Misuse::Ambiguous(option, known) => {
            format!("ambiguous option: {option} ({}?)", known.join(", "))
        }
        Misuse::NoValue(option) => format!("{option} option requires 1 argument"),
        Misuse::ValueTooMany(option, _) => format!("{option} option does not take a value"),
        Misuse::NotANumber(option, value) => {
            let value = repr(&value);
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
            ("last -q", "last", "-q"),
            ("-q last x", "last", "-q x"),
            ("-d sub last", "last", "-d sub"),
            ("--here sub last", "last", "--here sub"),
            ("--here=sub last", "last", "--here=sub"),
        ] {
            let expected = Some((verb.to_owned(), words(rest)));
            assert_eq!(split_verb(&words(line)), expected, "{line}");
        }
        assert_eq!(split_verb(&words("-q")), None);
    }

    fn called(line: &str) -> Result<(Vec<String>, Vec<String>), String> {
        match parse(&words(line)) {
            Ok((_, call)) => Ok((call.given.arguments, call.arguments)),
            Err(Instead::Help(_)) => Err("help".into()),
            Err(Instead::Overview) => Err("overview".into()),
            Err(Instead::Misuse(_, what)) => Err(what),
            Err(Instead::Unexpected(words)) => Err(words.join(",")),
            Err(Instead::NoVerb(name)) => Err(format!("no {name}")),
            Err(Instead::Version) => Err("version".into()),
        }
    }

    #[test]
    fn what_follows_the_dashes_is_for_the_command() {
        let expected = (words("two"), words("--extra -- x"));
        assert_eq!(called("run two --failing -- --extra -- x"), Ok(expected));
        assert_eq!(called("run -- -h"), Ok((words(""), words("-h"))));
        assert_eq!(called("last -- x"), Err("--,x".into()));
    }

    #[test]
    fn what_is_not_taken_is_an_error() {
        for (line, expected) in [
            ("", "overview"),
            ("nothing", "no nothing"),
            ("last foo bar", "foo,bar"),
            ("help nothing", "nothing"),
            ("help run last", "last"),
            ("load no-such-file x", "no-such-file,x"),
            ("last --nothing", "no such option: --nothing"),
            ("run --concurrency=x", "option --concurrency: invalid integer value: 'x'"),
            ("run --concurrency", "--concurrency option requires 1 argument"),
            ("run --failing=1", "--failing option does not take a value"),
            ("run --f", "ambiguous option: --f (--failing, --force-init, --full-results?)"),
            ("run x -?", "help"),
        ] {
            assert_eq!(called(line), Err(expected.to_owned()), "{line}");
        }
    }
}
