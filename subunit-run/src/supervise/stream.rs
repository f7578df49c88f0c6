//! The stream of a run, as far as nobody has read it, and what the supervisor prints into it.

use subunit_core::{Event, FileChunk, RouteCode, conventions};

/// What is printed, as an error output of no test.
pub(super) fn printed<'e>(text: &'e str, route_code: Option<RouteCode<'e>>) -> Event<'e> {
    let file = Some(FileChunk { name: conventions::STDERR, bytes: text.as_bytes() });
    Event { route_code, file, mime_type: Some(conventions::TEXT), ..Event::default() }
}

/// Bytes that wait to be read.
#[derive(Debug, Default)]
pub(super) struct StreamBuffer {
    pub(super) bytes: Vec<u8>,
    /// How many of them were read.
    read: usize,
}

impl StreamBuffer {
    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.read == self.bytes.len()
    }

    /// Moves what fits to `buffer`. Returns how much that is.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> usize {
        let waiting = &self.bytes[self.read..];
        let length = waiting.len().min(buffer.len());
        buffer[..length].copy_from_slice(&waiting[..length]);
        self.read += length;
        if self.is_empty() {
            self.bytes.clear();
            self.read = 0;
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_once_and_in_order() {
        let mut stream = StreamBuffer::default();
        let mut buffer = [0; 4];
        assert!(stream.is_empty());
        stream.bytes.extend_from_slice(b"abcdef");
        assert_eq!((stream.read(&mut buffer), &buffer), (4, b"abcd"));
        stream.bytes.extend_from_slice(b"gh");
        assert!(!stream.is_empty());
        assert_eq!((stream.read(&mut buffer), &buffer), (4, b"efgh"));
        assert!(stream.is_empty());
        assert_eq!(stream.read(&mut buffer), 0);
        stream.bytes.push(b'i');
        assert_eq!((stream.read(&mut buffer), buffer[0]), (1, b'i'));
    }
}
