//! Two workers, and five tests for whichever is idle:
//! `cargo run -p subunit-mux --example two_workers | subunit watch`
use std::{
    env,
    error::Error,
    io::{self, Write},
    process::Command,
};

use subunit_core::{Item, Reader, Status, Timestamp, Writer, conventions::Capabilities};
use subunit_mux::process::{Processes, Settings, Spawn};

fn main() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).as_deref() == Some("worker") {
        return Ok(work()?);
    }
    let mut processes = Processes::new(Settings::default())?;
    for name in ["a", "b"] {
        let mut worker = Command::new(env::current_exe()?);
        worker.arg("worker");
        processes.spawn(name, Spawn::new(worker))?;
    }
    for test_id in ["one", "two", "three", "four", "five"] {
        processes.enqueue(test_id)?;
    }
    processes.end_control();
    while !processes.is_empty() {
        processes.turn(&[], None)?;
        io::stdout().write_all(processes.output().as_bytes())?;
        processes.output().clear();
        processes.notices().for_each(|notice| eprintln!("{notice:?}"));
    }
    eprintln!("{:?}", processes.hub().verdict());
    Ok(())
}

/// What a worker does: says that it takes tests, and runs each that it is told of.
fn work() -> io::Result<()> {
    let mut results = Writer::new(io::stdout());
    let said =
        Capabilities { takes_tests: true, clock: Timestamp::now(), ..Capabilities::default() }
            .content();
    results.event(&Capabilities::event(&said))?;
    results.flush()?;
    let mut control = Reader::new(io::stdin());
    while let Some(decoder) = control.fill()? {
        while let Some(item) = decoder.next_item() {
            if let Item::Packet(packet) = item
                && let Some(test_id) = packet.event().test_id
            {
                results.start(test_id)?;
                results.end(test_id, Status::Success)?;
            }
        }
        // Whoever waits for a result before it sends the next test would wait for ever.
        results.flush()?;
    }
    Ok(())
}
