//! What does the stream of a run say of one test: its attempts and all of their files?

use std::mem;

use subunit_core::{
    Event,
    run::{Identities, Results, cause},
    sink::{Attachment, Flow, Sink, TestRecord},
};

use super::RunRow;
use crate::{
    Error,
    query::{History, TestIdentity},
};

/// How many bytes of the files of a test are read.
const MOST: usize = 16 << 20;

/// A test in a run, as the stream of the run has it.
#[derive(Clone, Debug)]
pub struct RecordedResult {
    /// The attempts, the last one last. Its status is the result.
    pub attempts: Vec<TestRecord>,
}

impl RecordedResult {
    /// The attempt that is the result.
    pub fn last(&self) -> Option<&TestRecord> {
        self.attempts.last()
    }

    /// All files of these results that are not empty, in the order in which a page shows them: the last attempt of a result
    /// first, and in it what says why it failed.
    pub fn files(results: &[Self]) -> impl Iterator<Item = &Attachment> {
        let attempts = results.iter().flat_map(|result| result.attempts.iter().rev());
        attempts.flat_map(cause::files)
    }
}

impl History {
    /// The results of a test in a run, with all of their files: more than one if the test ran several times that are not
    /// attempts at one result. Reads the whole stream. Memory: 16 MiB for the files of the test.
    ///
    /// # Errors
    ///
    /// If the file of the run cannot be read.
    pub fn recorded(
        &self,
        run: &RunRow,
        test: &TestIdentity,
    ) -> Result<Vec<RecordedResult>, Error> {
        let mut search = Search {
            test,
            identities: Identities::default(),
            results: Results::with_limit(MOST),
            found: Vec::new(),
        };
        let stream = self.stream(run)?;
        subunit_core::read(stream, &mut search).map_err(Error::Stream)?;
        for result in search.results.finish() {
            let attempts = result.earlier.into_iter().chain([result.last]).collect();
            search.found.push(RecordedResult { attempts });
        }
        Ok(search.found)
    }
}

/// Puts together what is said of one test, and passes all else over.
struct Search<'t> {
    test: &'t TestIdentity,
    identities: Identities,
    results: Results,
    found: Vec<RecordedResult>,
}

impl Sink for Search<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let scope = self.identities.of(event.route_code).map(|route| route.as_str());
        let is_meant = event.test_id == Some(self.test.id.as_str())
            && scope.unwrap_or_default() == self.test.scope;
        if is_meant && let Some(mut result) = self.results.note(event) {
            let mut attempts = mem::take(&mut result.earlier);
            attempts.push(mem::take(result.last));
            if result.takes_back {
                // A failure before it was no result of its own.
                let before = self.found.pop().map(|known| known.attempts).unwrap_or_default();
                attempts.splice(0..0, before);
            }
            self.found.push(RecordedResult { attempts });
        }
        Flow::Continue
    }
}
