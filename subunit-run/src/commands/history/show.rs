//! What is shown of one run.

use std::io::Write;

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};
use subunit_history::{
    History,
    query::{RunFailure, RunRow},
};

use super::{
    json::{self, JsonShownRun},
    place::error,
    staleness::{mark, marks, shown},
    table,
};
use crate::commands::pager::PagerArg;

/// How many bytes of streams are read at most for messages as they were said. The index has them without what differs from
/// run to run, such as numbers.
pub(super) const BYTES_READ: u64 = 32 << 20;

/// How a run is written.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct FormArgs {
    /// Write one JSON object
    ///
    /// docs/schemas/history.json describes the keys.
    #[arg(long)]
    json: bool,
    /// Write the stream, as it was received
    #[arg(long, conflicts_with = "json")]
    subunit: bool,
    #[command(flatten)]
    pub(super) pager: PagerArg,
}

/// Shows a run: what it is, what it came to, what failed. Its verdict is the exit status.
pub(super) fn show(
    history: &History,
    run: &RunRow,
    form: &FormArgs,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let exit = Exit::of(run.counts.verdict(), false);
    if form.subunit {
        refuse_terminal(console)?;
        let mut stream = history.stream(run).map_err(error)?;
        std::io::copy(&mut stream, &mut *console.stdout)?;
        return Ok(exit);
    }
    let failures = history.failures(run).map_err(error)?;
    let stale = match failures.is_empty() {
        true => Vec::new(),
        false => marks(history, Some(&run.series), console)?,
    };
    let stale = |failure: &RunFailure| mark(&stale, &failure.test, run.id);
    if form.json {
        json::write(&JsonShownRun::of(run, &failures, stale), console)?;
        return Ok(exit);
    }
    let look = console.stdout_look;
    let said = |text: &str| subunit_filters::style::escaped(look, text).to_string();
    let (verdict, started) = (run.word(), table::time(run.started));
    writeln!(console.stdout, "@{} {}: {verdict}, {started}", run.id, said(&run.series))?;
    let tests: Vec<_> = failures.iter().map(|failure| &failure.test).collect();
    let messages = history.said(run, &tests, &mut { BYTES_READ }).map_err(error)?;
    for (failure, message) in failures.iter().zip(messages) {
        let (word, test) = (failure.outcome.word(), table::test(look, &failure.test));
        writeln!(console.stdout, "{word}  {test}")?;
        let message = message.as_ref().unwrap_or(&failure.message);
        if !message.is_empty() {
            writeln!(console.stdout, "      {}", said(message))?;
        }
        if let Some(why) = stale(failure) {
            writeln!(console.stdout, "      stale: {}", shown(look, &why))?;
        }
    }
    writeln!(console.stdout, "{}", table::summary(run))?;
    Ok(exit)
}

/// A stream is not written to a terminal.
pub(super) fn refuse_terminal(console: &Console<'_>) -> Result<(), Error> {
    if console.stdout_look.terminal {
        let message =
            "a stream is not for a terminal: write it to a file, or pipe it into `subunit watch`";
        return Err(Error::Usage(message.into()));
    }
    Ok(())
}
