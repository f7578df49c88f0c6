//! Where is the page of something? In a folder of files, or at an address of a server.

use std::fmt::Write as _;

use twox_hash::XxHash3_128;

use crate::query::{RunRow, TestIdentity};

/// How pages lead to each other. All addresses are relative to the first page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SiteLinks {
    /// Files of a folder. Only tests with something to tell have a page.
    Files,
    /// Addresses of a server, which has a page of each test, and of each test in each run.
    Served,
}

impl SiteLinks {
    /// The first page.
    pub fn index(self) -> &'static str {
        match self {
            Self::Files => "index.html",
            Self::Served => "",
        }
    }

    /// A series, by its name in addresses.
    pub fn series(self, slug: &str) -> String {
        self.page("series", slug)
    }

    /// The grid of a series, by its name in addresses.
    pub fn grid(self, slug: &str) -> String {
        self.page("grid", slug)
    }

    /// A run.
    pub fn run(self, run: &RunRow) -> String {
        self.page("run", &run.uuid)
    }

    /// A test of a series; `anchor` is the name of its file.
    pub(super) fn test(self, series: &str, test: &TestIdentity, anchor: &str) -> String {
        match self {
            Self::Files => self.page("test", anchor),
            Self::Served => format!("test/{}?{}", slug(series), query(test)),
        }
    }

    /// A test in a run; `anchor` is the name of its file.
    pub fn result(self, run: &RunRow, test: &TestIdentity, anchor: &str) -> String {
        match self {
            Self::Files => format!("{}#{anchor}", self.run(run)),
            Self::Served => format!("run/{}/test?{}", run.uuid, query(test)),
        }
    }

    /// A file of a test in a run, on a server, by its place among all files of the result.
    pub(super) fn file(run: &RunRow, test: &TestIdentity, nth: usize) -> String {
        format!("run/{}/file?{}&n={nth}", run.uuid, query(test))
    }

    fn page(self, folder: &str, name: &str) -> String {
        let end = if self == Self::Files { ".html" } else { "" };
        format!("{folder}/{name}{end}")
    }
}

/// A name for files and addresses: what is not plain is left out, and told apart by a number.
pub(super) fn slug(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).take(60).collect();
    if plain == name && !plain.is_empty() {
        return plain;
    }
    format!("{plain}-{:08x}", XxHash3_128::oneshot(name.as_bytes()) as u32)
}

/// A test in an address.
fn query(test: &TestIdentity) -> String {
    let mut query = format!("id={}", Encoded(&test.id));
    if !test.scope.is_empty() {
        let _ = write!(query, "&scope={}", Encoded(&test.scope));
    }
    if !test.runnable {
        query.push_str("&group=1");
    }
    query
}

/// Text as a value in an address.
#[derive(Clone, Copy, Debug)]
pub struct Encoded<'t>(pub &'t str);

impl std::fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                    f.write_char(char::from(byte))?;
                }
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_value_of_an_address() {
        let id = "a&b=c d/\u{e4}\"<\u{0}#".to_owned();
        let test = TestIdentity { id, scope: "x".into(), runnable: false };
        assert_eq!(
            SiteLinks::Served.test("m/n", &test, "t0"),
            format!("test/{}?id=a%26b%3Dc%20d%2F%C3%A4%22%3C%00%23&scope=x&group=1", slug("m/n"))
        );
        assert_eq!(SiteLinks::Files.test("m/n", &test, "t0"), "test/t0.html");
    }

    #[test]
    fn names_of_series_become_names_of_files() {
        assert_eq!(slug("main"), "main");
        let (one, other) = (slug("a/b"), slug("a b"));
        assert!(one.starts_with("a-b-") && other.starts_with("a-b-") && one != other);
        assert!(slug("../..").starts_with("-----"), "{}", slug("../.."));
        assert!(!slug("").is_empty() && slug(&"x".repeat(1000)).len() < 100);
    }
}
