//! What a user of stestr sets once and for all: `~/.stestr.yaml`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use saphyr::{LoadableYamlNode, Yaml};

use crate::config::python;

/// What a value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Flag,
    Number,
}

/// The keys of each section.
const SECTIONS: [(&str, &[(&str, Kind)]); 6] = [
    (
        "run",
        &[
            ("concurrency", Kind::Number),
            ("random", Kind::Flag),
            ("no-subunit-trace", Kind::Flag),
            ("color", Kind::Flag),
            ("abbreviate", Kind::Flag),
            ("slowest", Kind::Flag),
            ("suppress-attachments", Kind::Flag),
            ("all-attachments", Kind::Flag),
        ],
    ),
    ("failing", &[("list", Kind::Flag)]),
    ("last", SHOWN),
    (
        "load",
        &[
            ("force-init", Kind::Flag),
            ("subunit-trace", Kind::Flag),
            ("color", Kind::Flag),
            ("abbreviate", Kind::Flag),
            ("suppress-attachments", Kind::Flag),
            ("all-attachments", Kind::Flag),
        ],
    ),
    ("history-list", &[("show-metadata", Kind::Flag)]),
    ("history-show", SHOWN),
];

const SHOWN: &[(&str, Kind)] = &[
    ("no-subunit-trace", Kind::Flag),
    ("color", Kind::Flag),
    ("suppress-attachments", Kind::Flag),
    ("all-attachments", Kind::Flag),
];

/// What is wrong with the file, in the words of stestr.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UserError {
    /// The file that was named is not there.
    #[error("The specified stestr user config is not a valid path")]
    Missing,
    /// It is there, and something in it is wrong.
    #[error("Provided user config file {file} is invalid because:\n{what}")]
    Invalid {
        /// The file.
        file: String,
        /// What is wrong.
        what: String,
    },
}

/// What the user has set.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct User {
    flags: BTreeMap<(String, String), bool>,
    concurrency: Option<i64>,
}

impl User {
    /// Reads the file that was named, or else the first of the two at home. Without one, nothing is set.
    ///
    /// # Errors
    ///
    /// If the file that was named is missing, or there is something wrong in it.
    pub fn read(named: Option<&Path>, home: &Path) -> Result<Self, UserError> {
        let path = match named {
            Some(path) if path.is_file() => path.to_owned(),
            Some(_) => return Err(UserError::Missing),
            None => match at_home(home) {
                Some(path) => path,
                None => return Ok(Self::default()),
            },
        };
        let invalid = |what| UserError::Invalid { file: path.display().to_string(), what };
        let bytes = std::fs::read(&path).map_err(|error| invalid(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| invalid(error.to_string()))?;
        parse(&text).map_err(invalid)
    }

    /// A value that is true or false.
    #[must_use]
    pub fn flag(&self, section: &str, key: &str) -> Option<bool> {
        self.flags.get(&(section.to_owned(), key.to_owned())).copied()
    }

    /// `concurrency` of the section `run`.
    #[must_use]
    pub fn concurrency(&self) -> Option<i64> {
        self.concurrency
    }
}

fn at_home(home: &Path) -> Option<PathBuf> {
    [".stestr.yaml", ".config/stestr.yaml"]
        .into_iter()
        .map(|name| home.join(name))
        .find(|path| path.is_file())
}

fn parse(text: &str) -> Result<User, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    let mut user = User::default();
    let Some(all) = documents.first().filter(|all| !all.is_null()) else { return Ok(user) };
    let sections = all.as_mapping().ok_or("expected a dictionary")?;
    for (name, section) in sections {
        let place = format!("data[{}]", shown(name));
        let known = SECTIONS.iter().find(|(known, _)| name.as_str() == Some(known));
        let (name, keys) = known.ok_or_else(|| format!("extra keys not allowed @ {place}"))?;
        let section = section
            .as_mapping()
            .ok_or_else(|| format!("expected a dictionary for dictionary value @ {place}"))?;
        for (key, value) in section {
            let place = format!("{place}[{}]", shown(key));
            let known = keys.iter().find(|(known, _)| key.as_str() == Some(known));
            let (key, kind) = known.ok_or_else(|| format!("extra keys not allowed @ {place}"))?;
            let wrong = |kind| format!("expected {kind} for dictionary value @ {place}");
            match kind {
                Kind::Number => {
                    user.concurrency = Some(value.as_integer().ok_or_else(|| wrong("int"))?);
                }
                Kind::Flag => {
                    let flag = flag(value).ok_or_else(|| wrong("bool"))?;
                    user.flags.insert(((*name).to_owned(), (*key).to_owned()), flag);
                }
            }
        }
    }
    Ok(user)
}

