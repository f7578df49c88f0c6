//! Failures that are in the report, and that a later attempt may take back.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use subunit_core::{
    RouteCodeBuf, Status, conventions,
    run::{Held, Identities},
    sink::{Attachment, TestRecord},
};

use super::suites::WrittenCase;

/// So much is kept of them.
const ROOM: usize = 16 << 20;

/// Failures without an attempt's number, by identity. An attempt that says that it follows one takes its place.
///
/// Memory: 32 bytes for each failure, and [`ROOM`].
#[derive(Debug)]
pub(super) struct RecordedCases {
    failures: HashMap<u64, (WrittenCase, Option<Box<TestRecord>>)>,
    identities: Identities,
    hasher: RandomState,
    room: usize,
}

impl Default for RecordedCases {
    fn default() -> Self {
        let (failures, identities) = (HashMap::new(), Identities::default());
        Self { failures, identities, hasher: RandomState::new(), room: ROOM }
    }
}

impl RecordedCases {
    /// Whether a later attempt may take this result back.
    pub(super) fn may_be_taken_back(record: &TestRecord) -> bool {
        record.runnable
            && record.status == Some(Status::Fail)
            && conventions::attempt(record.tags.as_tags()).is_none()
    }

    /// Keeps where such a failure is in the report, and the failure where there is room for it.
    pub(super) fn keep(&mut self, record: &TestRecord, place: WrittenCase) {
        let size = record.size();
        let kept = (size <= self.room).then(|| Box::new(record.clone()));
        self.room -= if kept.is_some() { size } else { 0 };
        let identity = self.identity(record);
        self.failures.insert(identity, (place, kept));
    }

    /// The failure that an attempt at this test takes back, and where it is.
    pub(super) fn take(&mut self, record: &TestRecord) -> Option<(WrittenCase, TestRecord)> {
        let identity = self.identity(record);
        let (place, kept) = self.failures.remove(&identity)?;
        Some((place, kept.map_or_else(|| unknown(record), |kept| *kept)))
    }

    fn identity(&mut self, record: &TestRecord) -> u64 {
        let names = self.identities.of(record.route_code.as_ref().map(RouteCodeBuf::as_route));
        self.hasher.hash_one((names, &record.test_id))
    }
}

/// The failure at this test of which nothing was kept.
fn unknown(record: &TestRecord) -> TestRecord {
    let reason = Attachment {
        name: conventions::REASON.to_owned(),
        bytes: b"what the attempt said was not kept".to_vec(),
        eof: true,
        ..Attachment::default()
    };
    TestRecord {
        test_id: record.test_id.clone(),
        status: Some(Status::Fail),
        attachments: vec![reason],
        runnable: true,
        ..TestRecord::default()
    }
}
