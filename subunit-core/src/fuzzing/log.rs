//! What a reader pushes, and what must hold for it.

use super::cuts;
use crate::{
    Damage, EncodeError, Event, EventBuf,
    sink::{Counts, Flow, Sink, Summary},
};

/// Something that was pushed; text is joined.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Said {
    /// An event.
    Event(EventBuf),
    /// Bytes outside packets.
    Text(Vec<u8>),
    /// The bytes of a place of damage.
    Damage(Vec<u8>),
}

/// All that was pushed, in its order.
#[derive(Debug, Default)]
pub struct Log {
    said: Vec<Said>,
    summary: Summary,
}

impl Log {
    /// What was pushed.
    pub fn said(&self) -> &[Said] {
        &self.said
    }

    /// The result.
    pub fn counts(&self) -> Counts {
        self.summary.counts()
    }

    /// All text and damage, joined.
    pub fn bytes(&self) -> Vec<u8> {
        let bytes = self.said.iter().filter_map(|said| match said {
            Said::Event(_) => None,
            Said::Text(bytes) | Said::Damage(bytes) => Some(bytes),
        });
        bytes.flatten().copied().collect()
    }

    /// How often a byte stands in what was pushed, names included.
    fn count(&self, byte: u8) -> usize {
        let of = |bytes: &[u8]| bytes.iter().filter(|found| **found == byte).count();
        let of_event = |event: &EventBuf| {
            let file =
                event.file.as_ref().map_or(0, |file| of(&file.bytes) + of(file.name.as_bytes()));
            let strings = [&event.test_id, &event.mime_type];
            let strings: usize =
                strings.into_iter().flatten().map(|string| of(string.as_bytes())).sum();
            let tags = event.tags.iter().flat_map(|tags| tags.as_tags());
            file + strings + tags.map(|tag| of(tag.as_bytes())).sum::<usize>()
        };
        let said = self.said.iter().map(|said| match said {
            Said::Event(event) => of_event(event),
            Said::Text(bytes) | Said::Damage(bytes) => of(bytes),
        });
        said.sum()
    }
}

impl Sink for Log {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        match event.encode(&mut Vec::new()) {
            Ok(()) | Err(EncodeError::TooLong { .. }) => {}
            Err(error) => panic!("pushed, and has no place on the wire: {error}: {event:?}"),
        }
        self.said.push(Said::Event(event.to_buf()));
        self.summary.event(event)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        match self.said.last_mut() {
            Some(Said::Text(joined)) => joined.extend_from_slice(bytes),
            _ => self.said.push(Said::Text(bytes.to_vec())),
        }
        self.summary.text(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.said.push(Said::Damage(damage.bytes.to_vec()));
        self.summary.damage(damage)
    }
}

/// Reads an input whole and cut in all ways, which must not make a difference. `read` gets the pieces.
pub fn reads_the_same(input: &[u8], read: impl Fn(&[&[u8]]) -> Log) -> Log {
    let whole = read(&[input]);
    for pieces in cuts(input) {
        let cut = read(&pieces);
        assert_eq!(cut.said, whole.said, "cut into {} pieces", pieces.len());
    }
    whole
}

/// A line that no format knows, put between two lines of an input, comes out: as text, as content of a file,
/// or in a name, if it was where a name should be. It may be torn by that.
pub fn survives(input: &[u8], read: impl Fn(&[&[u8]]) -> Log) {
    if let Some(log) = loses_a_line(input, read) {
        panic!("a line is lost: {:?}", log.said);
    }
}

/// What was read of an input with such a line in it, if the line did not come out.
pub(super) fn loses_a_line(input: &[u8], read: impl Fn(&[&[u8]]) -> Log) -> Option<Log> {
    const MARK: u8 = b'~';
    const LINE: &[u8] = b"~~~~~~~~~~~~~~~~\n";
    let input: Vec<u8> =
        input.iter().map(|byte| if *byte == MARK { b'-' } else { *byte }).collect();
    let starts: Vec<usize> =
        std::iter::once(0).chain(memchr::memchr_iter(b'\n', &input).map(|at| at + 1)).collect();
    let at = starts[crate::wire::crc::checksum(&input) as usize % starts.len()];
    let (head, tail) = input.split_at(at);
    let log = read(&[head, LINE, tail]);
    (log.count(MARK) < LINE.len() - 1).then_some(log)
}
