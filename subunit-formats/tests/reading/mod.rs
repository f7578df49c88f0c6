//! What the tests of all readers ask: which events, which counts, and the same however the input is cut.

#![allow(dead_code, reason = "each test program uses its part")]

use std::path::PathBuf;

use subunit_core::{
    Event, EventBuf, Status,
    conventions::attempt,
    sink::{Counts, Flow, Sink, Summary, Verdict},
};
use subunit_formats::FormatReader;

/// A file of test data.
pub(crate) fn data(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "data", name].iter().collect();
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a reader has pushed.
#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) events: Vec<EventBuf>,
    pub(crate) text: Vec<u8>,
    summary: Summary,
}

impl Sink for Recorded {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        // Whatever a reader pushes must have a place on the wire.
        let mut packet = Vec::new();
        event.encode(&mut packet).expect("an event that fits the wire");
        self.events.push(event.to_buf());
        self.summary.event(event)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.text.extend_from_slice(bytes);
        self.summary.text(bytes)
    }
}

impl Recorded {
    pub(crate) fn counts(&self) -> Counts {
        self.summary.counts()
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.counts().verdict()
    }

    /// `(success, fail, skip, xfail, uxsuccess)`; nothing may be left open.
    pub(crate) fn finals(&self) -> (u64, u64, u64, u64, u64) {
        let counts = self.counts();
        assert_eq!(counts.unfinished, 0, "open: {:?}", self.summary.open());
        (counts.success, counts.fail, counts.skip, counts.xfail, counts.uxsuccess)
    }

    /// The final statuses of a test, in their order.
    pub(crate) fn ends(&self, id: &str) -> Vec<Status> {
        let of_test = self.events.iter().filter(|event| event.test_id.as_deref() == Some(id));
        of_test.filter_map(|event| event.status).filter(|status| status.is_final()).collect()
    }

    /// Ids and final statuses, and which attempts their tags say they are.
    pub(crate) fn attempts(&self) -> Vec<(&str, Status, Option<u32>)> {
        let end = |event: &EventBuf| event.status.filter(|status| status.is_final());
        let number = |event: &EventBuf| attempt(event.tags.as_ref()?.as_tags());
        let ends = self.events.iter().filter_map(|event| end(event).map(|status| (event, status)));
        ends.map(|(event, status)| {
            (event.test_id.as_deref().unwrap_or_default(), status, number(event))
        })
        .collect()
    }

    /// The final events that have a tag.
    pub(crate) fn tagged(&self, tag: &str) -> Vec<&str> {
        let tagged = |event: &&EventBuf| {
            event.status.is_some_and(Status::is_final)
                && event.tags.as_ref().is_some_and(|tags| tags.as_tags().contains(tag))
        };
        self.events.iter().filter(tagged).filter_map(|event| event.test_id.as_deref()).collect()
    }

    /// A file of a test, or of the run, all pieces joined.
    pub(crate) fn file(&self, id: Option<&str>, name: &str) -> String {
        let mut bytes = Vec::new();
        for event in self.events.iter().filter(|event| event.test_id.as_deref() == id) {
            if let Some(file) = event.file.as_ref().filter(|file| file.name == name) {
                bytes.extend_from_slice(&file.bytes);
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }
}

/// Reads pieces one after the other.
pub(crate) fn read_pieces<'a, R: FormatReader>(
    mut reader: R,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Recorded {
    let mut recorded = Recorded::default();
    for piece in pieces {
        reader.feed(piece, &mut recorded);
    }
    reader.finish(&mut recorded);
    recorded
}

/// Reads an input whole, and byte by byte and in odd pieces, which must not make a difference.
pub(crate) fn read<R: FormatReader + Clone>(reader: R, input: &[u8]) -> Recorded {
    let whole = read_pieces(reader.clone(), [input]);
    for cut in [1, 7, 4093] {
        let cut_up = read_pieces(reader.clone(), input.chunks(cut));
        assert_eq!(cut_up.text, whole.text, "text, in pieces of {cut}");
        assert_eq!(cut_up.events.len(), whole.events.len(), "events, in pieces of {cut}");
        for (event, expected) in cut_up.events.iter().zip(&whole.events) {
            assert_eq!(event, expected, "in pieces of {cut}");
        }
    }
    whole
}

/// Cuts a red input off at many places: it must never look green.
pub(crate) fn never_green_when_cut<R: FormatReader + Clone>(reader: R, input: &[u8]) {
    assert_eq!(read_pieces(reader.clone(), [input]).verdict(), Verdict::Failed, "the whole is red");
    let step = (input.len() / 300).max(1);
    for end in (0..input.len()).step_by(step) {
        let cut = read_pieces(reader.clone(), [&input[..end]]);
        assert_ne!(cut.verdict(), Verdict::Passed, "cut off at byte {end}");
        assert_eq!(cut.counts().unfinished, 0, "cut off at byte {end}");
    }
}
