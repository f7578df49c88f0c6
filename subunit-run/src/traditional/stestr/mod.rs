//! stestr, as of version 4.2.1.

mod call;
mod help;
mod history;
mod keep;
mod list;
mod load;
mod look;
mod options;
mod run;
mod select;
mod style;
mod table;
mod worker_file;

use self::call::{Call, Wrong};
use super::failure::Failure;

/// Exit status after failed tests, and if the verb cannot do its work.
const FAILED: u8 = 1;

/// Exit status after arguments that are not understood.
const USAGE: u8 = 2;

/// Exit status if there are no times to show.
const NO_TIMES: u8 = 3;

/// Exit status after a regex that is none.
const BAD_REGEX: u8 = 5;

/// Exit status if the tests cannot be listed.
const NOT_LISTED: u8 = 100;

/// How a verb ends: with an exit status, or with a line on standard error.
type Ended = Result<u8, Failure>;

/// Runs the verb that these words name.
pub(super) fn main(words: &[String]) -> u8 {
    match Call::new(words) {
        Ok(call) => match (call.verb.run)(&call) {
            Ok(status) => status,
            Err(failure) => {
                failure.say();
                failure.status.unwrap_or(FAILED)
            }
        },
        Err(Wrong::Overview) => help::overview(),
        Err(Wrong::Help(verb)) => help::of_verb(verb),
        Err(Wrong::Version) => help::version(),
        Err(Wrong::Verb(name)) => help::no_verb(&name),
        Err(Wrong::Option(verb, what)) => {
            let name = verb.map_or(String::new(), |verb| format!(" {}", verb.name));
            let usage = verb.map_or_else(|| "stestr [options] COMMAND".into(), help::usage);
            eprintln!("usage: {usage}\nstestr{name}: error: {what}");
            USAGE
        }
    }
}
