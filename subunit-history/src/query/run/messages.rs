//! Which messages of failures have a text in them?

use super::RunRow;
use crate::{
    Error,
    query::{History, TestIdentity, TestNames},
    sql::SqlResult,
};

/// A message that was found.
#[derive(Clone, Debug)]
pub struct FoundMessage {
    /// The message, without what differs from run to run.
    pub message: String,
    /// The last run that had it.
    pub run: RunRow,
    /// A test that had it there.
    pub test: TestIdentity,
}

impl History {
    /// Messages of failures that have this text in them, those of the last runs first, at most `most`. Looks at each message
    /// once, and at the failures of the runs back to those that have them.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn messages(&self, text: &str, most: usize) -> Result<Vec<FoundMessage>, Error> {
        let mut messages = Vec::new();
        for (message, run, test) in self.find_messages(text, most).map_err(self.index.error())? {
            if let Some(run) = self.run(run)? {
                messages.push(FoundMessage { message, run, test });
            }
        }
        Ok(messages)
    }

    fn find_messages(
        &self,
        text: &str,
        most: usize,
    ) -> SqlResult<Vec<(String, i64, TestIdentity)>> {
        let connection = self.index.connection();
        // The greatest number of a run brings its test along, the first one.
        let last = "max(CAST(f.run AS BIGINT) << 31 | (2147483647 - f.test))";
        let read = format!(
            "SELECT p.text, {last} >> 31, 2147483647 - ({last} & 2147483647) \
             FROM failure f JOIN fingerprint p ON p.id = f.fingerprint \
             WHERE f.fingerprint IN (SELECT id FROM fingerprint WHERE instr(text, ?1) > 0) \
             GROUP BY p.text, f.fingerprint ORDER BY 2 DESC, 1 LIMIT ?2"
        );
        let mut read = connection.prepare(&read)?;
        let rows =
            read.query_map((text, most as i64), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let rows: Vec<(String, i64, u32)> = rows.collect::<SqlResult<_>>()?;
        let mut names = TestNames::of_all(connection, rows.iter().map(|(.., test)| *test))?;
        rows.into_iter().map(|(message, run, test)| Ok((message, run, names.of(test)?))).collect()
    }
}
