//! Which tests of nextest ended their process with status 0 in their midst? It takes them for passed; what they printed,
//! which its report has, lacks the last line of libtest.

use std::{
    fs::{self, File},
    io::{self, BufReader},
    path::PathBuf,
};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use crate::adapters::worker::Invoked;

/// The option by which tools configure nextest, below the configuration of the user.
pub(super) const OPTION: &str = "--tool-config-file";

/// Writes a configuration for a report, and says what follows [`OPTION`].
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn configuration(invoked: &Invoked) -> Result<String, String> {
    let path = invoked.own_file("nextest.toml");
    let report = toml::Value::from(report(invoked).display().to_string());
    let text = format!("[profile.default.junit]\npath = {report}\nstore-success-output = true\n");
    fs::write(&path, text).map_err(|error| format!("{}: {error}\n", path.display()))?;
    Ok(format!("subunit:{}", path.display()))
}

/// The report of the process of nextest that ran last.
fn report(invoked: &Invoked) -> PathBuf {
    invoked.own_file("nextest.xml")
}

/// The ids of the tests of that process that did not run to their end, and are called passed. The report goes.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn unfinished(invoked: &Invoked) -> io::Result<Vec<String>> {
    let path = report(invoked);
    let found = match File::open(&path) {
        Ok(file) => read(BufReader::new(file))?,
        // The user's configuration has it elsewhere, or nothing ran.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let _ = fs::remove_file(&path);
    Ok(found)
}

/// What a test of libtest prints first, and at its end.
const BEGUN: &str = "\nrunning 1 test\n";
const PASSED: &str = "\ntest result: ok. 1 passed;";

/// A test of the report.
#[derive(Default)]
struct TestCase {
    id: String,
    output: String,
    has_failed: bool,
}

impl TestCase {
    fn is_unfinished(&self) -> bool {
        !self.has_failed && self.output.contains(BEGUN) && !self.output.contains(PASSED)
    }
}

fn read(input: impl io::BufRead) -> io::Result<Vec<String>> {
    let mut reader = Reader::from_reader(input);
    let (mut block, mut found) = (Vec::new(), Vec::new());
    let (mut test, mut is_output) = (TestCase::default(), false);
    loop {
        match reader.read_event_into(&mut block).map_err(io::Error::other)? {
            Event::Start(start) | Event::Empty(start) => match start.name().as_ref() {
                "testcase" => test = TestCase { id: id_of(&start)?, ..TestCase::default() },
                "failure" | "error" | "skipped" => test.has_failed = true,
                name => is_output = name == "system-out",
            },
            Event::Text(text) if is_output => test.output.push_str(&text),
            Event::End(end) if end.name().as_ref() == "testcase" && test.is_unfinished() => {
                found.push(std::mem::take(&mut test.id));
            }
            Event::End(_) => is_output = false,
            Event::Eof => return Ok(found),
            _ => {}
        }
        block.clear();
    }
}

/// As the runner's own lines have it: the binary, and the name.
fn id_of(start: &BytesStart<'_>) -> io::Result<String> {
    let value = |name: &str| -> io::Result<String> {
        let attribute = start.try_get_attribute(name).map_err(io::Error::other)?;
        let value = attribute.map(|one| one.normalized_value(XmlVersion::Explicit1_0));
        let value = value.transpose().map_err(io::Error::other)?;
        Ok(value.unwrap_or_default().into_owned())
    };
    Ok(format!("{}::{}", value("classname")?, value("name")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_began_and_has_no_end_is_unfinished_unless_it_failed() {
        let ended = "\nrunning 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed\n";
        let cases = [
            ("whole", ended, ""),
            ("cut &amp; gone", "\nrunning 1 test\ntest result: fake\n", ""),
            ("fails", "\nrunning 1 test\n", "<failure/>"),
            ("of another harness", "hello\n", ""),
        ];
        let cases = cases.map(|(name, output, more)| {
            let output = format!(
                "<system-out>{output}</system-out><system-err>\nrunning 1 test\n</system-err>"
            );
            format!("<testcase name=\"{name}\" classname=\"shop::it\">{more}{output}</testcase>")
        });
        let report = format!("<testsuites><testsuite>{}</testsuite></testsuites>", cases.concat());
        assert_eq!(read(report.as_bytes()).unwrap(), ["shop::it::cut & gone"]);
    }
}
