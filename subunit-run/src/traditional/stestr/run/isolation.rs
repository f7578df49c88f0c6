//! `stestr run --analyze-isolation`: tests that fail only after another test, and after which.

use std::io;

use super::Run;
use crate::{
    memory::{Memory, RepositoryError},
    traditional::{
        failure::Failure,
        show::table::write_table,
        stestr::style::Look,
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
            let ids = self.ids(Some(vec![id.clone()]))?;
            let left_out = ids.as_ref().is_some_and(Vec::is_empty);
            if !left_out && self.repeat(ids.as_deref(), self.look)?.passed {
                spurious.push(id);
            }
        }
        spurious.sort();
        let mut rows = Vec::new();
        for id in spurious {
            let candidates = order.before(id);
            let cause = cause_of(&candidates, |before| {
                let ids: Vec<_> = before.iter().chain([id]).cloned().collect();
                self.once(Some(&ids), Look::Text)?;
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
}
