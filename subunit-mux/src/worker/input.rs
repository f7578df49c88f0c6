//! What a worker receives: tests to run, and text for the command that runs them.

use subunit_core::{Decoder, Event, FileChunk, Item, Status};

/// Splits a stream into tests to run and text.
///
/// A packet with the status `exists` is a test to run. Everything outside packets is text for the command's
/// standard input, and so are `stdin` files.
#[derive(Debug, Default)]
pub struct WorkerInput {
    decoder: Decoder,
    /// Ids that were received and not handed on, each with a newline after it.
    pub tests: Vec<u8>,
    /// The ids of tests that were received since this was last taken, in order.
    pub asked: Vec<String>,
    /// Ids of tests that cannot be handed on, since this was last taken, and why.
    pub unfit: Vec<(String, &'static str)>,
    /// Text that was received and not handed on.
    pub text: Vec<u8>,
    /// Whether a packet marked the end of the text.
    pub text_ends: bool,
    /// What could not be understood, one line each.
    pub refused: Vec<String>,
}

impl WorkerInput {
    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        self.decoder.feed(bytes);
        self.take_items();
    }

    /// Takes the end.
    pub fn finish(&mut self) {
        self.decoder.finish();
        self.take_items();
    }

    /// Takes an id.
    pub fn test(&mut self, test_id: &str) {
        if test_id.contains('\n') {
            return self.unfit.push((test_id.into(), "its id has more than one line"));
        }
        self.asked.push(test_id.into());
        self.tests.extend_from_slice(test_id.as_bytes());
        self.tests.push(b'\n');
    }

    fn take_items(&mut self) {
        let mut decoder = std::mem::take(&mut self.decoder);
        while let Some(item) = decoder.next_item() {
            match item {
                Item::Packet(packet) => self.event(packet.event()),
                Item::Text(text) => self.text.extend_from_slice(text),
                Item::Damage(damage) => {
                    self.refused.push(damage.to_string());
                    self.text.extend_from_slice(damage.bytes);
                }
            }
        }
        self.decoder = decoder;
    }

    fn event(&mut self, event: &Event<'_>) {
        match (event.status, event.test_id, event.file) {
            (Some(Status::Exists), Some(test_id), _) => self.test(test_id),
            (_, _, Some(FileChunk { name: "stdin", bytes })) => {
                self.text.extend_from_slice(bytes);
                self.text_ends |= event.eof;
            }
            _ => self.refused.push("a packet that is no test to run".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_tests_from_text() {
        let mut stream = b"next\n".to_vec();
        Event::status("a", Status::Exists).encode(&mut stream).unwrap();
        Event::status("b\nc", Status::Exists).encode(&mut stream).unwrap();
        Event::status("d", Status::Success).encode(&mut stream).unwrap();
        let file = Some(FileChunk { name: "stdin", bytes: b"step\n" });
        Event { file, eof: true, ..Event::default() }.encode(&mut stream).unwrap();
        Event::status("e", Status::Exists).encode(&mut stream).unwrap();
        for size in [1, 7, stream.len()] {
            let mut input = WorkerInput::default();
            stream.chunks(size).for_each(|piece| input.take(piece));
            input.finish();
            assert_eq!(input.tests, b"a\ne\n");
            assert_eq!(input.text, b"next\nstep\n");
            assert!(input.text_ends);
            assert_eq!((input.asked, input.refused.len()), (vec!["a".into(), "e".into()], 1));
            assert_eq!(input.unfit, [("b\nc".into(), "its id has more than one line")]);
        }
    }
}
