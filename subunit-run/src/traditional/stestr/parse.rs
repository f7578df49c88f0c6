//! What words mean: a verb, and what it is given.

use super::{
    call::StestrCall,
    options::COMMON,
    table::{StestrVerb, find},
};
use crate::{
    config::python::repr,
    traditional::arguments::{Instead, Misuse, Takes, scan},
};

/// Takes the words after the name of the program.
pub(super) fn parse(
    words: &[String],
) -> Result<(&'static StestrVerb, StestrCall), Instead<&'static StestrVerb>> {
    let start = start_of_verb(words);
    let verb_words: Vec<_> = words[start..].iter().map(String::as_str).collect();
    let Some((verb, length)) = find(&verb_words) else {
        return Err(without_verb(&words[..start], &verb_words));
    };
    let misuse = |what| Instead::Misuse(Some(verb), what);
    let options = [COMMON, verb.options].concat();
    let others = [&words[..start], &words[start + length..]].concat();
    let given = scan(&options, &others).map_err(|wrong| misuse(in_words(wrong)))?;
    if given.has("help") {
        return Err(Instead::Help(verb));
    }
    if given.has("version") {
        return Err(Instead::Version);
    }
    let (least, most) = verb.counts;
    if given.arguments.len() < least {
        let what = format!("the following arguments are required: {}", verb.arguments);
        return Err(misuse(what));
    }
    if let Some(more) = given.arguments.get(most..).filter(|more| !more.is_empty()) {
        return Err(misuse(unrecognized(&more.join(" "))));
    }
    Ok((verb, StestrCall { given }))
}

/// What is meant if the words name no verb.
fn without_verb(before: &[String], words: &[&str]) -> Instead<&'static StestrVerb> {
    match (scan(COMMON, before), words.first()) {
        (Err(misuse), _) => Instead::Misuse(None, in_words(misuse)),
        (Ok(given), _) if given.has("version") => Instead::Version,
        (Ok(given), Some(_)) if !given.has("help") => Instead::NoVerb(words.join(" ")),
        _ => Instead::Overview,
    }
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
        match parse(&words) {
            Ok((verb, call)) => Ok((verb.name, call.given.arguments)),
            Err(Instead::Overview) => Err("overview".into()),
            Err(Instead::Help(verb)) => Err(format!("help {}", verb.name)),
            Err(Instead::Version) => Err("version".into()),
            Err(Instead::NoVerb(name)) => Err(format!("no {name}")),
            Err(Instead::Misuse(_, what)) => Err(what),
            Err(Instead::Unexpected(words)) => Err(words.join(",")),
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
