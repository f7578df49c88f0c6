//! A test that has not ended, and what it is found by.

use std::time::Duration;

use subunit_core::{Event, RouteCode, Tags, TagsBuf, Timestamp, conventions};

use super::super::{detail::Details, ended::Name};

/// A test that has not ended.
#[derive(Clone, Debug)]
pub(super) struct Unended {
    pub(super) name: Name,
    pub(super) worker: Option<String>,
    pub(super) ordinal: u64,
    /// When it was heard of first, or in progress.
    pub(super) since: Duration,
    pub(super) started: bool,
    pub(super) start: Option<Timestamp>,
    pub(super) details: Details,
    pub(super) attempt: Option<u32>,
    /// Those of its tags that say where it stands.
    pub(super) place: TagsBuf,
    pub(super) runnable: bool,
}

impl Unended {
    pub(super) fn take(&mut self, event: &Event<'_>, room: &mut usize) {
        if let Some(file) = event.file {
            self.details.take(file, event, room);
        }
        self.runnable = event.runnable;
        if let Some(tags) = event.tags {
            self.attempt = conventions::attempt(tags);
            self.place = of_place(tags);
        }
        let mut tags = event.tags.into_iter().flatten();
        if let Some(worker) = tags.find(|tag| tag.starts_with("worker")) {
            self.worker = Some(worker.to_owned());
        }
    }
}

/// Those tags that say where a test stands.
pub(super) fn of_place(tags: Tags<'_>) -> TagsBuf {
    tags.iter().filter(|tag| tag.starts_with("file:") || tag.starts_with("line:")).collect()
}

/// Route code and id with a NUL between them, which neither can hold; another NUL instead of a
/// part that is absent.
pub(super) fn write_key(
    key: &mut String,
    route_code: Option<RouteCode<'_>>,
    test_id: Option<&str>,
) {
    key.clear();
    key.push_str(route_code.map_or("\0", RouteCode::as_str));
    key.push('\0');
    key.push_str(test_id.unwrap_or("\0"));
}
