//! What `meson test` prints.
//!
//! * Ids are `project:name`. Results are believed once for each number.

use hashbrown::HashSet;
use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, number, seconds,
    },
    format::{Row, Signs},
};

/// What `meson test` prints.
pub(crate) const ROW: Row = Row {
    name: "meson",
    title: "the output of `meson test`",
    signs: Signs { line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Meson>)
};

const WORDS: [(&str, Status); 8] = [
    ("OK", Status::Success),
    ("UNEXPECTEDPASS", Status::UnexpectedSuccess),
    ("EXPECTEDFAIL", Status::ExpectedFailure),
    ("FAIL", Status::Fail),
    ("ERROR", Status::Fail),
    ("TIMEOUT", Status::Fail),
    ("INTERRUPT", Status::Fail),
    ("SKIP", Status::Skip),
];

/// The words of the summary.
const COUNTS: [(&str, Status); 7] = [
    ("Ok:", Status::Success),
    ("Expected Fail:", Status::ExpectedFailure),
    ("Fail:", Status::Fail),
    ("Unexpected Pass:", Status::UnexpectedSuccess),
    ("Skipped:", Status::Skip),
    ("Timeout:", Status::Fail),
    ("Ignored:", Status::Skip),
];

#[derive(Default)]
struct Meson {
    /// The numbers of the results so far.
    seen: HashSet<u64>,
    /// How many there will be.
    of: u64,
    numbers: Option<ResultNumbers>,
    /// The failures are told again.
    repeats: bool,
}

impl Grammar for Meson {
    const FORMAT: Format = Format::Meson;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(result) = MesonResult::of(line) {
            if self.repeats
                || self.of != 0 && self.of != result.of
                || !self.seen.insert(result.number)
            {
                return false;
            }
            self.of = result.of;
            run.plan(result.of);
            run.took(result.seconds);
            run.explained(result.id, result.status, result.detail);
            return true;
        }
        self.repeats |= line == "Summary of Failures:";
        for (word, status) in COUNTS {
            if self.seen.len() as u64 == self.of
                && let Some(count) = line.strip_prefix(word).and_then(|count| number(count.trim()))
            {
                self.repeats = true;
                self.numbers.get_or_insert_default().add(status, count);
                run.text();
                return true;
            }
        }
        if line.starts_with("Full log written to ")
            && let Some(numbers) = self.numbers.take()
        {
            let names = NamesOf::All;
            run.summary(SummaryCounts { numbers, names, ..SummaryCounts::default() });
            *self = Self::default();
            return true;
        }
        false
    }
}

/// ` 2/12 weird:fails            FAIL            0.04s   exit status 1`
struct MesonResult<'l> {
    number: u64,
    of: u64,
    id: &'l str,
    status: Status,
    seconds: Option<f64>,
    detail: &'l str,
}

impl<'l> MesonResult<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let (count, rest) = line.trim_start().split_once(' ')?;
        let (nth, of) = count.split_once('/')?;
        let (nth, of) = (number(nth)?, number(of)?);
        let (name, status, after) = WORDS.iter().find_map(|(word, status)| {
            let at = rest.rfind(word)?;
            let (name, after) =
                (rest[..at].strip_suffix(' ')?, rest[at + word.len()..].strip_prefix(' ')?);
            Some((name, *status, after.trim_start()))
        })?;
        let (time, detail) = after.split_once(' ').unwrap_or((after, ""));
        let name = name.trim();
        // Suites stand before the name.
        let id = match name.split_once(" - ") {
            Some((suites, id)) if !suites.contains(':') => id,
            _ => name,
        };
        let took = seconds(time);
        took?;
        Some(Self { number: nth, of, id, status, seconds: took, detail: detail.trim() })
    }
}

fn tells(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'0'..=b'9'))
        && memchr::memchr(b'/', &line[..line.len().min(12)]).is_some()
        && std::str::from_utf8(line).is_ok_and(|line| {
            MesonResult::of(line)
                .is_some_and(|result| result.id.contains(':') && result.number <= result.of)
        })
}
