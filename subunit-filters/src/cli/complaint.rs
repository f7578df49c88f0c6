//! What is wrong with a command line, in one line: the program, the thing, the way out.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::{command::Entry, unknown_verb::unknown_verb};

/// The line. `words` are those of the command line, the program's name first; `names` those of all verbs, also of
/// other programs.
pub(crate) fn complaint(
    error: &clap::Error,
    words: &[OsString],
    mut verbs: impl Iterator<Item = &'static Entry>,
    names: &[&str],
) -> String {
    let verb = words.get(1).and_then(|word| verbs.find(|verb| word == verb.name));
    let program =
        verb.map_or_else(|| "subunit".to_owned(), |verb| format!("subunit {}", verb.name));
    let (wrong, way_out) = match error.kind() {
        ErrorKind::InvalidSubcommand => match verb {
            None => unknown_verb(of(error, ContextKind::InvalidSubcommand), names),
            Some(_) => unknown_inner_verb(error),
        },
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            (no_verb(verb), None)
        }
        ErrorKind::UnknownArgument => unknown_argument(error, verb),
        ErrorKind::MissingRequiredArgument => (missing(error), None),
        ErrorKind::InvalidValue => no_such_value(error),
        ErrorKind::TooManyValues => {
            let (option, value) =
                (of(error, ContextKind::InvalidArg), of(error, ContextKind::InvalidValue));
            (format!("`{option}` takes no value, and was given `{value}`"), None)
        }
        _ => (in_words(&error.render().to_string()), None),
    };
    let way_out = way_out.unwrap_or_else(|| {
        let inner = verb.map(|verb| inner_verbs(verb, words)).unwrap_or_default();
        format!("see `{program}{inner} --help`")
    });
    format!("{program}: {wrong}; {way_out}")
}

/// The verbs of a verb that the words name, each after a blank: each has a help of its own.
fn inner_verbs(verb: &Entry, words: &[OsString]) -> String {
    let mut names = String::new();
    let definition = verb.definition();
    let mut outer = &definition;
    for word in words.iter().skip(2).take_while(|word| *word != "--") {
        if let Some(inner) = outer.find_subcommand(word) {
            names = format!("{names} {}", inner.get_name());
            outer = inner;
        }
    }
    names
}

/// There is no verb, or no verb of a verb.
fn no_verb(verb: Option<&Entry>) -> String {
    let Some(verb) = verb else {
        return "no verb given, and no stream on standard input".to_owned();
    };
    let definition = verb.definition();
    let inner: Vec<&str> = definition.get_subcommands().map(clap::Command::get_name).collect();
    format!("no verb given: {}", inner.join(", "))
}

/// What clap knows of the error by one word.
fn of(error: &clap::Error, kind: ContextKind) -> &str {
    match error.get(kind) {
        Some(ContextValue::String(word)) => word,
        Some(ContextValue::Strings(words)) => words.first().map_or("", String::as_str),
        _ => "",
    }
}

/// An option that there is not, or a word too many.
fn unknown_argument(error: &clap::Error, verb: Option<&Entry>) -> (String, Option<String>) {
    let argument = of(error, ContextKind::InvalidArg);
    if argument.starts_with('-') {
        if let Some(meant) = verb.and_then(|verb| guess_option(argument, verb)) {
            return (format!("there is no option `{argument}`"), Some(meant));
        }
        let similar = match of(error, ContextKind::SuggestedArg) {
            "" => None,
            similar => Some(format!("there is `{similar}`")),
        };
        return (format!("there is no option `{argument}`"), similar);
    }
    let takes_command = verb.is_some_and(|verb| {
        let definition = verb.definition();
        definition.get_positionals().any(clap::Arg::is_last_set)
    });
    let way_out = takes_command.then(|| "put a command after `--`".to_owned());
    (format!("unexpected argument `{argument}`"), way_out)
}

