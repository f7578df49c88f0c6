//! JSON Lines, both ways.

use subunit_core::{
    Item,
    fuzzing::{Choices, Log, Said, reads_the_same, survives},
    items,
    sink::Sink,
};

use crate::{
    json::jsonl::{JsonlReader, Line, parse, push_event, push_text, writer::JsonlWriter},
    reader::FormatReader,
};

fn read(pieces: &[&[u8]]) -> Log {
    let (mut reader, mut log) = (JsonlReader::new(), Log::default());
    for piece in pieces {
        reader.feed(piece, &mut log);
    }
    reader.finish(&mut log);
    log
}

/// `to-jsonl` and `from-jsonl` are inverse: for any event, for any stream, and for any lines.
pub fn jsonl(input: &[u8]) {
    event(input);
    stream(input);
    reads_the_same(input, read);
    survives(input, read);
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        canonical(line);
    }
}

fn event(input: &[u8]) {
    let event = Choices::new(input).event();
    let mut line = Vec::new();
    push_event(&mut line, &event.as_event());
    match parse(&line) {
        Ok(Line::Event(read)) => assert_eq!(read, event),
        other => panic!("{other:?} of {}", line.escape_ascii()),
    }
}

/// A stream as lines is the stream.
fn stream(input: &[u8]) {
    let (mut writer, mut expected) = (JsonlWriter::new(Vec::new()), Log::default());
    for item in items(input) {
        // Times after 2106 have no place in the text form either.
        let late = |packet: &subunit_core::Packet<'_>| {
            packet.event().timestamp.is_some_and(|time| time.seconds() > u64::from(u32::MAX))
        };
        if matches!(&item, Item::Packet(packet) if late(packet)) {
            return;
        }
        expected.item(&item);
        writer.item(&item);
    }
    let lines = writer.into_result().expect("memory takes all");
    assert_eq!(read(&[&lines]).said(), expected.said());
}

/// What was read from a line, written, is read again.
fn canonical(line: &[u8]) {
    let Ok(said) = parse(line) else { return };
    let mut log = Log::default();
    let mut again = Vec::new();
    match &said {
        // What a person wrote need not fit the wire.
        Line::Event(event) => push_event(&mut again, &event.as_event()),
        Line::Bytes(bytes) => push_text(&mut again, bytes),
        Line::Damage { .. } => {
            let mut reader = JsonlReader::new();
            reader.feed(line, &mut log);
            reader.finish(&mut log);
            assert!(matches!(log.said(), [Said::Damage(_)]));
            return;
        }
    }
    assert_eq!(parse(&again).ok(), Some(said), "{}", again.escape_ascii());
}
