//! `/feed.atom`: the tests that are broken, those that broke last first, for readers of feeds.

use std::fmt::Write as _;

use subunit_history::{
    History,
    query::{BrokenTest, RunRow},
    site::Text,
};
use subunit_run::json::time;

use super::{api_error::Unanswered, asked::ApiQuestion, list, runs::series, tests::key};

/// How many tests a feed names.
const MOST: usize = 100;

/// A test that broke, with the run in which it did.
type Breakage = (RunRow, BrokenTest);

pub(super) fn feed(asked: &ApiQuestion, history: &History) -> Result<String, Unanswered> {
    let all = match series(asked, history)? {
        Some(series) => vec![series.to_owned()],
        None => history.series_names()?,
    };
    let mut broken: Vec<Breakage> = Vec::new();
    for series in &all {
        let found = history.broken(Some(series))?.into_iter();
        broken.extend(found.filter_map(|one| Some((one.first_bad.clone()?, one))));
    }
    broken.sort_by_key(|(run, _)| std::cmp::Reverse(run.started));
    broken.truncate(MOST);
    // A feed without entries has the time of the last run.
    let last = history.last(None)?.map_or(0, |run| run.started);
    let updated = broken.first().map_or(last, |(run, _)| run.started);
    Ok(document(&asked.host, updated, &broken))
}

/// Links are relative to the feed: only its reader knows by which scheme and name it is reached.
fn document(host: &str, updated: i64, broken: &[Breakage]) -> String {
    let (host, updated) = (Text(host), time(updated));
    let mut feed = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         <id>http://{host}/feed.atom</id>\n<title>Broken tests</title>\n<updated>{updated}</updated>\n\
         <author><name>subunit</name></author>\n<link rel=\"self\" href=\"feed.atom\"/>\n"
    );
    for (run, one) in broken {
        // A string takes all that is written to it.
        let _ = entry(&mut feed, run, one);
    }
    feed + "</feed>\n"
}

fn entry(feed: &mut String, run: &RunRow, one: &BrokenTest) -> std::fmt::Result {
    let (id, uuid, started) = (run.id, Text(&run.uuid), time(run.started));
    let (test, series, name) = (Text(&one.test.id), Text(&run.series), list::name(&key(&one.test)));
    let since = match &one.last_good {
        Some(good) => format!("The last good run is @{}.", good.id),
        None => "No run before has a good result.".to_owned(),
    };
    writeln!(
        feed,
        "<entry><id>urn:uuid:{uuid}#{name}</id><title>{test} is broken since @{id} of {series}</title>\
         <updated>{started}</updated><link href=\"run/{uuid}\"/><summary>{since}</summary></entry>"
    )
}
