//! Which entries of a list are on a page, and where does the next one begin?
//!
//! A cursor names the last entry of the page before. So a page stays where it is when runs come in above it.

use axum::http::StatusCode;

use super::{
    api_error::ApiError,
    asked::ApiQuestion,
    parameters::{CURSOR, LIMIT},
};

/// More entries than any list has.
const ALL: usize = 1 << 30;

/// The entries of a page.
pub(super) struct ListPage<T> {
    pub(super) entries: Vec<T>,
    /// The cursor of the next page, if there is more.
    pub(super) next: Option<String>,
}

impl<T> ListPage<T> {
    /// The page that is asked for. `key` tells an entry from all others.
    pub(super) fn of(
        asked: &ApiQuestion,
        mut all: Vec<T>,
        key: impl Fn(&T) -> String,
    ) -> Result<Self, ApiError> {
        if let Some(cursor) = asked.text(&CURSOR) {
            let Some(last) = all.iter().position(|entry| cursor == name(&key(entry))) else {
                let message = "the entry after which this page begins is not in the list any more";
                let gone = ApiError::new(StatusCode::GONE, "cursor_gone", message);
                return Err(gone.with_hint("ask for the first page, without a cursor"));
            };
            all.drain(..=last);
        }
        let limit = asked.count(&LIMIT);
        let has_more = all.len() > limit;
        all.truncate(limit);
        let next = all.last().filter(|_| has_more).map(|entry| name(&key(entry)));
        Ok(Self { entries: all, next })
    }
}

/// How many entries have to be found, of a list whose end costs something.
pub(super) fn wanted(asked: &ApiQuestion) -> usize {
    if asked.text(&CURSOR).is_some() { ALL } else { asked.count(&LIMIT) + 1 }
}

/// The name of an entry in a cursor: 64 bits of FNV-1a.
pub(super) fn name(key: &str) -> String {
    let sum = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{sum:016x}")
}
