//! What `subunit worker -- COMMAND` does, for tests of instances: they have no other program than those of this
//! crate.

use std::io;

use subunit_formats::auto::AutoReader;
use subunit_mux::{
    Readers,
    process::Output,
    worker::{Worker, WorkerPlan},
};

fn main() -> io::Result<()> {
    let command: Vec<String> = std::env::args().skip(3).collect();
    let readers = Readers::new(|_| Box::new(AutoReader::new(None)));
    let plan = WorkerPlan { command, ids: None, readers };
    let failed = |error: &dyn std::fmt::Display| io::Error::other(error.to_string());
    let mut worker = Worker::start(plan, Output::standard(None)).map_err(|error| failed(&error))?;
    while !worker.is_done() {
        worker.turn().map_err(|error| failed(&error))?;
    }
    match worker.finish().has_failed {
        true => std::process::exit(1),
        false => Ok(()),
    }
}