/// Python's YAML is the older one: `yes` and `on` are true too.
fn flag(value: &Yaml<'_>) -> Option<bool> {
    if let Some(flag) = value.as_bool() {
        return Some(flag);
    }
    let text = value.as_str()?;
    python::boolean(text).filter(|_| !text.starts_with(['0', '1']))
}

fn shown(key: &Yaml<'_>) -> String {
    match (key.as_str(), key.as_integer()) {
        (Some(text), _) => python::repr(text),
        (None, Some(number)) => number.to_string(),
        (None, None) => "...".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let user = parse(
            "run:\n  abbreviate: True\n  concurrency: 3\n  color: yes\nlast:\n  color: off\n",
        );
        let user = user.unwrap();
        assert_eq!(user.flag("run", "abbreviate"), Some(true));
        assert_eq!(user.flag("run", "color"), Some(true));
        assert_eq!(user.flag("last", "color"), Some(false));
        assert_eq!(user.flag("run", "random"), None);
        assert_eq!(user.concurrency(), Some(3));
        assert_eq!(parse(""), Ok(User::default()));
    }

    #[test]
    fn mistakes_have_the_texts_of_stestr() {
        for (text, expected) in [
            ("run:\n  unknown: 1\n", "extra keys not allowed @ data['run']['unknown']"),
            ("runs: {}\n", "extra keys not allowed @ data['runs']"),
            ("run: 1\n", "expected a dictionary for dictionary value @ data['run']"),
            ("last:\n  color: '1'\n", "expected bool for dictionary value @ data['last']['color']"),
            ("run:\n  color: 1\n", "expected bool for dictionary value @ data['run']['color']"),
            (
                "run:\n  concurrency: x\n",
                "expected int for dictionary value @ data['run']['concurrency']",
            ),
            ("- a\n", "expected a dictionary"),
        ] {
            assert_eq!(parse(text).unwrap_err(), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_deep_or_no_yaml_is_an_error() {
        let deep = "[".repeat(100_000);
        let nested = "a: {".repeat(50_000) + &"}".repeat(50_000);
        for text in [deep.as_str(), &nested, "a: [", "a: b: c", "*a", "&a a: *a"] {
            assert!(parse(text).is_err(), "{}", &text[..text.len().min(20)]);
        }
    }

    #[test]
    fn the_file_is_named_or_at_home() {
        let home = tempfile::tempdir().unwrap();
        let (first, second) = (home.path().join(".stestr.yaml"), home.path().join(".config"));
        assert_eq!(User::read(None, home.path()), Ok(User::default()));
        std::fs::create_dir(&second).unwrap();
        let second = second.join("stestr.yaml");
        std::fs::write(&second, "run: {concurrency: 2}\n").unwrap();
        assert_eq!(User::read(None, home.path()).unwrap().concurrency(), Some(2));
        std::fs::write(&first, "run: {x: 1}\n").unwrap();
        let error = User::read(None, home.path()).unwrap_err().to_string();
        let file = first.display();
        let what = "extra keys not allowed @ data['run']['x']";
        assert_eq!(error, format!("Provided user config file {file} is invalid because:\n{what}"));
        assert_eq!(User::read(Some(&second), home.path()).unwrap().concurrency(), Some(2));
        assert_eq!(User::read(Some(&home.path().join("x")), home.path()), Err(UserError::Missing));
    }
}
