//! The words of a command: which of them are wrappers, and which are the runner.

use std::{fs, ops::Range, path::Path};

use subunit_formats::report::shell;

/// A command of a runner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct CommandWords {
    words: Vec<String>,
    /// Which words are the runner: `python -m pytest`.
    runner: Range<usize>,
}

impl CommandWords {
    pub(super) fn new(words: Vec<String>, runner: Range<usize>) -> Self {
        Self { words, runner }
    }

    /// Those of a line without quotes.
    #[cfg(test)]
    pub(super) fn of_line(line: &str, runner: Range<usize>) -> Self {
        Self::new(line.split(' ').map(str::to_owned).collect(), runner)
    }

    /// The words that are the runner.
    pub(super) fn runner(&self) -> &[String] {
        &self.words[self.runner.clone()]
    }

    /// The words before the runner.
    pub(super) fn wrappers(&self) -> &[String] {
        &self.words[..self.runner.start]
    }

    /// The words before the arguments: the wrappers, and the runner.
    pub(super) fn before_arguments(&self) -> &[String] {
        &self.words[..self.runner.end]
    }

    /// Whether one of these words is among the arguments.
    pub(super) fn has_argument(&self, words: &[&str]) -> bool {
        self.arguments().iter().any(|word| words.contains(&word.as_str()))
    }

    /// All words, and which of them are the runner.
    pub(super) fn all(&self) -> (&[String], Range<usize>) {
        (&self.words, self.runner.clone())
    }

    /// The words with others after those of the runner, and others at the end.
    pub(super) fn with_words<'w>(
        &self,
        after_runner: impl IntoIterator<Item = &'w str>,
        at_end: impl IntoIterator<Item = &'w str>,
    ) -> Vec<String> {
        let mut words = self.before_arguments().to_vec();
        words.extend(after_runner.into_iter().map(str::to_owned));
        words.extend(self.arguments().iter().cloned());
        words.extend(at_end.into_iter().map(str::to_owned));
        words
    }

    /// The words after the runner.
    pub(super) fn arguments(&self) -> &[String] {
        &self.words[self.runner.end..]
    }

    /// The whole command, for a shell.
    pub(super) fn quoted(&self) -> String {
        quoted(&self.words)
    }

    /// The command for a shell, with `added` after the words of the runner, as it stands.
    pub(super) fn with(&self, added: &str) -> String {
        self.with_runner(&quoted(&self.words[self.runner.clone()]), added)
    }

    /// The same with another runner, as it stands.
    pub(super) fn with_runner(&self, runner: &str, added: &str) -> String {
        let parts = [
            quoted(&self.words[..self.runner.start]),
            runner.to_owned(),
            added.to_owned(),
            quoted(&self.words[self.runner.end..]),
        ];
        let parts = parts.iter().map(String::as_str).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" ")
    }
}

/// The name of an option, without a value after `=`.
pub(super) fn option_name(word: &str) -> &str {
    word.split('=').next().unwrap_or(word)
}

/// The value of `--option value` or `--option=value`.
pub(super) fn option_value<'w>(arguments: &'w [String], option: &str) -> Option<&'w str> {
    let at = arguments.iter().position(|word| option_name(word) == option)?;
    let value = arguments[at].split_once('=').map(|(_, value)| value);
    value.or_else(|| arguments.get(at + 1).map(String::as_str))
}

/// The options of a command, each with its value if it is one of `with_value`, and the other words.
pub(super) fn options_and_others(
    arguments: &[String],
    with_value: &[&str],
) -> (Vec<String>, Vec<String>) {
    let (mut options, mut others) = (Vec::new(), Vec::new());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            others.push(word.clone());
            continue;
        }
        options.push(word.clone());
        if with_value.contains(&word.as_str()) {
            options.extend(words.next().cloned());
        }
    }
    (options, others)
}

/// Words for a shell. A `$` of theirs is none of the configuration's variables.
pub(super) fn quoted(words: &[String]) -> String {
    shell::quoted(words.iter().map(String::as_str)).replace('$', "$''")
}

/// The words of a command, once wrappers were looked through.
pub(super) struct Seen {
    pub(super) all: Vec<String>,
    /// Where the runner begins.
    pub(super) runner: usize,
}

