//! What the tests of the readers ask of what was pushed.

use subunit_core::{EventBuf, sink::Verdict, testing::Recorded};

use crate::reader::FormatReader;

/// What a reader pushed.
pub(super) struct Log {
    pub(super) events: Vec<EventBuf>,
    pub(super) text: String,
    verdict: Verdict,
}

impl Log {
    /// What a reader makes of an input: the same however it is cut.
    pub(super) fn read(reader: impl FormatReader + Clone, input: &[u8]) -> Self {
        let read = |size: usize| {
            let (mut reader, mut log) = (reader.clone(), Recorded::default());
            for piece in input.chunks(size) {
                reader.feed(piece, &mut log);
            }
            reader.finish(&mut log);
            log
        };
        let whole = read(input.len().max(1));
        for size in [1, 3, 17] {
            let pieces = read(size);
            assert_eq!((&pieces.events, &pieces.text), (&whole.events, &whole.text), "{size}");
        }
        let (text, verdict) = (whole.text(), whole.verdict());
        Self { events: whole.events, text, verdict }
    }

    /// Id, status and reason of all that ended.
    pub(super) fn results(&self) -> Vec<(&str, &str, &str)> {
        let ended = |event: &&EventBuf| event.status.is_some_and(|status| status.is_final());
        self.events.iter().filter(ended).map(result).collect()
    }

    pub(super) fn is_green(&self) -> bool {
        self.verdict == Verdict::Passed
    }
}

fn result(event: &EventBuf) -> (&str, &str, &str) {
    let id = event.test_id.as_deref().unwrap_or_default();
    let status = event.status.map_or("", |status| status.name());
    let reason = event.file.as_ref().map_or(&b""[..], |file| &file.bytes[..]);
    (id, status, std::str::from_utf8(reason).unwrap_or("not UTF-8"))
}