/// What has to be given and was not.
fn missing(error: &clap::Error) -> String {
    let arguments = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(arguments)) => arguments.as_slice(),
        _ => &[],
    };
    let named = arguments.iter().map(|argument| {
        let group = argument.strip_prefix("<-").and_then(|rest| rest.strip_suffix('>'));
        match group {
            Some(group) => format!("one of `-{}`", group.replace('|', "`, `")),
            None => format!("`{argument}`"),
        }
    });
    let named = named.collect::<Vec<_>>().join(" and ");
    format!("{named} {} missing", if arguments.len() > 1 { "are" } else { "is" })
}

/// A value that is none of those that an option takes, or is not there.
fn no_such_value(error: &clap::Error) -> (String, Option<String>) {
    let (option, value) =
        (of(error, ContextKind::InvalidArg), of(error, ContextKind::InvalidValue));
    let wrong = match value {
        "" => format!("`{option}` takes a value"),
        _ => format!("`{value}` is not a value of `{option}`"),
    };
    let wrong = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(valid)) if !valid.is_empty() => {
            format!("{wrong}: use one of {}", valid.join(", "))
        }
        _ => wrong,
    };
    let similar = match of(error, ContextKind::SuggestedValue) {
        "" => None,
        similar => Some(format!("there is `{similar}`")),
    };
    (wrong, similar)
}

/// What clap says over several lines, without its way out.
fn in_words(said: &str) -> String {
    let of_use = |part: &&str| !part.starts_with("Usage:") && !part.starts_with("For more");
    let parts = said.trim_end().split("\n\n").filter(of_use).map(|part| {
        let part = part.trim().trim_start_matches("error: ").trim_start_matches("tip: ");
        part.lines().map(str::trim).collect::<Vec<_>>().join(" ").replace(" tip: ", "; ")
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// A word that is no verb of a verb, and the one that clap takes to be meant.
fn unknown_inner_verb(error: &clap::Error) -> (String, Option<String>) {
    let word = of(error, ContextKind::InvalidSubcommand);
    let similar = match of(error, ContextKind::SuggestedSubcommand) {
        "" => None,
        similar => Some(format!("there is `{similar}`")),
    };
    (format!("there is no verb `{word}`"), similar)
}

/// Options that people type who know other runners, for the verb that starts tests.
const OPTIONS: &[(&[&str], &str)] = &[
    (&["-x", "--bail", "--exitfirst", "--failfast", "--maxfail"], "`--fail-fast` is the option"),
    (&["--ff", "--last-failed", "--lf", "--only-failures"], "`--failing` takes what failed last"),
    (
        &["-g", "-k", "-t", "--filter", "--grep"],
        "a part of the id is no option: `subunit run FILTER`",
    ),
    (
        &["-n", "-w", "--numprocesses", "--parallel", "--workers"],
        "`--jobs` says how many workers there are",
    ),
    (&["--collect-only", "--list", "--list-tests"], "`subunit list` lists the tests"),
    (&["--flaky-test-attempts", "--reruns", "--retry"], "`--retries` is the option"),
    (
        &["-s", "-v", "--capture", "--verbose"],
        "options of a runner are put after its name, as in `subunit run -- pytest -s`",
    ),
];

/// The option of ours that is meant by one of other runners.
fn guess_option(argument: &str, verb: &Entry) -> Option<String> {
    if verb.name != "run" {
        return None;
    }
    let name = argument.split('=').next().unwrap_or(argument);
    let found = OPTIONS.iter().find(|(names, _)| names.contains(&name))?;
    Some(found.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_several_lines_is_one() {
        let said = "error: invalid value 'x' for '<Y>'\n  [possible values: a, b]\n\n  tip: a similar value exists: \
                    'a'\n\nUsage: subunit y\n\nFor more information, try '--help'.\n";
        assert_eq!(
            in_words(said),
            "invalid value 'x' for '<Y>' [possible values: a, b]; a similar value exists: 'a'"
        );
    }
}
