//! `testr run --analyze-isolation`: tests that fail only after another test, and after which.

use std::io;

use super::{Run, filters_of};
use crate::{
    memory::{Memory, RepositoryError},
    traditional::{
        failure::Failure,
        show::table::write_table,
        work::isolation::{Order, cause_of},
    },
};

/// The exit status if a cause was looked for.
const FOUND: u8 = 3;

impl Run<'_> {
    /// Runs each failing test by itself. Of those that pass, runs them after halves of the tests that ran
    /// before them.
    pub(super) fn analyze(&mut self, failing: &[String]) -> Result<u8, Failure> {
        let last = self.repository.last()?.ok_or(RepositoryError::NoTests)?;
        let order = Order::of(last)?;
        let mut spurious = Vec::new();
        for id in failing {
            let ids = self.ids(Some(vec![id.clone()]), filters_of(self.call)?)?;
            let passed = self.repeat(ids.as_deref())?.passed;
            // A test that was left out did not pass.
            if passed && self.ran(id)? {
                spurious.push(id);
            }
        }
        let mut rows = Vec::new();
        for id in spurious {
            let candidates = order.before(id);
            let cause = cause_of(&candidates, |before| {
                let ids: Vec<_> = before.iter().chain([id]).cloned().collect();
                self.repeat(Some(&ids))?;
                Ok::<_, Failure>(self.repository.failing()?.contains(id))
            })?;
            rows.push([id.clone(), cause.unwrap_or_else(|| "unknown - no conflicts".into())]);
        }
        if rows.is_empty() {
            return Ok(0);
        }
        write_table(["failing test", "caused by test"], &rows, &mut io::stdout())?;
        Ok(FOUND)
    }

    /// Whether a test was part of the last run.
    fn ran(&self, id: &str) -> Result<bool, Failure> {
        let last = self.repository.last()?;
        Ok(last.map(Order::of).transpose()?.is_some_and(|order| order.has(id)))
    }
}
