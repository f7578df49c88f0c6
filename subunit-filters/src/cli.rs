//! The command line: the table of commands as clap sees it, and back.

use std::{ffi::OsString, io::Write};

use clap::{ArgMatches, error::ErrorKind};

use crate::{
    commands::COMMANDS,
    console::{ColourChoice, Console},
    exit::Exit,
};

const ABOUT: &str = "Test results as a stream: filter, convert, summarise";
const AFTER: &str = "\
Streams are read from files or standard input. A report's exit status is the verdict:
0 all passed; 1 something failed, never ended or was damaged; 2 the command could not
do its work; 4 there was no test at all. Try `subunit VERB --help`.";

/// What clap knows of the command and its verbs.
pub fn definition() -> clap::Command {
    let colour = clap::Arg::new("color")
        .long("color")
        .value_name("WHEN")
        .value_parser(clap::value_parser!(ColourChoice))
        .default_value("auto")
        .global(true)
        .hide_possible_values(true)
        .help("Use colour: auto, always or never");
    clap::Command::new("subunit")
        .about(ABOUT)
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(AFTER)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand_value_name("VERB")
        .subcommand_help_heading("Verbs")
        .arg(colour)
        .subcommands(COMMANDS.iter().map(|entry| (entry.definition)()))
}

/// Runs the command with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let matches = match definition().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            // Neither the help nor a complaint can be put anywhere else if this fails.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Passed,
                _ => Exit::Broken,
            };
        }
    };
    dispatch(&matches).unwrap_or(Exit::Broken)
}

fn dispatch(matches: &ArgMatches) -> Option<Exit> {
    let (verb, matches) = matches.subcommand()?;
    let entry = COMMANDS.iter().find(|entry| entry.verb == verb)?;
    let choice = matches.get_one("color").copied().unwrap_or_default();
    let mut console = match Console::of_process(entry.verb, choice) {
        Ok(console) => console,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "subunit {verb}: {error}");
            return None;
        }
    };
    let result = (entry.run)(matches, &mut console);
    let error = match result {
        Ok(exit) => return Some(exit),
        Err(error) if error.is_closed_pipe() => return Some(Exit::Passed),
        Err(error) => error,
    };
    // What was made of the input so far is worth having; the first error is the one to report.
    let _ = console.stdout.flush();
    let _ = console.say(error);
    let _ = console.stderr.flush();
    None
}
