//! How a run gets another stream that says the same of its tests.

use super::{
    Index, RunFacts,
    insert::{count, insert_failures},
    settle::Settled,
};
use crate::{
    Error,
    contents::RunContents,
    sql::{SqlResult, Transaction, params},
};

impl Index {
    /// The stream of a run is another one from now on, thinner than the one before.
    pub(crate) fn replace_stream(
        &mut self,
        run: i64,
        facts: &RunFacts,
        contents: RunContents,
    ) -> Result<(), Error> {
        let error = self.error();
        let transaction = self.begin()?;
        replace(&transaction, run, facts, contents).map_err(&error)?;
        transaction.commit().map_err(&error)
    }
}

fn replace(
    transaction: &Transaction<'_>,
    run: i64,
    facts: &RunFacts,
    mut contents: RunContents,
) -> SqlResult<()> {
    let settled = Settled::of(&mut contents, &[]);
    let update = "UPDATE run SET kept = 1, text_bytes = ?, events = ?, raw_bytes = ?, stored_bytes = ?, crc32 = ? \
                  WHERE id = ?";
    transaction.execute(
        update,
        params![
            count(contents.counts.text_bytes),
            count(contents.counts.events),
            count(facts.end.length),
            count(facts.stored),
            facts.end.crc32,
            run,
        ],
    )?;
    // Where they are in the stream is another place now.
    transaction.execute("DELETE FROM failure WHERE run = ?", [run])?;
    insert_failures(transaction, run, &contents, &settled.results, &[])
}
