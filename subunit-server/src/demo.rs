//! A history that is made up, to look at the pages without one: runs of a small suite over a year.

use std::{io, path::Path};

use subunit_core::{Event, FileChunk, Status, TagsBuf, Timestamp, Writer, conventions};
use subunit_history::{Error, NewRun, Store};

/// How many runs it has.
const RUNS: u32 = 1000;
/// How many tests a run has.
const TESTS: u32 = 40;
/// When the first run began, in seconds since 1970.
const FIRST: u32 = 1_735_689_600;
/// How long it is from a run to the next one, in seconds.
const BETWEEN: u32 = 31_000;

const PACKAGES: [&str; 5] =
    ["shop.basket", "shop.checkout", "shop.search", "web.login", "db.schema"];
const AUTHORS: [&str; 4] = ["Ada", "Grace", "Alan", "Edsger"];

/// Fills the folder.
///
/// # Errors
///
/// If it cannot be written.
pub(crate) fn fill(folder: &Path) -> Result<(), Error> {
    fill_with(folder, RUNS)
}

fn fill_with(folder: &Path, runs: u32) -> Result<(), Error> {
    let mut store = Store::open(folder)?;
    for nth in 0..runs {
        let series = if nth % 5 == 4 { "release" } else { "main" };
        let new = NewRun { series: Some(series.into()), ..NewRun::default() };
        let stream = stream(nth).map_err(Error::Stream)?;
        store.take(new, &stream[..])?;
    }
    Ok(())
}

/// The stream of a run: always the same for the same number.
fn stream(nth: u32) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    let about = serde_json::json!({
        "command": "shop-tests",
        "host": format!("ci-{}", nth % 3),
        "revision": format!("{:016x}", mixed(nth / 2, 7)),
        "author": AUTHORS[mixed(nth / 2, 3) as usize % AUTHORS.len()],
        "dirty": false,
    });
    let about = serde_json::to_vec(&about)?;
    let file = Some(FileChunk { name: conventions::RUN, bytes: &about });
    let aside = Event { file, eof: true, runnable: false, ..Event::default() };
    writer.event(&Event { mime_type: Some(conventions::MIME_TYPE), ..aside })?;
    let mut second = FIRST + nth * BETWEEN;
    for test in 0..TESTS {
        second += 1 + mixed(nth, test) as u32 % 3;
        push(&mut writer, nth, test, second)?;
    }
    writer.close()
}

fn push(writer: &mut Writer<Vec<u8>>, nth: u32, test: u32, second: u32) -> io::Result<()> {
    let package = PACKAGES[test as usize % PACKAGES.len()];
    let id = format!("{package}.test_{test:02}");
    let micros = mixed(nth, test + 100) as u32 % 900_000;
    let grown = if test == 7 && nth > RUNS - 100 { 4 } else { 1 };
    let at = |seconds, nanos| Some(Timestamp::new(second + seconds, nanos));
    let outcome = Outcome::of(nth, test);
    let attempts: &[Status] = match outcome {
        Outcome::Flaky => &[Status::Fail, Status::Success],
        Outcome::Only(ref status) => std::slice::from_ref(status),
    };
    for (number, status) in (1..).zip(attempts) {
        let tags = match outcome {
            Outcome::Flaky => TagsBuf::from([conventions::attempt_tag(number).as_str()]),
            Outcome::Only(_) => TagsBuf::default(),
        };
        let event =
            |status, timestamp| Event { timestamp, ..Event::status(&id, status) }.with_tags(&tags);
        writer.event(&event(Status::InProgress, at(0, 0)))?;
        if *status == Status::Fail {
            let text = message(nth, test);
            let file = Some(FileChunk { name: conventions::TRACEBACK, bytes: text.as_bytes() });
            let said =
                Event { status: None, file, eof: true, ..event(*status, at(grown, micros * 1000)) };
            writer.event(&Event { mime_type: Some(conventions::TEXT), ..said })?;
        }
        writer.event(&event(*status, at(grown, micros * 1000)))?;
    }
    Ok(())
}

enum Outcome {
    Only(Status),
    /// It fails at first.
    Flaky,
}

impl Outcome {
    fn of(nth: u32, test: u32) -> Self {
        let luck = mixed(nth, test + 1000) % 1000;
        let is_broken = match test {
            // Broke lately, for good.
            3 => nth >= RUNS - 6,
            11..=13 => nth >= RUNS - 2,
            // Broke now and then, for some runs.
            5 | 21 => nth % 90 > 82,
            // The database was away.
            _ => test % 5 == 4 && nth % 160 == 150,
        };
        match test {
            _ if is_broken => Self::Only(Status::Fail),
            19 => Self::Only(Status::Skip),
            8 if luck < 150 => Self::Flaky,
            17 if luck < 120 => Self::Only(Status::Fail),
            _ if luck == 0 => Self::Only(Status::Fail),
            _ => Self::Only(Status::Success),
        }
    }
}

fn message(nth: u32, test: u32) -> String {
    let cause = match test {
        _ if test % 5 == 4 => {
            "ConnectionError: the database does not answer on port 5432".to_owned()
        }
        11..=13 => "AssertionError: expected status 200, got 503".to_owned(),
        _ => format!("AssertionError: expected {} items, got {}", test + 2, nth % 7),
    };
    format!(
        "Traceback (most recent call last):\n  File \"shop/tests.py\", line {}, in test\n    check(basket)\n{cause}\n",
        test * 9 + 4
    )
}

/// Two numbers as one that looks random (splitmix64).
fn mixed(one: u32, other: u32) -> u64 {
    let mut number = (u64::from(one) << 32 | u64::from(other)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use subunit_history::History;

    use super::*;

    #[test]
    fn it_has_runs_and_failures_to_look_at() {
        let place = tempfile::tempdir().unwrap();
        fill_with(place.path(), 12).unwrap();
        let history = History::open(place.path()).unwrap().unwrap();
        assert_eq!(history.series_names().unwrap(), ["main", "release"]);
        let runs = history.runs(None).unwrap();
        assert_eq!(runs.len(), 12);
        assert!(runs.iter().all(|run| run.counts.tests() == u64::from(TESTS)), "{runs:?}");
        assert!(
            runs.iter().any(|run| run.counts.flaky > 0) && runs.iter().any(|run| run.bad() > 0)
        );
        assert_eq!(stream(5).unwrap(), stream(5).unwrap());
    }
}
