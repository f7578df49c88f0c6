//! Runs that are sent, and what the history has of them.

use std::{io::Read as _, path::Path};

use serde_json::Value;
use subunit_core::Status::{Fail, Success};
use subunit_history::History;

use super::{Answer, Served, Told, add_run, place::Place};

/// What is sent.
pub(crate) const TESTS: [Told<'static>; 3] =
    [("a", Success, ""), ("b", Fail, "b broke"), ("c", Success, "")];
/// The name of the run that is sent.
pub(crate) const ONE: &str = "0f0f0f0f-0000-4000-8000-00000000000a";

/// A history with a run, so that there is something to serve.
pub(crate) fn place() -> Place {
    let place = Place::new();
    add_run(place.path(), "main", 0, &[("a", Success, ""), ("b", Success, "")]);
    place
}

/// Where the stream of a run is sent.
pub(crate) fn path(uuid: &str) -> String {
    format!("/api/v1/runs/{uuid}/stream")
}

/// Sends a piece of a stream, which ends if it is the last one.
pub(crate) fn put(served: &Served, bytes: &[u8], range: &str) -> Answer {
    served.send("PUT", &path(ONE), &[("Content-Range", range)], bytes)
}

pub(crate) fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"))
}

/// The word of an error, and what the server says it has.
pub(crate) fn refused(answer: &Answer) -> (u16, String, Option<u64>) {
    let code = json(answer)["error"]["code"].as_str().unwrap().to_owned();
    (answer.status, code, offset(answer))
}

pub(crate) fn offset(answer: &Answer) -> Option<u64> {
    answer.header("upload-offset").map(|offset| offset.parse().unwrap())
}

/// The stream of a run that is kept.
pub(crate) fn stored(place: &Path, uuid: &str) -> Vec<u8> {
    let history = History::open(place).unwrap().unwrap();
    let run = history.run_named(uuid).unwrap().unwrap();
    let mut bytes = Vec::new();
    history.stream(&run).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// How many runs are kept.
pub(crate) fn runs(place: &Path) -> usize {
    History::open(place).unwrap().unwrap().runs(None).unwrap().len()
}
