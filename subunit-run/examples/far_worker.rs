//! What `subunit worker -- COMMAND` does, for tests of instances: they have no other program than those of this
//! crate.

use std::io;

use subunit_core::{InputReader, TextReader};
use subunit_formats::auto::AutoReader;
use subunit_mux::{
    Readers,
    process::Output,
    worker::{Worker, WorkerPlan},
};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(2);
    let options: Vec<String> = arguments.by_ref().take_while(|word| word != "--").collect();
    let is_console = options.iter().any(|word| word == "--console");
    let command: Vec<String> = arguments.collect();
    let readers = Readers::new(move |_| -> Box<dyn InputReader> {
        if is_console { Box::new(TextReader::new()) } else { Box::new(AutoReader::new(None)) }
    });
    let readers = readers.with_results(|_| Box::new(AutoReader::new(None)));
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
