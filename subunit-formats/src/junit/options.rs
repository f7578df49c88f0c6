//! How a report in JUnit XML is written.

use super::escape::Ansi;

/// How a report is written.
#[derive(Clone, Debug)]
pub struct JunitOptions {
    /// The name of the report, and the class of tests whose ids have none.
    pub name: String,
    /// How many bytes of text a test case may have, in all; of what is longer, the middle is left out,
    /// and how much is said. GitLab refuses 10 MB.
    pub max_output: usize,
    /// What happens to colours in text.
    pub ansi: Ansi,
    /// Where the tests ran.
    pub hostname: Option<String>,
    /// Properties of the run: names and values.
    pub properties: Vec<(String, String)>,
    /// Whether tags become properties of the test case.
    pub tags: bool,
    /// How many bytes of the report are kept in memory until the end; what is more waits in a
    /// temporary file without a name.
    pub memory: usize,
    /// Whether what tests printed that did not fail is left out.
    pub no_passed_output: bool,
    /// Whether only failures and flaky tests are in the report, and counted there.
    pub failures_only: bool,
}

impl Default for JunitOptions {
    fn default() -> Self {
        Self {
            name: "subunit".to_owned(),
            max_output: 1 << 20,
            ansi: Ansi::Strip,
            hostname: None,
            properties: Vec::new(),
            tags: true,
            memory: 4 << 20,
            no_passed_output: false,
            failures_only: false,
        }
    }
}
