//! A test runner that reports as a stream: `cargo run --example runner | subunit stats`
use std::panic::catch_unwind;

use subunit_core::{Event, FileChunk, Status, Timestamp, Writer};

const TESTS: [(&str, fn()); 2] = [
    ("adds", || assert_eq!([1, 1].iter().sum::<i32>(), 2)),
    ("divides", || assert_eq!(7 / 2, 4, "halves are lost")),
];

fn main() -> std::io::Result<()> {
    let mut stream = Writer::new(std::io::stdout());
    for (id, test) in TESTS {
        let event = |status| Event { timestamp: Timestamp::now(), ..Event::status(id, status) };
        stream.event(&event(Status::InProgress))?;
        let Err(panic) = catch_unwind(test) else {
            stream.event(&event(Status::Success))?;
            continue;
        };
        let message = panic.downcast_ref::<String>().map_or("panicked", String::as_str);
        let file = Some(FileChunk { name: "traceback", bytes: message.as_bytes() });
        let mime_type = Some("text/plain;charset=utf8");
        stream.event(&Event { file, mime_type, eof: true, ..event(Status::Fail) })?;
    }
    stream.flush()
}
