//! The configurations of stestr: `.stestr.conf`, `pyproject.toml`, `tox.ini`.

use std::path::Path;

use crate::config::{
    Mistake, Origin, Suite,
    ini::{DEFAULT, Ini, IniError},
    python,
    regex::{BadRegex, GroupKey},
    tree::{self, Table, Value},
};

/// The name of the file that is looked for first.
pub const FILE: &str = ".stestr.conf";

/// What puts all tests of a class into one worker.
const CLASSES: &str = r"([^\.]*\.)*";

/// What `run` says in a folder that has neither a repository nor a configuration.
pub const NOTHING_FOUND: &str = "No config file found and --test-path not specified. Either create or \
     specify a .stestr.conf, tox.ini, or pyproject.toml, or use --test-path";

/// What is wrong with a configuration, in the words of stestr.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StestrError {
    /// Nobody says where the tests are.
    #[error(
        "No test_path can be found in either the command line options nor in the specified config file \
         {0}.  Please specify a test path either in the config file or via the --test-path argument"
    )]
    NoTestPath(String),
    /// `parallel_class` is neither true nor false.
    #[error("Not a boolean: {0}")]
    NoBoolean(String),
    /// The file is not as Python wants it.
    #[error(transparent)]
    Ini(#[from] IniError),
    /// The file is not TOML.
    #[error(transparent)]
    Toml(#[from] Mistake),
    /// The regex of the groups is none.
    #[error(transparent)]
    Regex(#[from] BadRegex),
}

/// What the command line says; it goes before the configuration.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--config`.
    pub config: Option<String>,
    /// `--test-path`.
    pub test_path: Option<String>,
    /// `--top-dir`.
    pub top_dir: Option<String>,
    /// `--group-regex`.
    pub group_regex: Option<String>,
    /// `--parallel-class`.
    pub parallel_class: bool,
}

/// What runs the tests.
#[derive(Clone, Debug)]
pub struct Runner {
    /// The Python, as the shell takes it.
    pub python: String,
    /// The module that finds and runs tests.
    pub module: String,
}

impl Runner {
    /// The Python of the environment, or else this one. stestr's module runs the tests.
    #[must_use]
    pub fn new(other_python: &str) -> Self {
        let given = std::env::var_os("PYTHON").is_some_and(|python| !python.is_empty());
        let python = if given { "${PYTHON}" } else { other_python };
        Self { python: python.to_owned(), module: "stestr.subunit_runner.run".to_owned() }
    }

    /// The command line that runs one test without looking for others: an id, or `PATH::CLASS::METHOD`.
    #[must_use]
    pub fn no_discovery(&self, test: &str) -> String {
        let mut id = test.replace("::", ".");
        if id.contains('/') {
            id = id.replace(".py", "").replace('/', ".");
        }
        format!("{} -m {} {id}", self.python, self.module)
    }
}

/// A value, and where it is from.
type Found = Option<(String, Origin)>;

/// A configuration that was read.
#[derive(Clone, Debug, Default)]
pub struct Stestr {
    /// The file, as messages call it.
    file: String,
    test_path: Found,
    top_dir: Found,
    group_regex: Found,
    parallel_class: Option<(bool, Origin)>,
}

impl Stestr {
    /// Reads the configuration of a folder: the given file, or the first that there is. A file that is
    /// missing counts as empty.
    ///
    /// # Errors
    ///
    /// If it is not one.
    pub fn read(folder: &Path, config: Option<&str>) -> Result<Self, StestrError> {
        let file = config.unwrap_or(FILE);
        let path = folder.join(file);
        if file != FILE || path.is_file() {
            return match std::fs::read(&path) {
                Ok(bytes) if file.to_lowercase().ends_with(".toml") => {
                    Ok(Self::from_pyproject(file, &bytes)?.unwrap_or_else(|| Self::empty(file)))
                }
                Ok(bytes) => Self::from_ini(file, &bytes, DEFAULT),
                Err(_) => Ok(Self::empty(file)),
            };
        }
        if let Ok(bytes) = std::fs::read(folder.join("pyproject.toml"))
            && let Some(found) = Self::from_pyproject("pyproject.toml", &bytes)?
        {
            return Ok(found);
        }
        match std::fs::read(folder.join("tox.ini")) {
            Ok(bytes) => Self::from_ini("tox.ini", &bytes, "stestr"),
            Err(_) => Ok(Self::empty("tox.ini")),
        }
    }

    /// Whether the folder has a configuration of stestr at all. One of the files for many tools that cannot
    /// be read counts if stestr is named in it.
    #[must_use]
    pub fn is_in(folder: &Path) -> bool {
        let names_it = |file| {
            let text = std::fs::read(folder.join(file)).unwrap_or_default();
            memchr::memmem::find(&text, b"stestr").is_some()
        };
        match Self::read(folder, None) {
            _ if folder.join(FILE).is_file() => true,
            Ok(found) => found.test_path.is_some(),
            Err(_) => ["pyproject.toml", "tox.ini"].into_iter().any(names_it),
        }
    }

    fn empty(file: &str) -> Self {
        Self { file: file.to_owned(), ..Self::default() }
    }

    fn from_ini(file: &str, bytes: &[u8], section: &str) -> Result<Self, StestrError> {
        let ini = Ini::parse(file, bytes)?;
        let value = |key| -> Result<Found, IniError> {
            let line = ini.line(section, key).unwrap_or_default();
            Ok(ini.get(section, key)?.map(|value| (value, Origin::line(file, line))))
        };
        let parallel_class = match value("parallel_class")? {
            Some((text, origin)) => {
                let flag = python::boolean(&text).ok_or(StestrError::NoBoolean(text))?;
                Some((flag, origin))
            }
            None => None,
        };
        Ok(Self {
            file: file.to_owned(),
            test_path: value("test_path")?,
            top_dir: value("top_dir")?,
            group_regex: value("group_regex")?,
            parallel_class,
        })
    }

    /// The table `[tool.stestr]`, if there is one.
    fn from_pyproject(file: &str, bytes: &[u8]) -> Result<Option<Self>, Mistake> {
        let document = tree::parse(file, bytes)?;
        let Some(table) = document.table("tool").and_then(|tool| tool.table("stestr")) else {
            return Ok(None);
        };
        let text = |key| text(file, table, key);
        let parallel_class = match table.get("parallel_class") {
            None => None,
            Some(entry) => match &entry.node.value {
                Value::Flag(flag) => Some((*flag, Origin::line(file, entry.line))),
                other => return Err(wrong(file, entry.line, &entry.key, "a boolean", other)),
            },
        };
        Ok(Some(Self {
            file: file.to_owned(),
            test_path: text("test_path")?,
            top_dir: text("top_dir")?,
            group_regex: text("group_regex")?,
            parallel_class,
        }))
    }

    /// Whether it says where the tests are.
    #[must_use]
    pub fn has_test_path(&self) -> bool {
        self.test_path.as_ref().is_some_and(|(path, _)| !path.is_empty())
    }

    /// The suite.
    ///
    /// # Errors
    ///
    /// If nobody says where the tests are, or the regex of the groups is none.
    pub fn suite(
        self,
        folder: &Path,
        options: &Options,
        runner: &Runner,
    ) -> Result<Suite, StestrError> {
        let option = |value: &Option<String>, name| -> Found {
            let value = value.clone().filter(|value| !value.is_empty())?;
            Some((value, Origin::option(name)))
        };
        let set = |found: Found| found.filter(|(value, _)| !value.is_empty());
        let test_path = option(&options.test_path, "--test-path").or_else(|| set(self.test_path));
        let (test_path, origin) = test_path.ok_or(StestrError::NoTestPath(self.file))?;
        let top_dir = option(&options.top_dir, "--top-dir").or_else(|| set(self.top_dir));
        let mut suite = Suite { folder: folder.to_owned(), ..Suite::default() };
        suite.origins.insert("test_path".to_owned(), origin.clone());
        suite.origins.insert("test_command".to_owned(), origin);
        let top_dir = match top_dir {
            Some((top_dir, origin)) => {
                suite.origins.insert("top_dir".to_owned(), origin);
                top_dir
            }
            None => "./".to_owned(),
        };
        let Runner { python, module } = runner;
        suite.test_command = format!(
            "{python} -m {module} discover -t \"{top_dir}\" \"{test_path}\" $LISTOPT $IDOPTION"
        );
        suite.test_list_option = Some("--list".to_owned());
        suite.test_id_option = Some("--load-list $IDFILE".to_owned());
        for key in ["test_list_option", "test_id_option"] {
            suite.origins.insert(key.to_owned(), Origin::option("stestr"));
        }
        let by_class = match self.parallel_class {
            _ if options.parallel_class => Some(Origin::option("--parallel-class")),
            Some((true, origin)) => Some(origin),
            _ => None,
        };
        let group = match by_class {
            Some(origin) => Some((CLASSES.to_owned(), origin)),
            None => option(&options.group_regex, "--group-regex").or_else(|| set(self.group_regex)),
        };
        if let Some((regex, origin)) = group {
            GroupKey::new(&regex)?;
            suite.origins.insert("group_regex".to_owned(), origin);
            suite.group_regex = Some(regex);
        }
        Ok(suite)
    }
}

fn text(file: &str, table: &Table, key: &str) -> Result<Found, Mistake> {
    let Some(entry) = table.get(key) else { return Ok(None) };
    match &entry.node.value {
        Value::Text(text) => Ok(Some((text.clone(), Origin::line(file, entry.line)))),
        other => Err(wrong(file, entry.line, key, "a string", other)),
    }
}

fn wrong(file: &str, line: usize, key: &str, expected: &str, found: &Value) -> Mistake {
    let key = format!("tool.stestr.{key}");
    Mistake::new(file, line, &key, format!("must be {expected}, and is {}", found.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runner() -> Runner {
        Runner { python: "${PYTHON}".to_owned(), module: "m".to_owned() }
    }

    /// The suite of a folder with these files.
    fn suite(files: &[(&str, &str)], options: &Options) -> Result<Suite, String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let found = Stestr::read(folder.path(), options.config.as_deref());
        found
            .and_then(|found| found.suite(folder.path(), options, &runner()))
            .map_err(|error| error.to_string())
    }

    const CONF: (&str, &str) = (FILE, "[DEFAULT]\ntest_path=${X:-./tests}/$SUB\n");
    const PYPROJECT: (&str, &str) = (
        "pyproject.toml",
        "[project]\nname='x'\n[tool.stestr]\ntest_path = './p'\ntop_dir='./src'\n",
    );
    const TOX: (&str, &str) = ("tox.ini", "[tox]\nenvlist = py3\n[stestr]\ntest_path=./x\n");

    #[test]
    fn the_first_configuration_counts() {
        for (files, config, expected) in [
            (&[CONF, PYPROJECT, TOX][..], None, ("./", "${X:-./tests}/$SUB", FILE, 2)),
            (&[PYPROJECT, TOX], None, ("./src", "./p", "pyproject.toml", 4)),
            (&[("pyproject.toml", "[project]\n"), TOX], None, ("./", "./x", "tox.ini", 4)),
            (&[CONF, PYPROJECT], Some("pyproject.toml"), ("./src", "./p", "pyproject.toml", 4)),
            (&[("o", "[DEFAULT]\ntest_path:o\n"), CONF], Some("o"), ("./", "o", "o", 2)),
        ] {
            let options = Options { config: config.map(str::to_owned), ..Options::default() };
            let suite = suite(files, &options).unwrap();
            let (top, path, file, line) = expected;
            let command =
                format!("${{PYTHON}} -m m discover -t \"{top}\" \"{path}\" $LISTOPT $IDOPTION");
            assert_eq!(suite.test_command, command);
            assert_eq!(suite.origins["test_path"], Origin::line(file, line));
            assert_eq!(suite.test_list_option.as_deref(), Some("--list"));
            assert_eq!(suite.test_id_option.as_deref(), Some("--load-list $IDFILE"));
        }
    }

    #[test]
    fn the_command_line_goes_first() {
        let options = Options {
            test_path: Some("t".to_owned()),
            top_dir: Some("..".to_owned()),
            group_regex: Some("g".to_owned()),
            ..Options::default()
        };
        let suite = suite(&[CONF], &options).unwrap();
        assert!(suite.test_command.contains("-t \"..\" \"t\""));
        assert_eq!(suite.group_regex.as_deref(), Some("g"));
        assert_eq!(suite.origins["group_regex"], Origin::option("--group-regex"));
    }

    #[test]
    fn what_is_empty_does_not_count() {
        let empty = Some(String::new());
        let options =
            Options { test_path: empty.clone(), top_dir: empty.clone(), ..Options::default() };
        let command = suite(&[PYPROJECT], &options).unwrap().test_command;
        assert!(command.contains("-t \"./src\" \"./p\""), "{command}");
        let conf = (FILE, "[DEFAULT]\ntest_path=\n");
        assert!(suite(&[conf], &Options::default()).unwrap_err().starts_with("No test_path"));
    }

    #[test]
    fn groups_are_classes_if_wanted() {
        for (text, flag, expected) in [
            ("", false, None),
            ("group_regex=x\n", false, Some("x")),
            ("group_regex=x\nparallel_class=True\n", false, Some(CLASSES)),
            ("group_regex=x\nparallel_class=no\n", false, Some("x")),
            ("", true, Some(CLASSES)),
        ] {
            let text = format!("[DEFAULT]\ntest_path=t\n{text}");
            let options = Options { parallel_class: flag, ..Options::default() };
            let suite = suite(&[(FILE, &text)], &options).unwrap();
            assert_eq!(suite.group_regex.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn errors_have_the_texts_of_stestr() {
        let no_path = |file| {
            format!(
                "No test_path can be found in either the command line options nor in the specified \
                 config file {file}.  Please specify a test path either in the config file or via the \
                 --test-path argument"
            )
        };
        let conf = |text| [(FILE, text)];
        for (files, config, expected) in [
            (&[][..], None, no_path("tox.ini")),
            (&[TOX], Some("tox.ini"), no_path("tox.ini")),
            (&[CONF], Some("none"), no_path("none")),
            (&conf("[DEFAULT]\ntop_dir=./\n"), None, no_path(FILE)),
            (&conf("[DEFAULT]\nparallel_class=x\n"), None, "Not a boolean: x".to_owned()),
            (
                &conf("[DEFAULT]\ntest_path=%s\n"),
                None,
                "'%' must be followed by '%' or '(', found: '%s'".to_owned(),
            ),
            (
                &conf("[DEFAULT]\ntest_path=x\ngroup_regex=(\n"),
                None,
                "missing ), unterminated subpattern at position 0".to_owned(),
            ),
            (
                &[("pyproject.toml", "[tool.stestr]\ntest_path = 1\n")],
                None,
                "pyproject.toml:2: tool.stestr.test_path: must be a string, and is a number"
                    .to_owned(),
            ),
        ] {
            let options = Options { config: config.map(str::to_owned), ..Options::default() };
            assert_eq!(suite(files, &options).unwrap_err(), expected);
        }
    }

    #[test]
    fn one_test_needs_no_discovery() {
        for (test, expected) in
            [("a.b.C.test", "a.b.C.test"), ("a/b.py::C::test", "a.b.C.test"), ("a/b.py", "a.b")]
        {
            assert_eq!(runner().no_discovery(test), format!("${{PYTHON}} -m m {expected}"));
        }
    }
}
