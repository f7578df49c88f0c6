//! Which tests are known to fail, why, who looks after them, and until when?

use std::path::Path;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use subunit_core::{Event, FileChunk, Status};

use super::{Line, lines, read_text};
use crate::exit::Error;

/// A list of tests that are known to fail, as it holds today.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KnownFailureList {
    /// The entries that hold.
    pub holding: Vec<KnownFailure>,
    /// The entries whose last day is over: they excuse nothing, and are failures of their own.
    pub expired: Vec<KnownFailure>,
}

/// An entry of a list: `ID  # REASON owner=NAME until=2027-01-31`, all after the id as far as it is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KnownFailure {
    /// The test.
    pub id: String,
    /// The file and the line, counted from 1.
    pub place: String,
    /// Why it fails; empty if that is not said.
    pub reason: String,
    /// Who looks after it.
    pub owner: Option<String>,
    /// The last day, in UTC, on which its failure is known.
    pub until: Option<Date>,
}

impl KnownFailureList {
    /// Reads a list, and takes entries whose last day was before today (UTC) as expired.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not UTF-8, or has an `until` that is no day.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = read_text(path)?;
        Self::parse(
            &text,
            &path.display().to_string(),
            Timestamp::now().to_zoned(TimeZone::UTC).date(),
        )
    }

    fn parse(text: &str, name: &str, today: Date) -> Result<Self, Error> {
        let mut all = Self::default();
        for (line, nth) in text.lines().zip(1_u64..) {
            let Some(line) = lines(line).next() else { continue };
            let entry = entry(line, format!("{name}:{nth}"))?;
            let is_over = entry.until.is_some_and(|until| until < today);
            if is_over { &mut all.expired } else { &mut all.holding }.push(entry);
        }
        Ok(all)
    }

    /// The ids of the entries that hold.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.holding.iter().map(|entry| &*entry.id)
    }
}

impl KnownFailure {
    /// What a person is told of an entry whose last day is over.
    #[must_use]
    pub fn told(&self) -> String {
        let until = self.until.map_or_else(String::new, |until| until.to_string());
        let owner = self.owner.as_ref().map(|owner| format!(", owner {owner}"));
        let colon = if self.reason.is_empty() { "" } else { ": " };
        format!(
            "{}: {}: was a known failure until {until}{}{colon}{}",
            self.place,
            self.id,
            owner.unwrap_or_default(),
            self.reason
        )
    }

    /// Hands out the failure that an entry is whose last day is over. It is no test that can be run.
    pub fn with_failure<T>(&self, take: impl FnOnce(&Event<'_>) -> T) -> T {
        let (id, told) = (format!("{} (known failure)", self.id), self.told());
        take(&Event {
            runnable: false,
            file: Some(FileChunk { name: "reason", bytes: told.as_bytes() }),
            mime_type: Some("text/plain; charset=utf8"),
            eof: true,
            ..Event::status(&id, Status::Fail)
        })
    }
}

fn entry(line: Line<'_>, place: String) -> Result<KnownFailure, Error> {
    let id = line.id.to_owned();
    let mut entry = KnownFailure { id, place, reason: String::new(), owner: None, until: None };
    let comment = line.whole.split_once('#').map_or("", |(_, comment)| comment);
    for word in comment.split_whitespace() {
        match word.split_once('=') {
            Some(("owner", owner)) => entry.owner = Some(owner.to_owned()),
            Some(("until", day)) => {
                let day = day.parse().map_err(|_| {
                    Error::Usage(format!(
                        "{}: {word}: use a day, such as until=2027-01-31",
                        entry.place
                    ))
                })?;
                entry.until = Some(day);
            }
            _ => {
                let blank = if entry.reason.is_empty() { "" } else { " " };
                entry.reason.push_str(blank);
                entry.reason.push_str(word);
            }
        }
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<KnownFailureList, Error> {
        KnownFailureList::parse(text, "known", jiff::civil::date(2026, 6, 15))
    }

    #[test]
    fn an_entry_holds_up_to_its_last_day() {
        for (day, holds) in [("2026-06-14", false), ("2026-06-15", true), ("2027-01-01", true)] {
            let known =
                parse(&format!("# all\n\na b  # issue 12 until={day} owner=ann\n")).unwrap();
            let (holding, expired) = (known.holding.len(), known.expired.len());
            assert_eq!((holding, expired), if holds { (1, 0) } else { (0, 1) }, "{day}");
        }
        let known = parse("a b  # issue 12 until=2026-06-14 owner=ann\n").unwrap();
        let told = "known:1: a b: was a known failure until 2026-06-14, owner ann: issue 12";
        assert_eq!(known.expired[0].told(), told);
        let failure = known.expired[0].with_failure(|event| event.to_buf());
        let event = failure.as_event();
        assert_eq!(
            (event.test_id, event.status),
            (Some("a b (known failure)"), Some(Status::Fail))
        );
    }

    #[test]
    fn an_entry_needs_nothing_but_an_id() {
        let known = parse("a\nb # x=1\n#c\n").unwrap();
        let ids: Vec<_> = known.ids().collect();
        assert_eq!((ids, &*known.holding[1].reason), (vec!["a", "b"], "x=1"));
    }

    #[test]
    fn a_last_day_that_is_none_is_named() {
        let error = parse("a\nb # until=tomorrow\n").unwrap_err().to_string();
        assert_eq!(error, "known:2: until=tomorrow: use a day, such as until=2027-01-31");
    }
}
