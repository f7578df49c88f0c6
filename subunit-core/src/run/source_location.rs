//! Where a test failed, by its tags or else by its output.

use super::cause::{
    GROUP, LOOKED_AT, ends, files, is_output, is_text, last_of_chain, place_of_syntax,
};
use crate::sink::TestRecord;

/// A place in a source file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SourceLocation {
    /// As the source names it.
    pub file: String,
    /// Counted from 1.
    pub line: Option<u64>,
}

/// The longest path, in bytes.
const LONGEST: usize = 512;

/// Parts of paths that are not the user's own.
const FOREIGN: [&str; 8] = [
    "site-packages",
    "dist-packages",
    "/lib/python",
    "node_modules",
    "node:internal",
    "/rustc/",
    "/registry/src/",
    "/usr/lib/go",
];

/// Beginnings of stack frames that are not the user's own.
const FOREIGN_FRAMES: [&str; 8] = [
    "at java.",
    "at javax.",
    "at jdk.",
    "at sun.",
    "at org.junit.",
    "at junit.",
    "at org.testng.",
    "at org.opentest4j.",
];

impl SourceLocation {
    /// The place that the tags `file:` and `line:` name, or else the one in the output of a failure.
    pub fn of(record: &TestRecord) -> Option<Self> {
        let tag = |prefix| record.tags.as_tags().iter().find_map(|tag| tag.strip_prefix(prefix));
        let told = || {
            files(record).into_iter().filter(|file| is_text(file)).find_map(|file| {
                let bytes = ends(&file.bytes, LOOKED_AT);
                let text = String::from_utf8_lossy(&bytes);
                // What a test prints may name any place.
                if is_output(&file.name) { Self::of_output(&text) } else { Self::told_by(&text) }
            })
        };
        let Some(file) = tag("file:") else { return told() };
        // A line that the output tells is this file's if the names end alike.
        let line = || told().filter(|place| place.file.ends_with(file))?.line;
        Some(Self { file: file.to_owned(), line: tag("line:").and_then(number).or_else(line) })
    }

    /// The user's innermost frame of a traceback of Python, the place of a panic of Rust, what .NET, Perl and bats
    /// say, or the first word such as `src/a.c:12`.
    fn told_by(text: &str) -> Option<Self> {
        let text = last_of_chain(text);
        let separator = |c: char| c.is_whitespace() || "()[]<>\"'`,;".contains(c);
        let word = || {
            let frame = |line: &&str| {
                let line = line.trim_start();
                !FOREIGN_FRAMES.iter().any(|foreign| line.starts_with(foreign))
            };
            let words = text.lines().filter(frame).flat_map(|line| line.split(separator));
            words.filter_map(path_and_line).find(Self::is_own)
        };
        let spelled = || text.lines().filter_map(spelled_out).find(Self::is_own);
        let syntax = || place_of_syntax(text).and_then(python_frame);
        Self::of_python(text)
            .or_else(syntax)
            .or_else(|| Self::of_panic(text))
            .or_else(spelled)
            .or_else(word)
    }

    /// The place that a runner puts into the output of a test: a traceback, a panic, a line of Go's.
    fn of_output(text: &str) -> Option<Self> {
        let python = || text.contains("Traceback (most").then(|| Self::of_python(text)).flatten();
        let go = || {
            let words =
                text.lines().filter_map(|line| line.strip_prefix("    ")?.split(' ').next());
            words.filter(|word| word.contains(".go:")).find_map(path_and_line)
        };
        python().or_else(|| Self::of_panic(text)).or_else(go)
    }

    fn of_python(text: &str) -> Option<Self> {
        // Of a group of exceptions, where the group was raised.
        let group = text.split_once(GROUP).and_then(|(_, group)| group.split("+-+-").next());
        group.unwrap_or(text).lines().filter_map(python_frame).rfind(Self::is_own)
    }

    fn of_panic(text: &str) -> Option<Self> {
        let (_, behind) = text.split_once("panicked at ")?;
        let line = behind.lines().next()?;
        // Before Rust 1.73 the message came first, in quotes.
        let place = line.rsplit_once("', ").map_or(line, |(_, place)| place);
        path_and_line(place.trim_end_matches(':'))
    }

    fn is_own(&self) -> bool {
        !FOREIGN.iter().any(|part| self.file.contains(part))
    }
}

impl std::fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// `File "a.py", line 12, in f`
fn python_frame(line: &str) -> Option<SourceLocation> {
    let (file, behind) =
        line.trim_start_matches([' ', '|']).strip_prefix("File \"")?.split_once("\", line ")?;
    let digits = behind.split(|c: char| !c.is_ascii_digit()).next()?;
    let line = Some(number(digits)?);
    let fits = !file.starts_with('<') && file.len() <= LONGEST;
    fits.then(|| SourceLocation { file: file.to_owned(), line })
}

