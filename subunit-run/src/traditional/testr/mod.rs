//! testr, as of testrepository 0.0.22.

mod call;
mod exit;
mod help;
mod load;
mod look;
mod options;
mod parse;
mod run;
mod table;

use self::{
    exit::{BROKEN, FAILED, USAGE},
    table::{TestrAction, TestrVerb},
};
use super::arguments::Instead;
use crate::config::python::repr;

/// Runs the verb that these words name.
pub(super) fn main(words: &[String]) -> u8 {
    let (verb, call) = match parse::parse(words) {
        Ok(called) => called,
        Err(instead) => return act_instead(instead),
    };
    let ended = match verb.does {
        TestrAction::Work(work) => work(&call),
        TestrAction::Help => Ok(help::say(&help::of(call.given.arguments.first()))),
        TestrAction::Commands => help::commands(),
        TestrAction::Quickstart => Ok(help::say(help::QUICKSTART)),
    };
    ended.unwrap_or_else(|error| {
        error.say();
        error.status.unwrap_or(BROKEN)
    })
}

fn act_instead(instead: Instead<&'static TestrVerb>) -> u8 {
    match instead {
        Instead::Overview | Instead::Version => help::say(&help::overview()),
        Instead::Help(verb) => help::say(&help::of_verb(verb)),
        Instead::NoVerb(name) => {
            eprintln!("testr: {} is not a command. See \"testr commands\".", repr(&name));
            FAILED
        }
        Instead::Misuse(verb, what) => {
            let usage = verb.map_or_else(String::new, help::usage);
            eprintln!("Usage: {usage}\n\ntestr: error: {what}");
            USAGE
        }
        Instead::Unexpected(words) => {
            let words: Vec<_> = words.iter().map(|word| repr(word)).collect();
            eprintln!("Unexpected arguments: [{}]", words.join(", "));
            FAILED
        }
    }
}
