//! Failed attempts that wait for another one.

use std::collections::BTreeMap;

use subunit_core::{
    RouteCode, RouteCodeBuf,
    sink::{TestMap, TestRecord},
};

/// Failed attempts at tests, the first to fail first.
#[derive(Default)]
pub(super) struct Waiting {
    attempts: BTreeMap<u64, Vec<TestRecord>>,
    /// Where the attempts at a test are.
    by_test: TestMap<u64>,
    /// How many tests ever waited.
    count: u64,
    bytes: usize,
}

impl Waiting {
    pub(super) fn add(&mut self, record: TestRecord) {
        self.bytes += size(&record);
        let (route_code, test_id) = name(&record);
        let at = *self.by_test.find_or_insert_with(route_code, test_id, || self.count);
        self.count = self.count.max(at + 1);
        self.attempts.entry(at).or_default().push(record);
    }

    /// The attempts at the same test as `record`.
    pub(super) fn remove(&mut self, record: &TestRecord) -> Vec<TestRecord> {
        if self.by_test.is_empty() {
            return Vec::new();
        }
        let (route_code, test_id) = name(record);
        let at = self.by_test.remove(route_code, test_id);
        self.take(at)
    }

    /// The first, if there are more than so many tests or bytes.
    pub(super) fn pop_beyond(&mut self, tests: usize, bytes: usize) -> Option<Vec<TestRecord>> {
        if self.attempts.len() <= tests && (bytes == 0 || self.bytes <= bytes) {
            return None;
        }
        let (at, attempts) = self.attempts.first_key_value()?;
        let at = *at;
        if let Some(first) = attempts.first() {
            let (route_code, test_id) = name(first);
            self.by_test.remove(route_code, test_id);
        }
        Some(self.take(Some(at)))
    }

    fn take(&mut self, at: Option<u64>) -> Vec<TestRecord> {
        let attempts = at.and_then(|at| self.attempts.remove(&at)).unwrap_or_default();
        self.bytes -= attempts.iter().map(size).sum::<usize>();
        attempts
    }
}

fn name(record: &TestRecord) -> (Option<RouteCode<'_>>, &str) {
    (record.route_code.as_ref().map(RouteCodeBuf::as_route), &record.test_id)
}

fn size(record: &TestRecord) -> usize {
    let files = record.attachments.iter().map(|file| file.bytes.len() + 256);
    record.test_id.len() + 512 + files.sum::<usize>()
}
