//! A test runner that reports as a stream: `cargo run --example runner | subunit stats`
use std::panic::catch_unwind;

use subunit_core::{Event, Status, TagsBuf, Writer, conventions::TEXT};

const TESTS: [(&str, fn()); 3] = [
    ("adds", || assert_eq!([1, 1].iter().sum::<i32>(), 2)),
    ("divides", || assert_eq!(7 / 2, 4, "halves are lost")),
    ("sorts", || assert!([1, 2].is_sorted())),
];

fn main() -> std::io::Result<()> {
    let tags = TagsBuf::from(["example"]);
    let mut stream = Writer::new(std::io::stdout()).defaults(Event::default().with_tags(&tags));
    for (id, test) in TESTS {
        stream.start(id)?;
        let result = catch_unwind(test);
        if let Err(panic) = &result {
            let message = panic.downcast_ref::<String>().map_or("panicked", String::as_str);
            stream.attach(id, "traceback", TEXT, message)?;
        }
        stream.end(id, if result.is_ok() { Status::Success } else { Status::Fail })?;
    }
    stream.close().map(drop)
}
