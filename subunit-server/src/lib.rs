//! The library behind the program `subunit-server`: the history of test runs as pages, over HTTP.
//!
//! ```text
//! request --> web/guard.rs    is it for this server; which headers has every answer?
//!               |
//!             access/         who asks, and may they?
//!               |
//!               v
//!             web/mod.rs      the table of routes
//!               |
//!               v
//!             web/pages/      one file a kind of page --> history_pool.rs: a question to the history
//!             api/            what programs are answered ------^
//!             receive/        runs that other machines send --> subunit_history::{Store, receive}
//! ```

#![forbid(unsafe_code)]

mod access;
mod api;
pub mod commands;
mod demo;
mod history_pool;
mod neighbour;
mod notify;
mod operation;
mod outgoing;
pub mod postgres;
mod project;
mod receive;
mod report;
mod rewrite;
mod server;
mod store_place;
mod web;

use std::{ffi::OsString, io::Write as _, process::ExitCode};

use subunit_filters::{
    cli::{self, elsewhere::check_version},
    commands as subunit,
    exit::Exit,
};

use self::commands::{PROGRAM, WHOLE};

/// Runs the program with these arguments, the first of which is the name it was started under.
pub fn main(mut arguments: Vec<OsString>) -> ExitCode {
    if let Err(message) = check_version(&mut arguments) {
        // There is nobody else to tell.
        let _ = writeln!(std::io::stderr(), "{message}");
        return Exit::Broken.into();
    }
    subunit_history::use_databases(postgres::open);
    // Verbs of runs come here if their history is in a database.
    if subunit_run::is_meant(&arguments) {
        return subunit_run::main(arguments);
    }
    if subunit::PROGRAM.is_asked_to_tell(&arguments) {
        return cli::run(&WHOLE, arguments).into();
    }
    cli::run(&PROGRAM, arguments).into()
}
