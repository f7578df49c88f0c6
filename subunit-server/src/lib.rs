//! The library behind the program `subunit-server`: the history of test runs as pages, over HTTP.
//!
//! ```text
//! request --> web/guard.rs    is it allowed; which headers has every answer?
//!               |
//!               v
//!             web/mod.rs      the table of routes
//!               |
//!               v
//!             web/pages/      one file a kind of page --> history_pool.rs: a question to the history
//!             api/            what programs are answered ------^
//! ```

#![forbid(unsafe_code)]

mod api;
pub mod commands;
mod demo;
mod history_pool;
mod neighbour;
pub mod postgres;
mod server;
mod web;

use std::{ffi::OsString, io::Write as _, process::ExitCode};

use subunit_filters::{
    cli::{self, elsewhere::check_version},
    exit::Exit,
};

use self::commands::PROGRAM;

/// Runs the program with these arguments, the first of which is the name it was started under.
pub fn main(mut arguments: Vec<OsString>) -> ExitCode {
    if let Err(message) = check_version(&mut arguments) {
        // There is nobody else to tell.
        let _ = writeln!(std::io::stderr(), "{message}");
        return Exit::Broken.into();
    }
    // Verbs of runs come here if their history is in a database.
    if subunit_run::is_meant(&arguments) {
        subunit_history::use_databases(postgres::open);
        return subunit_run::main(arguments);
    }
    cli::run(&PROGRAM, arguments).into()
}
