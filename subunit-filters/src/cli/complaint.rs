//! What is wrong with a command line, in one line: the program, the thing, the way out.

use std::{ffi::OsString, path::Path};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::command::Entry;

/// The line. `words` are those of the command line, the program's name first.
pub(crate) fn complaint(
    error: &clap::Error,
    words: &[OsString],
    verbs: impl Iterator<Item = &'static Entry>,
) -> String {
    let entries: Vec<&Entry> = verbs.collect();
    let verbs: Vec<&str> = entries.iter().map(|verb| verb.name).collect();
    let verb = words.get(1).and_then(|word| entries.iter().find(|verb| word == verb.name));
    let program =
        verb.map_or_else(|| "subunit".to_owned(), |verb| format!("subunit {}", verb.name));
    let (wrong, way_out) = match error.kind() {
        ErrorKind::InvalidSubcommand => unknown_verb(error, &verbs),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ("no verb given, and no stream on standard input".to_owned(), None)
        }
        ErrorKind::UnknownArgument => unknown_argument(error, verb.copied()),
        ErrorKind::MissingRequiredArgument => (missing(error), None),
        ErrorKind::InvalidValue => no_such_value(error),
        ErrorKind::TooManyValues => {
            let (option, value) =
                (of(error, ContextKind::InvalidArg), of(error, ContextKind::InvalidValue));
            (format!("`{option}` takes no value, and was given `{value}`"), None)
        }
        _ => (in_words(&error.render().to_string()), None),
    };
    let way_out = way_out.unwrap_or_else(|| format!("see `{program} --help`"));
    format!("{program}: {wrong}; {way_out}")
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

/// A word that is no verb, and what may have been meant by it.
fn unknown_verb(error: &clap::Error, verbs: &[&str]) -> (String, Option<String>) {
    let word = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) => word.as_str(),
        _ => "",
    };
    let wrong = format!("there is no verb `{word}`");
    if let Some(guess) = guess(word, verbs) {
        return (wrong, Some(guess));
    }
    if Path::new(word).is_file() {
        let way_out = format!("to read the file: `subunit watch {word}` or `subunit stats {word}`");
        return (wrong, Some(way_out));
    }
    let similar = match error.get(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::Strings(words)) => words.last().map(String::as_str),
        Some(ContextValue::String(word)) => Some(word.as_str()),
        _ => None,
    };
    let similar = similar.map(|similar| format!("there is `{similar}`: see `subunit --help`"));
    (wrong, similar)
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

/// What people type who know other tools.
fn guess(word: &str, verbs: &[&str]) -> Option<String> {
    let is_verb = |name: &str| verbs.contains(&name);
    let (from, to) = (format!("from-{word}"), format!("to-{word}"));
    match (is_verb(&from), is_verb(&to)) {
        (true, true) => {
            return Some(format!("`subunit {from}` reads it, `subunit {to}` writes it"));
        }
        (true, false) => return Some(format!("`subunit {from}` reads it")),
        (false, true) => return Some(format!("`subunit {to}` writes it")),
        (false, false) => {}
    }
    let meant = match word {
        "tests" => "`subunit ls` lists the tests of a stream, `subunit list` those of a suite",
        "show" | "view" | "tail" | "live" => "`subunit watch` shows them",
        "summary" | "summarise" | "summarize" | "count" | "verdict" | "status" => {
            "`subunit stats` counts results and shows the verdict"
        }
        "convert" => "the verbs `from-...` and `to-...` convert: see `subunit --help`",
        "join" | "concat" => {
            "`subunit cat` joins streams, `subunit merge` in the order of their times"
        }
        "compare" => "`subunit diff` compares two runs",
        "grep" | "select" => "`subunit filter` keeps some tests",
        "run" | "exec" | "test" => {
            "`subunit run` runs tests, and `subunit watch -- COMMAND` shows those of a command"
        }
        "multiplex" | "parallel" => "`subunit mux` runs commands side by side",
        _ => return None,
    };
    Some(meant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{ELSEWHERE, VERBS};

    #[test]
    fn every_guess_names_a_verb_that_there_is() {
        let verbs: Vec<&str> = VERBS.iter().map(|verb| verb.name).collect();
        for word in [
            "tests", "show", "count", "join", "compare", "grep", "run", "parallel", "junit", "csv",
            "tap",
        ] {
            let guess = guess(word, &verbs).unwrap();
            let named = guess.split('`').nth(1).unwrap().split(' ').nth(1).unwrap();
            let others = ELSEWHERE.iter().flat_map(|other| other.verbs);
            let is_verb = verbs.contains(&named) || others.clone().any(|(verb, _)| *verb == named);
            assert!(is_verb, "{word}: {guess}");
        }
        assert_eq!(guess("no-such-verb", &verbs), None);
    }

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
