//! Where the events of a run go: into the repository, and to the person who watches.

use std::io::{self, BufWriter, Write};

use subunit_core::{
    Event, FileChunk, MAX_LENGTH, RouteCode, RouteCodeBuf, Status, TagsBuf, Timestamp, Writer,
    sink::Sink,
};

use crate::memory::Recording;

/// Passes events on. Each gets the number of its worker as its route and as the tag `worker-N`, and the
/// time, if it has none.
#[derive(Debug)]
pub(in crate::traditional) struct Intake<'a> {
    to: Destinations<'a>,
    /// Whether the number of the worker is told.
    numbered: bool,
    failed: bool,
    /// The route and the tag of each worker, as far as they have been needed.
    numbers: Vec<(RouteCodeBuf, String)>,
    /// The tags of an event.
    tags: TagsBuf,
}

/// Where events go.
#[derive(Debug)]
struct Destinations<'a> {
    kept: Writer<BufWriter<Kept<'a>>>,
    shown: &'a mut dyn Shows,
    error: Option<io::Error>,
}

impl Destinations<'_> {
    /// Keeps an event, unless that failed before, and shows it.
    fn pass(&mut self, event: &Event<'_>) {
        if self.error.is_none() {
            self.error = self.kept.event(event).err();
        }
        // A display keeps its first error, and ignores what comes later.
        let _ = self.shown.event(event);
    }
}

/// A sink that shows a run.
pub(in crate::traditional) trait Shows: Sink + std::fmt::Debug {}

impl<S: Sink + std::fmt::Debug> Shows for S {}

/// A recording as something to write to.
struct Kept<'a>(&'a mut dyn Recording);

impl std::fmt::Debug for Kept<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept")
    }
}

impl Write for Kept<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.take(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> Intake<'a> {
    /// Events go to both of these.
    pub(in crate::traditional) fn new(
        recording: &'a mut dyn Recording,
        shown: &'a mut dyn Shows,
    ) -> Self {
        const BLOCK: usize = 64 * 1024;
        let kept = BufWriter::with_capacity(BLOCK, Kept(recording));
        let kept = Writer::with_limit(kept, MAX_LENGTH);
        let to = Destinations { kept, shown, error: None };
        Self { to, numbered: true, failed: false, numbers: Vec::new(), tags: TagsBuf::new() }
    }

    /// Nothing is told of workers from now on.
    pub(in crate::traditional) fn omit_numbers(&mut self) {
        self.numbered = false;
    }

    /// Whether a test has failed.
    pub(super) fn has_failures(&self) -> bool {
        self.failed
    }

    /// Takes an event of a worker. The hops of its route, if any, are those below the worker.
    pub(in crate::traditional) fn event(&mut self, worker: usize, event: &Event<'_>) {
        let timestamp = event.timestamp.or_else(|| event.test_id.and_then(|_| Timestamp::now()));
        let event = Event { timestamp, ..*event };
        self.failed |= event.status == Some(Status::Fail);
        if !self.numbered {
            return self.to.pass(&event);
        }
        for number in self.numbers.len()..=worker {
            self.numbers.push((RouteCodeBuf::new(number.to_string()), format!("worker-{number}")));
        }
        let Some((own_route, own_tag)) = self.numbers.get(worker) else { return };
        let below = event.route_code.map(|code| own_route.join(Some(code)));
        let route_code = Some(below.as_ref().unwrap_or(own_route).as_route());
        let mut tags = std::mem::take(&mut self.tags);
        match event.tags {
            Some(said) => tags.assign(said),
            None => tags.clear(),
        }
        tags.insert(own_tag);
        let said = event.test_id.map(|_| tags.as_tags()).or(event.tags);
        let event = Event { tags: said, route_code, ..event };
        self.to.pass(&event);
        self.tags = tags;
    }

    /// Takes text of a worker that is in no packet.
    pub(in crate::traditional) fn text(&mut self, worker: usize, bytes: &[u8]) {
        let file = Some(FileChunk { name: "stdout", bytes });
        self.event(worker, &Event { file, ..Event::default() });
    }

    /// The run is over.
    ///
    /// # Errors
    ///
    /// The first error of the recording.
    pub(in crate::traditional) fn finish(mut self) -> io::Result<()> {
        self.to.shown.finish();
        self.to.error.map_or(Ok(()), Err)?;
        self.to.kept.flush()
    }
}

/// The number of the worker at the start of a route, and the rest of it.
pub(super) fn split_worker(route: Option<RouteCode<'_>>) -> Option<(usize, Option<RouteCode<'_>>)> {
    let (first, rest) = route?.split_first();
    Some((first.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use subunit_core::{Item, items, testing::Recorded};

    use super::*;

    #[derive(Default)]
    struct Memory(Vec<u8>);

    impl Recording for Memory {
        fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.0.extend_from_slice(bytes);
            Ok(())
        }

        fn finish(self: Box<Self>) -> io::Result<Option<String>> {
            Ok(None)
        }
    }

    #[test]
    fn both_get_the_number_of_the_worker_and_a_time() {
        let (mut memory, mut shown) = (Memory::default(), Recorded::default());
        let tags = TagsBuf::from(["slow"]);
        let mut intake = Intake::new(&mut memory, &mut shown);
        intake.event(3, &Event::status("a", Status::Success).with_tags(&tags));
        intake.text(3, b"text\n");
        intake.finish().unwrap();
        let stored: Vec<_> = items(&memory.0)
            .map(|item| match item {
                Item::Packet(packet) => packet.event().to_buf(),
                other => panic!("{other:?}"),
            })
            .collect();
        let [test, text] = stored.as_slice() else { panic!("{stored:?}") };
        assert_eq!(test.tags, Some(TagsBuf::from(["slow", "worker-3"])));
        assert_eq!(test.route_code, Some(RouteCodeBuf::new("3")));
        assert!(test.timestamp.is_some());
        assert_eq!((text.timestamp, text.tags.clone()), (None, None));
    }

    #[test]
    fn without_numbers_events_stay_as_they_are() {
        let (mut memory, mut shown) = (Memory::default(), Recorded::default());
        let event = Event { timestamp: Some(Timestamp::new(5, 0)), ..Event::default() };
        let mut intake = Intake::new(&mut memory, &mut shown);
        intake.omit_numbers();
        intake.event(0, &event);
        intake.finish().unwrap();
        let mut expected = Vec::new();
        event.encode(&mut expected).unwrap();
        assert_eq!(memory.0, expected);
    }
}
