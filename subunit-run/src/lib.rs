//! The library behind the program `subunit-run`: configurations, listing, schedule, supervisor, and the
//! traditional names.

#![forbid(unsafe_code)]

#[cfg(unix)]
mod adapters;
#[cfg(unix)]
pub mod callout;
pub mod commands;
pub mod config;
mod databases;
#[cfg(unix)]
pub mod guard;
#[cfg(unix)]
mod inputs;
#[cfg(unix)]
mod installed;
#[cfg(unix)]
pub mod instances;
pub mod json;
#[cfg(unix)]
mod leftovers;
pub mod memory;
#[cfg(unix)]
pub mod processes;
pub mod schedule;
pub mod selection;
#[cfg(unix)]
pub mod supervise;
pub mod suspects;
#[cfg(unix)]
pub mod traditional;

use std::{ffi::OsString, process::ExitCode};

use subunit_filters::{
    cli::{self, elsewhere::check_version},
    commands as subunit,
    exit::Exit,
};

use self::commands::{PROGRAM, WHOLE};

/// Whether arguments, the first of which is the name of a program, are for this one: a verb of runs, or what it says to itself.
/// A program that links this library has both.
pub fn is_meant(arguments: &[OsString]) -> bool {
    let Some(first) = arguments.get(1) else { return false };
    #[cfg(unix)]
    if first == guard::GUARD || first == supervise::ON_TERMINAL || adapters::is_worker(first) {
        return true;
    }
    PROGRAM.verbs().any(|verb| first == verb.name)
}

/// Runs the program with these arguments, the first of which is the name it was started under.
pub fn main(mut arguments: Vec<OsString>) -> ExitCode {
    #[cfg(unix)]
    if let Some(tool) = arguments.first().and_then(traditional::tool_of) {
        return traditional::run(tool, arguments.into_iter().skip(1).collect());
    }
    #[cfg(unix)]
    if let [_, first, line] = &arguments[..]
        && first == supervise::ON_TERMINAL
    {
        let error = subunit_mux::process::run_on_terminal(&line.to_string_lossy());
        eprintln!("subunit-run: {}: {error}", line.display());
        return Exit::Broken.into();
    }
    #[cfg(unix)]
    if let Some(code) = adapters::run_as_worker(&arguments) {
        return code;
    }
    #[cfg(unix)]
    if guard::run_as_guard(&arguments) {
        return ExitCode::SUCCESS;
    }
    if let Err(message) = check_version(&mut arguments) {
        eprintln!("{message}");
        return Exit::Broken.into();
    }
    if databases::are_meant(&arguments) {
        return databases::go_on(&arguments).into();
    }
    if subunit::PROGRAM.is_asked_to_tell(&arguments) {
        return cli::run(&WHOLE, arguments).into();
    }
    cli::run(&PROGRAM, arguments).into()
}
