//! Version 1.

use super::{Log, Said, log::loses_a_line, reads_the_same};
use crate::{
    sink::Sink,
    v1::{Parser, Writer},
};

fn read(pieces: &[&[u8]]) -> Log {
    let (mut parser, mut log) = (Parser::new(), Log::default());
    for piece in pieces {
        parser.feed(piece, &mut log);
    }
    parser.finish(&mut log);
    log
}

/// The same events however lines of version 1 are cut, nothing left open, no line lost; and the tests
/// that were read can be written and are read again.
pub fn v1(input: &[u8]) {
    let log = reads_the_same(input, read);
    assert_eq!(log.counts().unfinished, 0);
    if let Some(log) = loses_a_line(input, read) {
        // As in the reference, of a file that the end of the input cut off in front of its content there
        // is nothing left.
        assert!(log.said().iter().any(was_cut_off), "a line is lost: {:?}", log.said());
    }
    let mut writer = Writer::new(Vec::new());
    for said in log.said() {
        // Text is written as it is: it might be read as lines of version 1 the second time.
        if let Said::Event(event) = said {
            writer.event(&event.as_event());
        }
    }
    writer.finish();
    let written = writer.into_inner().expect("memory takes all");
    let (counts, again) = (log.counts(), read(&[&written]).counts());
    let finals = |counts: &crate::sink::Counts| {
        (counts.success, counts.fail, counts.skip, counts.xfail, counts.uxsuccess)
    };
    assert_eq!(finals(&again), finals(&counts), "{}", written.escape_ascii());
}

/// Whether this tells that the input ended in a test.
fn was_cut_off(said: &Said) -> bool {
    let Said::Event(event) = said else { return false };
    event.file.as_ref().is_some_and(|file| {
        file.name == "traceback"
            && memchr::memmem::find(&file.bytes, b"lost connection during").is_some()
    })
}
