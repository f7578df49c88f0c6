//! Failures that are in the report, and that a later attempt may take back.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use subunit_core::{
    RouteCodeBuf, Status, conventions,
    run::{Held, Identities},
    sink::TestRecord,
};

use super::suites::Place;

/// So much is kept of them with their files.
const ROOM: usize = 16 << 20;

/// Failures without an attempt's number, by identity. An attempt that says that it follows one takes its place.
#[derive(Debug)]
pub(super) struct Recorded {
    failures: HashMap<u64, (Place, TestRecord)>,
    identities: Identities,
    hasher: RandomState,
    room: usize,
}

impl Default for Recorded {
    fn default() -> Self {
        let (failures, identities) = (HashMap::new(), Identities::default());
        Self { failures, identities, hasher: RandomState::new(), room: ROOM }
    }
}

impl Recorded {
    /// Whether a later attempt may take this result back.
    pub(super) fn may_be_taken_back(record: &TestRecord) -> bool {
        record.runnable
            && record.status == Some(Status::Fail)
            && conventions::attempt(record.tags.as_tags()).is_none()
    }

    /// Keeps such a failure, and where it is in the report; without its files where there is no room for them.
    pub(super) fn keep(&mut self, record: &TestRecord, place: Place) {
        let size = record.size();
        let has_room = size <= self.room;
        let kept = TestRecord {
            test_id: record.test_id.clone(),
            route_code: record.route_code.clone(),
            status: record.status,
            tags: record.tags.clone(),
            runnable: record.runnable,
            start: record.start,
            stop: record.stop,
            attachments: if has_room { record.attachments.clone() } else { Vec::new() },
            omitted: record.omitted,
        };
        self.room -= if has_room { size } else { 0 };
        let identity = self.identity(record);
        self.failures.insert(identity, (place, kept));
    }

    /// The failure that an attempt at this test takes back.
    pub(super) fn take(&mut self, record: &TestRecord) -> Option<(Place, TestRecord)> {
        let identity = self.identity(record);
        let taken = self.failures.remove(&identity)?;
        Some(taken)
    }

    fn identity(&mut self, record: &TestRecord) -> u64 {
        let names = self.identities.of(record.route_code.as_ref().map(RouteCodeBuf::as_route));
        self.hasher.hash_one((names, &record.test_id))
    }
}
