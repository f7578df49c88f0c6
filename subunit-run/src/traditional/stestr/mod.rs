//! stestr, as of version 4.2.1.

mod call;
mod exit;
mod help;
mod history;
mod list;
mod load;
mod look;
mod options;
mod output;
mod parse;
mod python;
mod run;
mod select;
mod settings;
mod table;
mod worker_file;

use self::{
    exit::{FAILED, USAGE},
    table::{StestrAction, StestrVerb},
};
use super::arguments::Instead;

/// Runs the verb that these words name.
pub(super) fn main(words: &[String]) -> u8 {
    let (verb, call) = match parse::parse(words) {
        Ok(called) => called,
        Err(instead) => return act_instead(instead),
    };
    let ended = match verb.does {
        StestrAction::Work(work) => work(&call),
        StestrAction::Help => Ok(help::of(&call.given.arguments)),
    };
    ended.unwrap_or_else(|error| {
        error.say();
        error.status.unwrap_or(FAILED)
    })
}

fn act_instead(instead: Instead<&'static StestrVerb>) -> u8 {
    match instead {
        Instead::Overview => help::overview(),
        Instead::Help(verb) => help::of_verb(verb),
        Instead::Version => help::version(),
        Instead::NoVerb(name) => help::no_verb(&name),
        Instead::Misuse(verb, what) => {
            let name = verb.map_or(String::new(), |verb| format!(" {}", verb.name));
            let usage = verb.map_or_else(|| "stestr [options] COMMAND".into(), help::usage);
            eprintln!("usage: {usage}\nstestr{name}: error: {what}");
            USAGE
        }
        Instead::Unexpected(words) => {
            eprintln!("stestr: error: unrecognized arguments: {}", words.join(" "));
            USAGE
        }
    }
}
