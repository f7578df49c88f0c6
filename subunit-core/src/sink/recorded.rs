//! For tests: what was pushed into a sink. Only with the feature `testing`.

use crate::{
    Damage, Event, EventBuf, Status,
    conventions::attempt,
    sink::{Counts, Flow, Sink, Summary, Verdict},
};

/// Remembers all that it is given. An event that has no place on the wire is a panic.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// All events, in their order.
    pub events: Vec<EventBuf>,
    /// All text, joined.
    pub text: Vec<u8>,
    /// The bytes of each place of damage.
    pub damage: Vec<Vec<u8>>,
    /// Whether the stream has ended.
    pub is_finished: bool,
    summary: Summary,
}

impl Sink for Recorded {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        event.encode(&mut Vec::new()).expect("an event that fits the wire");
        self.events.push(event.to_buf());
        self.summary.event(event)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.text.extend_from_slice(bytes);
        self.summary.text(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.damage.push(damage.bytes.to_vec());
        self.summary.damage(damage)
    }

    fn finish(&mut self) {
        self.is_finished = true;
    }
}

impl Recorded {
    /// What a summary counts.
    pub fn counts(&self) -> Counts {
        self.summary.counts()
    }

    /// What it comes to.
    pub fn verdict(&self) -> Verdict {
        self.counts().verdict()
    }

    /// `(success, fail, skip, xfail, uxsuccess)`; nothing may be left open.
    pub fn finals(&self) -> (u64, u64, u64, u64, u64) {
        let counts = self.counts();
        assert_eq!(counts.unfinished, 0, "open: {:?}", self.summary.open());
        (counts.success, counts.fail, counts.skip, counts.xfail, counts.uxsuccess)
    }

    /// The events that end a test, with their final statuses.
    fn ended(&self) -> impl Iterator<Item = (&EventBuf, Status)> {
        let end = |event: &EventBuf| event.status.filter(|status| status.is_final());
        self.events.iter().filter_map(move |event| Some((event, end(event)?)))
    }

    /// Ids and final statuses, in their order.
    pub fn results(&self) -> Vec<(&str, Status)> {
        let id = |event: &'_ EventBuf| event.test_id.is_some();
        let of_tests = self.ended().filter(|(event, _)| id(event));
        of_tests.map(|(event, status)| (name(event), status)).collect()
    }

    /// The final statuses of a test, in their order.
    pub fn ends(&self, id: &str) -> Vec<Status> {
        let of_test = self.results().into_iter().filter(|(other, _)| *other == id);
        of_test.map(|(_, status)| status).collect()
    }

    /// Ids and final statuses, and which attempts their tags say they are.
    pub fn attempts(&self) -> Vec<(&str, Status, Option<u32>)> {
        let number = |event: &EventBuf| attempt(event.tags.as_ref()?.as_tags());
        self.ended().map(|(event, status)| (name(event), status, number(event))).collect()
    }

    /// The tests whose final events have a tag.
    pub fn tagged(&self, tag: &str) -> Vec<&str> {
        let has =
            |event: &EventBuf| event.tags.as_ref().is_some_and(|tags| tags.as_tags().contains(tag));
        let tagged = self.ended().filter(|(event, _)| has(event));
        tagged.filter_map(|(event, _)| event.test_id.as_deref()).collect()
    }

    /// A file of a test, or of the run, all pieces joined; nothing where there is none.
    pub fn file(&self, id: Option<&str>, name: &str) -> String {
        let of_test = self.events.iter().filter(|event| event.test_id.as_deref() == id);
        let files = of_test.filter_map(|event| event.file.as_ref());
        let pieces: Vec<&[u8]> =
            files.filter(|file| file.name == name).map(|file| &file.bytes[..]).collect();
        String::from_utf8_lossy(&pieces.concat()).into_owned()
    }

    /// All text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }
}

fn name(event: &EventBuf) -> &str {
    event.test_id.as_deref().unwrap_or_default()
}
