//! What tests depend on: as a run says it in a file `inputs` of its stream, and as it is now.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Read},
};

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

/// What some tests depend on.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct TestInputs {
    /// Which tests: a regex that is found in their ids.
    #[serde(rename = "match")]
    pub tests: String,
    /// The digest of the configuration that is in force.
    pub configuration: String,
    /// The files by their paths, each with the digest of its content; an empty one if it cannot be read.
    pub files: BTreeMap<String, String>,
}

/// Whether a test is meant, by its id.
pub type IdMatcher<'m> = Box<dyn Fn(&str) -> bool + 'm>;

/// What is declared of some tests, and how it is now.
pub struct DeclaredTests<'d> {
    /// What they depend on.
    pub inputs: TestInputs,
    /// Whether a test is one of them, by its id.
    pub is_of: IdMatcher<'d>,
    /// Whether they need a test, by its id: one for each pattern.
    pub needs: Vec<IdMatcher<'d>>,
}

impl fmt::Debug for DeclaredTests<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needs = self.needs.len();
        f.debug_struct("DeclaredTests")
            .field("inputs", &self.inputs)
            .field("needs", &needs)
            .finish()
    }
}

/// What has become of an input.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ChangedInput {
    /// The file has another content, or cannot be read.
    Changed(String),
    /// The file was not there.
    New(String),
    /// The file is not there any more.
    Gone(String),
    /// The configuration is another one.
    Configuration,
}

/// What has changed of the inputs of a test.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InputChange {
    /// The first change, in the order of the paths.
    pub first: ChangedInput,
    /// How many more there are.
    pub more: usize,
}

impl TestInputs {
    /// The digest of some content: 64 bits, as 16 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn digest(mut content: impl Read) -> io::Result<String> {
        let mut hasher = XxHash3_128::with_seed(0);
        let mut block = vec![0; 64 << 10];
        loop {
            match content.read(&mut block) {
                Ok(0) => return Ok(format!("{:016x}", hasher.finish_128() as u64)),
                Ok(read) => hasher.write(block.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// What has changed since, if anything has.
    pub(super) fn change(&self, now: &Self) -> Option<InputChange> {
        let mut changes = Vec::new();
        for (path, content) in &self.files {
            match now.files.get(path) {
                None => changes.push((path, ChangedInput::Gone(path.clone()))),
                // What cannot be read may be anything.
                Some(other) if other != content || other.is_empty() => {
                    changes.push((path, ChangedInput::Changed(path.clone())));
                }
                Some(_) => {}
            }
        }
        let new = now.files.keys().filter(|path| !self.files.contains_key(*path));
        changes.extend(new.map(|path| (path, ChangedInput::New(path.clone()))));
        changes.sort_by_key(|(path, _)| *path);
        let mut changes: Vec<ChangedInput> = changes.into_iter().map(|(_, one)| one).collect();
        if self.configuration != now.configuration {
            changes.push(ChangedInput::Configuration);
        }
        let more = changes.len().saturating_sub(1);
        changes.into_iter().next().map(|first| InputChange { first, more })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(configuration: &str, files: &[(&str, &str)]) -> TestInputs {
        let files = files.iter().map(|(path, content)| ((*path).into(), (*content).into()));
        TestInputs {
            tests: String::new(),
            configuration: configuration.into(),
            files: files.collect(),
        }
    }

    #[test]
    fn the_first_change_is_told_and_the_others_are_counted() {
        let then = inputs("c", &[("a", "1"), ("b", "2"), ("d", "")]);
        assert_eq!(inputs("c", &[("a", "1")]).change(&inputs("c", &[("a", "1")])), None);
        let first = |now: &TestInputs| then.change(now).map(|change| (change.first, change.more));
        let now = inputs("c", &[("a", "1"), ("b", "3"), ("d", "1")]);
        assert_eq!(first(&now), Some((ChangedInput::Changed("b".into()), 1)));
        let now = inputs("e", &[("b", "2"), ("aa", "7"), ("d", "")]);
        assert_eq!(first(&now), Some((ChangedInput::Gone("a".into()), 3)));
        let now = inputs("e", &[("Z", ""), ("a", "1"), ("b", "2")]);
        assert_eq!(first(&now), Some((ChangedInput::New("Z".into()), 2)));
        let other = inputs("e", &[]).change(&inputs("f", &[])).unwrap();
        assert_eq!(other, InputChange { first: ChangedInput::Configuration, more: 0 });
    }

    #[test]
    fn a_digest_is_of_all_of_the_content() {
        let digest = |bytes: &[u8]| TestInputs::digest(bytes).unwrap();
        let long = vec![7; 200_000];
        let mut other = long.clone();
        other[199_999] = 8;
        assert_eq!(digest(&long), digest(&long));
        assert_ne!(digest(&long), digest(&other));
        assert_eq!(digest(b"").len(), 16);
    }
}