/// `in /w/a.cs:line 12`, `at t/a.t line 12.`, `(in test file t/a.bats, line 12)`
fn spelled_out(line: &str) -> Option<SourceLocation> {
    let (before, behind) = line.split_once("line ")?;
    let digits = behind.split(|c: char| !c.is_ascii_digit()).next()?;
    let before = before.strip_suffix([':', ' '])?.trim_end_matches(',');
    let begin = ["in test file ", " in ", "at "].iter().find_map(|word| before.rsplit_once(word));
    let (_, file) = begin?;
    path_and_line(&format!("{file}:{digits}"))
}

/// `src/a.c:12`, with anything after a second colon.
fn path_and_line(word: &str) -> Option<SourceLocation> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.strip_prefix("file://").unwrap_or(word);
    // The colon after a drive's letter does not separate.
    let from = if word.as_bytes().get(1) == Some(&b':') { 2 } else { 0 };
    let colon = from + word.get(from..)?.find(':')?;
    let (file, behind) = (word.get(..colon)?, word.get(colon + 1..)?);
    let line = number(behind.split(':').next()?)?;
    let (stem, extension) = file.rsplit_once('.')?;
    let named = stem.chars().last().is_some_and(|c| c.is_alphanumeric() || "_-])".contains(c));
    let known = (1..=5).contains(&extension.len())
        && extension.starts_with(|c: char| c.is_ascii_alphabetic())
        && extension.chars().all(|c| c.is_ascii_alphanumeric());
    (named && known).then(|| SourceLocation { file: file.to_owned(), line: Some(line) })
}

fn number(text: &str) -> Option<u64> {
    let digits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::Attachment;

    fn told(text: &str) -> String {
        SourceLocation::told_by(text).map_or_else(String::new, |place| place.to_string())
    }

    #[test]
    fn finds_the_place_in_what_runners_print() {
        let python = "Traceback (most recent call last):\n  File \"/w/t.py\", line 12, in test\n  \
                      File \"/usr/lib/python3.11/unittest/case.py\", line 703, in fail\nAssertionError";
        assert_eq!(told(python), "/w/t.py:12");
        let chain = "a.py:3: E\n\nDuring handling of the above exception, another exception occurred:\n\n\
                     a.py:4: F";
        assert_eq!(told(chain), "a.py:4");
        let group = "  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 1, in t\n  \
                     | E: x (1 sub-exception)\n  +-+---- 1 ----\n    |   File \"b.py\", line 2, in u\n    | V: a";
        assert_eq!(told(group), "a.py:1");
        assert_eq!(told("thread 'a::b' panicked at src/lib.rs:7:5:\nboom"), "src/lib.rs:7");
        assert_eq!(told("E  assert 1\n\ntests/test_a.py:3: AssertionError"), "tests/test_a.py:3");
        assert_eq!(told("    x_test.go:44: bad"), "x_test.go:44");
        let node = "Error: x\n at y (/w/node_modules/z.js:1:2)\n at f (file:///w/a.mjs:9:3)";
        assert_eq!(told(node), "/w/a.mjs:9");
        assert_eq!(told("C:\\w\\a.cs:9"), "C:\\w\\a.cs:9");
        assert_eq!(told("   at N.T.F() in /w/a.cs:line 12"), "/w/a.cs:12");
        assert_eq!(told("#   Failed test 'x'\n#   at t/a.t line 5."), "t/a.t:5");
        assert_eq!(told("# (in test file t/a.bats, line 5)\n#  `false' failed"), "t/a.bats:5");
        let syntax = "/v/a.py:48: in load\nE     File \"/w/test_a.py\", line 3\nE       def f(:\nE             ^\nE   SyntaxError: bad";
        assert_eq!(told(syntax), "/w/test_a.py:3");
        let java = "E\n\tat org.junit.Assert.fail(Assert.java:86)\n\tat com.T.t(T.java:12)";
        assert_eq!(told(java), "T.java:12");
        assert_eq!(told("thread 'a' panicked at 'boom: x.c:1', src/lib.rs:7:5"), "src/lib.rs:7");
    }

    #[test]
    fn a_tag_names_the_file_and_output_the_line_of_it() {
        let place = |tags: &[&str], name: &str, text: &str| {
            let file =
                Attachment { name: name.into(), bytes: text.into(), ..Attachment::default() };
            let tags = tags.iter().copied().collect();
            let record = TestRecord { tags, attachments: vec![file], ..TestRecord::default() };
            SourceLocation::of(&record).map_or_else(String::new, |place| place.to_string())
        };
        let trace = "at f (/w/t/a.js:4:64)";
        assert_eq!(place(&["file:t/a.js"], "traceback", trace), "t/a.js:4");
        assert_eq!(place(&["file:t/a.js", "line:2"], "traceback", trace), "t/a.js:2");
        assert_eq!(place(&["file:b.js"], "traceback", trace), "b.js");
        assert_eq!(place(&[], "comments", trace), "/w/t/a.js:4");
        assert_eq!(place(&[], "stdout", trace), "");
        assert_eq!(place(&[], "stdout", "=== RUN T\n    x_test.go:44: bad\n"), "x_test.go:44");
        assert_eq!(place(&[], "stderr", "thread 'a' panicked at src/a.rs:7:5:\n"), "src/a.rs:7");
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
