//! `stestr history`: the runs of the repository.

use std::io::{self, Read, Write};

use subunit_core::{
    Event, Status, Timestamp,
    sink::{Flow, Records, Sink, TestRecord},
};

use super::{
    call::{StestrCall, number_of},
    exit::FAILED,
    settings::UserSettings,
};
use crate::{
    memory::{Repository, RepositoryError},
    traditional::{
        error::VerbError,
        exit::VerbEnd,
        show::{
            facts::duration_text,
            listing::{Cell, FORMATS, List},
            tally::RunTally,
            view::{RunLook, RunView},
        },
        work::record::tally_of,
    },
};

/// `stestr history list`.
pub(super) fn list(call: &StestrCall) -> VerbEnd {
    let settings = UserSettings::new(call, "history-list")?;
    let with_notes = settings.has("show-metadata");
    let Some(repository) = opened(call)? else { return Ok(FAILED) };
    let mut columns = vec!["Run ID", "Passed", "Runtime", "Date"];
    columns.extend(with_notes.then_some("Metadata"));
    let mut rows = Vec::new();
    for number in repository.numbers()? {
        let mut row = RunDetails::of(repository.stored(number)?)?.row(number);
        if with_notes {
            row.push(Cell::Text(repository.note(number).unwrap_or_else(|| "None".into())));
        }
        rows.push(row);
    }
    let list = List { columns, rows };
    let list = list.select(&call.given.all("column")).map_err(VerbError::new)?;
    let wanted = call.given.text("format").unwrap_or("table");
    let format = FORMATS.iter().find(|(name, _)| *name == wanted);
    format.map_or(Ok(()), |(_, write)| write(&list, &mut io::stdout()))?;
    Ok(0)
}

/// `stestr history show`.
pub(super) fn show_one(call: &StestrCall) -> VerbEnd {
    show_run(call, "history-show", call.given.arguments.first().map(String::as_str))
}

/// `stestr history remove`. As in stestr, a run that is not there is no failure.
pub(super) fn remove(call: &StestrCall) -> VerbEnd {
    let Some(repository) = opened(call)? else { return Ok(0) };
    let Some(wanted) = call.given.arguments.first() else { return Ok(0) };
    if wanted == "all" {
        for number in repository.numbers()? {
            repository.remove(number)?;
        }
        return Ok(0);
    }
    match number_of(wanted).and_then(|number| Ok(repository.remove(number)?)) {
        Ok(()) => {}
        Err(_) => writeln!(io::stdout(), "'No run {wanted} in repository'")?,
    }
    Ok(0)
}

/// Shows the run of this number, or the last one.
pub(super) fn show_run(call: &StestrCall, section: &'static str, wanted: Option<&str>) -> VerbEnd {
    let look = UserSettings::new(call, section)?.look()?;
    let Some(repository) = opened(call)? else { return Ok(FAILED) };
    let number = match wanted {
        Some(wanted) => number_of(wanted),
        None => repository.latest().map_err(VerbError::from),
    };
    let run = number.and_then(|number| Ok((number, repository.stored(number)?)));
    let (number, run) = match run {
        Ok(found) => found,
        Err(failure) => {
            writeln!(io::stdout(), "{}", failure.message)?;
            return Ok(FAILED);
        }
    };
    let before = || {
        let before = number.checked_sub(1).and_then(|before| repository.stored(before).ok());
        before.map(tally_of).transpose()
    };
    show(run, &number.to_string(), before, &look)
}

/// Shows a stored run. `before` is the run to compare it with.
pub(super) fn show(
    mut run: impl Read,
    number: &str,
    before: impl FnOnce() -> io::Result<Option<RunTally>>,
    look: &RunLook,
) -> VerbEnd {
    if let RunLook::Stream = look {
        io::copy(&mut run, &mut io::stdout())?;
        return Ok(0);
    }
    let mut view = RunView::new(look, true, io::stdout());
    subunit_core::read(run, &mut view)?;
    let passed = view.conclude(true, before()?.as_ref(), number)?;
    Ok(if passed { 0 } else { FAILED })
}

/// The repository. If there is none, standard output says so.
fn opened(call: &StestrCall) -> Result<Option<Repository>, VerbError> {
    match call.open() {
        Err(error @ RepositoryError::Missing { .. }) => {
            writeln!(io::stdout(), "{error}")?;
            Ok(None)
        }
        opened => Ok(Some(opened?)),
    }
}

/// What the list says of a run.
#[derive(Debug, Default)]
struct RunDetails {
    records: Records,
    failed: bool,
    start: Option<Timestamp>,
    stop: Option<Timestamp>,
}

impl RunDetails {
    fn of(run: impl Read) -> io::Result<Self> {
        let mut details = Self::default();
        subunit_core::read(run, &mut details)?;
        Ok(details)
    }

    fn note(&mut self, record: &TestRecord) {
        let bad = matches!(record.status, Some(Status::Fail | Status::UnexpectedSuccess));
        self.failed |= bad || !record.is_complete();
        self.start = self.start.into_iter().chain(record.start).min();
        self.stop = self.stop.into_iter().chain(record.stop).max();
    }

    fn row(&self, number: u64) -> Vec<Cell> {
        let none = || Cell::Text("---".into());
        let number = Cell::Text(number.to_string());
        let Some((start, stop)) = self.start.zip(self.stop) else {
            return vec![number, none(), none(), none()];
        };
        let runtime = Cell::Text(duration_text(start, stop));
        vec![number, Cell::Truth(!self.failed), runtime, Cell::Text(date(start))]
    }
}

impl Sink for RunDetails {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(record) = self.records.note(event) {
            self.note(&record);
        }
        Flow::Continue
    }

    fn finish(&mut self) {
        for record in self.records.take_open() {
            self.note(&record);
        }
    }
}

/// As Python shows a time in UTC: with microseconds only if there are any.
fn date(time: Timestamp) -> String {
    let text = time.to_rfc3339().replace('T', " ");
    let second = text.split('.').next().unwrap_or_default();
    let micros = time.nanoseconds() / 1000;
    if micros == 0 { format!("{second}+00:00") } else { format!("{second}.{micros:06}+00:00") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(statuses: &[(Status, u32)]) -> Vec<String> {
        let mut details = RunDetails::default();
        for (status, seconds) in statuses {
            let timestamp = Some(Timestamp::new(*seconds, 0));
            let _ = details.event(&Event { timestamp, ..Event::status("a", *status) });
        }
        details.finish();
        details.row(3).iter().map(Cell::to_string).collect()
    }

    #[test]
    fn a_run_has_a_verdict_a_length_and_a_date() {
        let start = (Status::InProgress, 1_767_225_600);
        let date = "2026-01-01 00:00:00+00:00";
        let passed = row(&[start, (Status::Success, 1_767_225_602)]);
        assert_eq!(passed, ["3", "True", "2.000000s", date]);
        for status in [Status::Fail, Status::UnexpectedSuccess] {
            assert_eq!(row(&[start, (status, 1_767_225_602)])[1], "False");
        }
        let torn = row(&[start, (Status::Success, 1_767_225_602), start]);
        assert_eq!(torn[1], "False");
        assert_eq!(row(&[]), ["3", "---", "---", "---"]);
    }

    #[test]
    fn dates_have_microseconds_if_there_are_any() {
        assert_eq!(date(Timestamp::new(1_767_225_600, 999)), "2026-01-01 00:00:00+00:00");
        assert_eq!(date(Timestamp::new(1_767_225_600, 5_000)), "2026-01-01 00:00:00.000005+00:00");
    }
}
