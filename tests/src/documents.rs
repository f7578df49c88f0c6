//! Documents of all formats that are read, of so many tests each.

use std::{fs, path::Path};

use subunit_core::{
    Status, items,
    run::UnnamedResults,
    sink::{Flow, Sink},
    v1,
};
use subunit_formats::{Format, REPORTS, report::Row};

use crate::corpus::{self, Kind};

/// The reports that can be written.
pub fn reports() -> impl Iterator<Item = &'static str> {
    REPORTS.iter().map(Row::name).chain(["subunit-v1"])
}

/// Pushes what a stream says.
pub fn push(stream: &[u8], sink: &mut dyn Sink) {
    for item in items(stream) {
        sink.item(&item);
    }
    sink.finish();
}

/// A report on a stream: one of [`reports`].
///
/// # Panics
///
/// Where there is no such report.
pub fn report(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if name == "subunit-v1" {
        push(stream, &mut v1::Writer::new(&mut out));
        return out;
    }
    let row = REPORTS.iter().find(|row| row.name() == name);
    let Some(row) = row else { panic!("{name} is no report") };
    let mut report = (row.open)(Box::new(&mut out));
    push(stream, &mut report);
    if let Err(error) = report.result() {
        unreachable!("memory can be written: {error}");
    }
    out
}

/// A document of so many tests; none for version 2 of subunit, which is no format of its own.
///
/// It is made of `tests/documents/NAME`: the lines with a `%` are written once for each test, with its number;
/// `{tests}` is how many tests there are. Where there is no such file, our own writer of the format writes it.
///
/// # Panics
///
/// Where there is neither.
pub fn document(format: Format, tests: u64) -> Option<Vec<u8>> {
    let name = format.name();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("documents").join(name);
    match fs::read_to_string(&path) {
        Ok(sample) => Some(repeated(&sample, tests).into_bytes()),
        Err(error) => match format {
            Format::Subunit => None,
            Format::SubunitV1 => Some(corpus::stream(Kind::V1, tests, 1)),
            Format::Tap | Format::Ktap => Some(corpus::stream(Kind::Tap, tests, 1)),
            _ if reports().any(|report| report == name) => {
                Some(report(name, &corpus::stream(Kind::Small, tests * 2 + 16, 1)))
            }
            _ => panic!("{}: {error}", path.display()),
        },
    }
}

/// The sample with its lines of a test written so often.
fn repeated(sample: &str, tests: u64) -> String {
    let lines: Vec<&str> = sample.split_inclusive('\n').collect();
    let is_repeated = |line: &&str| line.contains('%');
    let first = lines.iter().position(is_repeated).unwrap_or(lines.len());
    let (head, rest) = lines.split_at(first);
    let of_test = rest.iter().take_while(|line| is_repeated(line)).count();
    let (of_test, tail) = rest.split_at(of_test);
    let framing = |lines: &[&str]| lines.concat().replace("{tests}", &tests.to_string());
    let mut text = framing(head);
    for nth in 0..tests {
        text.push_str(&of_test.concat().replace('%', &nth.to_string()));
    }
    text + &framing(tail)
}

/// How many things a stream says, of every kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Events.
    pub events: usize,
    /// Tests that ended, with those that have no name.
    pub ended: usize,
}

impl Sink for Tally {
    fn event(&mut self, event: &subunit_core::Event<'_>) -> Flow {
        self.events += 1;
        self.ended += usize::from(event.status.is_some_and(Status::is_final));
        let mut unnamed = UnnamedResults::default();
        unnamed.note(event);
        self.ended += usize::try_from(unnamed.of(Status::Success)).unwrap_or(usize::MAX);
        Flow::Continue
    }
}

/// Reads a document in pieces of 64 KiB.
///
/// # Panics
///
/// Where the format is version 2 of subunit.
pub fn read(format: Format, document: &[u8]) -> Tally {
    let Some(mut reader) = format.reader() else { panic!("read by the decoder") };
    let mut tally = Tally::default();
    for piece in document.chunks(64 * 1024) {
        reader.feed(piece, &mut tally);
    }
    reader.finish(&mut tally);
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_hold_as_many_tests_as_asked() {
        for format in Format::ALL {
            let Some(document) = document(format, 100) else { continue };
            let ended = read(format, &document).ended;
            assert!((100..=116).contains(&ended), "{}: {ended}", format.name());
        }
    }

    #[test]
    fn reports_name_the_tests() {
        let stream = corpus::stream(Kind::Mixed, 200, 1);
        for name in reports() {
            let report = report(name, &stream);
            assert!(report.len() > 200, "{name}: {}", String::from_utf8_lossy(&report));
        }
    }
}
