//! testr, as of testrepository 0.0.22.

mod call;
mod help;
mod load;
mod look;
mod options;
mod run;
mod table;

use std::io::{self, Write};

use self::{
    call::{Call, Wrong},
    table::VERBS,
};
use super::failure::Failure;
use crate::config::python::repr;

/// Exit status after arguments that are not understood, and after failed tests.
const FAILED: u8 = 1;

/// Exit status after an option that is not known.
const USAGE: u8 = 2;

/// Exit status if the verb cannot do its work.
const BROKEN: u8 = 3;

/// Runs the verb that these words name.
pub(super) fn main(words: &[String]) -> u8 {
    let (name, words) = call::split_verb(words);
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        eprintln!("testr: {} is not a command. See \"testr commands\".", repr(&name));
        return FAILED;
    };
    match Call::new(verb, &words) {
        Ok(call) => match (verb.run)(&call) {
            Ok(status) => status,
            Err(failure) => {
                failure.say();
                failure.status.unwrap_or(BROKEN)
            }
        },
        Err(Wrong::Help) => write_all(&help::of_verb(verb)),
        Err(Wrong::Option(what)) => {
            eprintln!("Usage: {}\n\ntestr: error: {what}", help::usage(verb));
            USAGE
        }
        Err(Wrong::Arguments(words)) => {
            let words: Vec<_> = words.iter().map(|word| repr(word)).collect();
            eprintln!("Unexpected arguments: [{}]", words.join(", "));
            FAILED
        }
    }
}

/// Writes a text to standard output. If that fails, nobody is left to be told.
fn write_all(text: &str) -> u8 {
    let _ = io::stdout().write_all(text.as_bytes());
    0
}

/// How a verb ends: with an exit status, or with a line on standard error.
type Ended = Result<u8, Failure>;
