//! What stestr says about itself.

use std::io::{self, Write};

use subunit_filters::cli::mistake::nearest;

use super::{
    exit::USAGE,
    options::COMMON,
    table::{StestrVerb, VERBS, find},
};
use crate::traditional::arguments::manual;

/// The usage line of a verb.
pub(super) fn usage(verb: &StestrVerb) -> String {
    format!("stestr {} [options] {}", verb.name, verb.arguments).trim_end().to_owned()
}

/// The help of a verb.
pub(super) fn of_verb(verb: &StestrVerb) -> u8 {
    let about = match verb.about {
        "" => format!("{}.", verb.summary),
        more => format!("{}.\n\n{more}", verb.summary),
    };
    say(&manual(&usage(verb), &about, &[verb.options, COMMON]))
}

/// The help of the verb that these words name, or of all.
pub(super) fn of(words: &[String]) -> u8 {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match find(&words) {
        Some((verb, _)) => of_verb(verb),
        None if words.is_empty() => overview(),
        None => no_verb(&words.join(" ")),
    }
}

/// The help of all.
pub(super) fn overview() -> u8 {
    let usage = "stestr [options] COMMAND [options] [arguments]";
    let about = "Runs Python tests in parallel and remembers their results.";
    let verbs = VERBS.iter().map(|verb| format!("  {:24}{}\n", verb.name, verb.summary));
    let commands = verbs.collect::<String>();
    say(&format!("{}\nCommands:\n{commands}", manual(usage, about, &[COMMON])))
}

/// `stestr --version`.
pub(super) fn version() -> u8 {
    say(concat!("stestr ", env!("CARGO_PKG_VERSION"), "\n"))
}

/// There is no such verb. The nearest is named, if one is near.
pub(super) fn no_verb(name: &str) -> u8 {
    let mut text = format!("stestr: '{name}' is not a stestr command. See 'stestr --help'.\n");
    if let Some(nearest) = nearest(name, VERBS.iter().map(|verb| verb.name)) {
        text.push_str(&format!("Did you mean '{nearest}'?\n"));
    }
    say(&text);
    USAGE
}

/// Writes to standard output. If that fails, nobody is left to be told.
fn say(text: &str) -> u8 {
    let _ = io::stdout().write_all(text.as_bytes());
    0
}
