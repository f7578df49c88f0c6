//! Where a test failed: what its tags say, or else what stands in its output.

use subunit_core::sink::TestRecord;

use super::digest::{files, is_text};

/// A place in a source file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) file: String,
    /// Counted from 1.
    pub(crate) line: Option<u64>,
}

/// So many bytes of a file are looked at, and of a path.
const LOOKED_AT: usize = 64 << 10;
const LONGEST: usize = 512;

/// Parts of paths that are not the user's own.
const FOREIGN: [&str; 7] = [
    "site-packages",
    "dist-packages",
    "/lib/python",
    "node_modules",
    "/rustc/",
    "/registry/src/",
    "/usr/lib/go",
];

impl Place {
    /// The place that the tags `file:` and `line:` name, or the one that a failure's output tells.
    pub(crate) fn of(record: &TestRecord) -> Option<Self> {
        let tag = |prefix| record.tags.as_tags().iter().find_map(|tag| tag.strip_prefix(prefix));
        let told = || {
            // What a test prints may name any place.
            let is_output = |name: &str| matches!(name, "stdout" | "stderr");
            let files = files(record).into_iter();
            let mut files = files.filter(|file| is_text(file) && !is_output(&file.name));
            files.find_map(|file| {
                let bytes = file.bytes.get(..LOOKED_AT).unwrap_or(&file.bytes);
                Self::told_by(&String::from_utf8_lossy(bytes))
            })
        };
        let Some(file) = tag("file:") else { return told() };
        // A line that the output tells is this file's if the names end alike.
        let line = || told().filter(|place| place.file.ends_with(file))?.line;
        Some(Self { file: file.to_owned(), line: tag("line:").and_then(number).or_else(line) })
    }

    /// The user's innermost frame of a traceback of Python, the place of a panic of Rust, or the first
    /// word such as `src/a.c:12`.
    fn told_by(text: &str) -> Option<Self> {
        let frame = text.lines().filter_map(python_frame).rfind(Self::is_own);
        let panic = || {
            let (_, behind) = text.split_once("panicked at ")?;
            path_and_line(behind.lines().next()?.trim_end_matches(':'))
        };
        let separator = |c: char| c.is_whitespace() || "()[]<>\"'`,;".contains(c);
        let word = || text.split(separator).filter_map(path_and_line).find(Self::is_own);
        frame.or_else(panic).or_else(word)
    }

    fn is_own(&self) -> bool {
        !FOREIGN.iter().any(|part| self.file.contains(part))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// `File "a.py", line 12, in f`
fn python_frame(line: &str) -> Option<Place> {
    let (file, behind) = line.trim_start().strip_prefix("File \"")?.split_once("\", line ")?;
    let digits = behind.split(|c: char| !c.is_ascii_digit()).next()?;
    let line = Some(number(digits)?);
    let fits = !file.starts_with('<') && file.len() <= LONGEST;
    fits.then(|| Place { file: file.to_owned(), line })
}

/// `src/a.c:12`, with anything behind a second colon.
fn path_and_line(word: &str) -> Option<Place> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.strip_prefix("file://").unwrap_or(word);
    // The colon behind a drive's letter is none of those that separate.
    let from = if word.as_bytes().get(1) == Some(&b':') { 2 } else { 0 };
    let colon = from + word.get(from..)?.find(':')?;
    let (file, behind) = (word.get(..colon)?, word.get(colon + 1..)?);
    let line = number(behind.split(':').next()?)?;
    let (stem, extension) = file.rsplit_once('.')?;
    let named = stem.chars().last().is_some_and(|c| c.is_alphanumeric() || "_-])".contains(c));
    let known = (1..=5).contains(&extension.len())
        && extension.starts_with(|c: char| c.is_ascii_alphabetic())
        && extension.chars().all(|c| c.is_ascii_alphanumeric());
    (named && known).then(|| Place { file: file.to_owned(), line: Some(line) })
}

fn number(text: &str) -> Option<u64> {
    let digits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use subunit_core::sink::Attachment;

    fn told(text: &str) -> String {
        Place::told_by(text).map_or_else(String::new, |place| place.to_string())
    }

    #[test]
    fn finds_the_place_in_what_runners_print() {
        let python = "Traceback (most recent call last):\n  File \"/w/t.py\", line 12, in test\n  \
                      File \"/usr/lib/python3.11/unittest/case.py\", line 703, in fail\nAssertionError";
        assert_eq!(told(python), "/w/t.py:12");
        assert_eq!(told("thread 'a::b' panicked at src/lib.rs:7:5:\nboom"), "src/lib.rs:7");
        assert_eq!(told("E  assert 1\n\ntests/test_a.py:3: AssertionError"), "tests/test_a.py:3");
        assert_eq!(told("    x_test.go:44: bad"), "x_test.go:44");
        let node = "Error: x\n at y (/w/node_modules/z.js:1:2)\n at f (file:///w/a.mjs:9:3)";
        assert_eq!(told(node), "/w/a.mjs:9");
        assert_eq!(told("C:\\w\\a.cs:9"), "C:\\w\\a.cs:9");
    }

    #[test]
    fn a_tag_names_the_file_and_output_the_line_of_it() {
        let place = |tags: &[&str], name: &str, text: &str| {
            let file =
                Attachment { name: name.into(), bytes: text.into(), ..Attachment::default() };
            let tags = tags.iter().copied().collect();
            let record = TestRecord { tags, attachments: vec![file], ..TestRecord::default() };
            Place::of(&record).map_or_else(String::new, |place| place.to_string())
        };
        let trace = "at f (/w/t/a.js:4:64)";
        assert_eq!(place(&["file:t/a.js"], "traceback", trace), "t/a.js:4");
        assert_eq!(place(&["file:t/a.js", "line:2"], "traceback", trace), "t/a.js:2");
        assert_eq!(place(&["file:b.js"], "traceback", trace), "b.js");
        assert_eq!(place(&[], "comments", trace), "/w/t/a.js:4");
        assert_eq!(place(&[], "stdout", trace), "");
    }

    #[test]
    fn times_addresses_and_versions_are_no_places() {
        for text in
            ["", "12:30:45", "http://localhost:8080", "v1.2:3", "a:1", ".c:9", "a.toolong:1"]
        {
            assert_eq!(told(text), "", "{text}");
        }
    }
}
