//! What is known of tests from earlier runs.

use std::{collections::HashMap, io, sync::Arc};

use subunit_core::{
    Event,
    sink::{Flow, Sink},
};

use crate::{config::Suite, memory::Memory, supervise::KnownTags};

/// In so many runs, the last ones, tags are looked for.
const RUNS: u64 = 20;

/// Whether tags decide anything in this suite.
pub(super) fn tags_count(suite: &Suite) -> bool {
    suite.overrides.iter().any(|one| one.tag.is_some())
}

/// The tags that tests had when they last ran.
pub(super) fn tags(memory: &dyn Memory) -> io::Result<KnownTags> {
    let mut tags = Tags::default();
    let runs = memory.count()?;
    for number in runs.saturating_sub(RUNS)..runs {
        if let Some(run) = memory.run(number)? {
            subunit_core::read(run, &mut tags)?;
        }
    }
    Ok(Arc::new(tags.0))
}

#[derive(Default)]
struct Tags(HashMap<String, Vec<String>>);

impl Sink for Tags {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let is_final = event.status.is_some_and(subunit_core::Status::is_final);
        if let Some(test_id) = event.test_id.filter(|_| is_final) {
            let tags = event.tags.into_iter().flatten().map(str::to_owned).collect();
            self.0.insert(test_id.to_owned(), tags);
        }
        Flow::Continue
    }
}
