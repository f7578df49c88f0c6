//! What options say goes over all that a configuration says.

use std::time::Duration;

use super::args::Run;
use crate::config::{Concurrency, Limit, Origin, Override, Suite};

/// Puts the options of a run over its suite.
pub(super) fn put_over(suite: &mut Suite, run: &Run) {
    let limit = |time: Option<Duration>| time.map(Limit::After);
    let mut over = Over { suite };
    over.put(
        "test_timeout",
        limit(run.test_timeout),
        |suite| &mut suite.test_timeout,
        |one| {
            one.test_timeout = None;
        },
    );
    let no_output = limit(run.no_output_timeout);
    over.put(
        "no_output_timeout",
        no_output,
        |suite| &mut suite.no_output_timeout,
        |one| {
            one.no_output_timeout = None;
        },
    );
    over.put(
        "max_duration",
        limit(run.max_duration),
        |suite| &mut suite.max_duration,
        |one| {
            one.max_duration = None;
        },
    );
    over.put("retries", run.retries, |suite| &mut suite.retries, |one| one.retries = None);
    over.put("test_order", run.order, |suite| &mut suite.order, |one| one.test_order = None);
    if let Some(jobs) = run.jobs {
        suite.concurrency = Some(Concurrency::Workers(jobs));
        for key in ["concurrency", "test_run_concurrency"] {
            suite.origins.insert(key.to_owned(), Origin::option("--jobs"));
        }
    }
}

struct Over<'a> {
    suite: &'a mut Suite,
}

impl Over<'_> {
    /// Sets a value if its option is given, and takes it away from what is different for some tests.
    fn put<T>(
        &mut self,
        key: &str,
        value: Option<T>,
        place: impl Fn(&mut Suite) -> &mut T,
        clear: impl Fn(&mut Override),
    ) {
        let Some(value) = value else { return };
        *place(self.suite) = value;
        let option = match key {
            "test_order" => "--order".to_owned(),
            key => format!("--{}", key.replace('_', "-")),
        };
        self.suite.origins.insert(key.to_owned(), Origin::option(&option));
        for one in &mut self.suite.overrides {
            clear(one);
            one.origins.remove(key);
        }
    }
}
