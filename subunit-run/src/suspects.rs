//! Which revisions may have broken a test? Those that Git knows in the current folder.

use std::{
    collections::HashMap,
    process::{Command, Stdio},
};

use subunit_history::query::{BrokenTest, RunRow};

/// The revisions between two, which are asked for once.
#[derive(Debug, Default)]
pub struct SuspectRevisions(HashMap<(String, String), Vec<String>>);

impl SuspectRevisions {
    /// How many suspects are named.
    pub const MOST: usize = 100;

    /// The revisions that may have broken a test; one more than [`Self::MOST`] if there are more.
    pub fn of(&mut self, one: &BrokenTest) -> Vec<String> {
        let revision = |run: &Option<RunRow>| run.as_ref().and_then(|run| run.revision.clone());
        let Some(bad) = revision(&one.first_bad).filter(|bad| is_hash(bad)) else {
            return Vec::new();
        };
        let Some(good) = revision(&one.last_good).filter(|good| is_hash(good)) else {
            return Vec::new();
        };
        self.0.entry((good, bad)).or_insert_with_key(|(good, bad)| between(good, bad)).clone()
    }
}

fn is_hash(text: &str) -> bool {
    text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn between(good: &str, bad: &str) -> Vec<String> {
    let mut git = Command::new("git");
    git.args([
        "rev-list",
        &format!("--max-count={}", SuspectRevisions::MOST + 1),
        &format!("{good}..{bad}"),
    ]);
    let listed = git.stdin(Stdio::null()).stderr(Stdio::null()).output();
    let listed = listed.ok().filter(|listed| listed.status.success());
    let text = listed.map(|listed| String::from_utf8_lossy(&listed.stdout).into_owned());
    // What Git does not know is one suspect: the revision of the first bad run.
    text.map_or_else(|| vec![bad.to_owned()], |text| text.lines().map(str::to_owned).collect())
}