/// What runs the command after it as it is.
const WRAPPERS: &[&[&str]] = &[
    &["uv", "run"],
    &["poetry", "run"],
    &["pdm", "run"],
    &["pipenv", "run"],
    &["hatch", "run"],
    &["rye", "run"],
    &["bundle", "exec"],
    &["npx"],
    &["pnpm", "exec"],
    &["nice"],
    &["env"],
];

/// What runs the script `test` of package.json.
const SCRIPTS: &[&[&str]] = &[
    &["npm", "test"],
    &["npm", "run", "test"],
    &["yarn", "test"],
    &["pnpm", "test"],
    &["npm", "t"],
];

/// Looks through wrappers. None if the rest cannot be a runner.
pub(super) fn looked_through(words: &[&str], folder: &Path) -> Option<Seen> {
    if let Some(script) = SCRIPTS.iter().find(|script| words.starts_with(script)) {
        let rest = &words[script.len()..];
        let rest = rest.strip_prefix(&["--"]).unwrap_or(rest);
        return of_script(folder, rest);
    }
    let mut runner = 0;
    while let Some(wrapper) = WRAPPERS.iter().find(|wrapper| words[runner..].starts_with(wrapper)) {
        runner += wrapper.len();
        if *wrapper == ["env"] {
            runner += words[runner..].iter().take_while(|word| is_assignment(word)).count();
        }
    }
    // An option of a wrapper may take the next word: nobody knows.
    let first = words.get(runner)?;
    let all = words.iter().map(|word| (*word).to_owned()).collect();
    (!first.starts_with('-')).then_some(Seen { all, runner })
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// The script `test` of package.json, if it is one plain command.
fn of_script(folder: &Path, rest: &[&str]) -> Option<Seen> {
    let script = test_script(folder)?;
    let is_plain =
        !script.contains(['&', '|', ';', '<', '>', '$', '`', '"', '\'', '\\', '*', '?', '(']);
    let words: Vec<&str> = script.split_ascii_whitespace().collect();
    let seen = looked_through(&words, folder).filter(|_| is_plain)?;
    let all = seen.all.into_iter().chain(rest.iter().map(|word| (*word).to_owned())).collect();
    Some(Seen { all, runner: seen.runner })
}

/// The script `test` of a folder's package.json.
pub(super) fn test_script(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join("package.json")).ok()?;
    let package: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(package.get("scripts")?.get("test")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<&str> {
        line.split(' ').collect()
    }

    #[test]
    fn wrappers_are_looked_through() {
        let folder = tempfile::tempdir().unwrap();
        let runner = |line: &str| {
            let seen = looked_through(&words(line), folder.path())?;
            Some(seen.all[seen.runner..].join(" "))
        };
        assert_eq!(runner("pytest -q").as_deref(), Some("pytest -q"));
        assert_eq!(runner("uv run pytest -q").as_deref(), Some("pytest -q"));
        assert_eq!(runner("nice env A=1 B_2= poetry run pytest").as_deref(), Some("pytest"));
        assert_eq!(runner("uv run --with x pytest"), None);
        assert_eq!(runner("uv run"), None);
        assert_eq!(runner("npm test"), None);
    }

    #[test]
    fn the_script_of_a_package_is_looked_through_if_it_is_one_command() {
        let folder = tempfile::tempdir().unwrap();
        let runner = |script: &str, line: &str| {
            let package = format!(r#"{{"scripts": {{"test": "{script}"}}}}"#);
            fs::write(folder.path().join("package.json"), package).unwrap();
            let seen = looked_through(&words(line), folder.path())?;
            Some(seen.all[seen.runner..].join(" "))
        };
        assert_eq!(runner("npx jest", "npm test -- -t a").as_deref(), Some("jest -t a"));
        assert_eq!(runner("jest && eslint", "npm test"), None);
        assert_eq!(runner("jest '*.js'", "yarn test"), None);
    }

    #[test]
    fn words_are_for_a_shell_and_hold_no_variables_of_a_configuration() {
        let all = ["nice", "pytest", "-k", "a $IDLIST"].map(str::to_owned).to_vec();
        let line = CommandWords::new(all, 1..2);
        assert_eq!(line.with("-x $LISTOPT"), "nice pytest -x $LISTOPT -k 'a $''IDLIST'");
        assert_eq!(line.with_runner("p", ""), "nice p -k 'a $''IDLIST'");
    }
}
