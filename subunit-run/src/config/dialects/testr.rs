//! `.testr.conf`, as testr reads it, and with testr's texts of errors.

use std::path::Path;

use crate::config::{
    Concurrency, Mistake, Origin, Suite,
    ini::{DEFAULT, Ini, IniError},
    python,
    regex::{BadRegex, GroupKey, python_regex},
};

/// The name of the file.
pub const FILE: &str = ".testr.conf";

/// What is wrong with a `.testr.conf`, in the words of testr.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TestrError {
    /// There is none, or it cannot be read.
    #[error("No .testr.conf config file")]
    Missing,
    /// A key is needed that is not there.
    #[error("No {0} option present in .testr.conf")]
    NoOption(&'static str),
    /// A listing is needed, and the command has no `$LISTOPT`.
    #[error("LISTOPT not configured in .testr.conf")]
    NoListing,
    /// The file is not as Python wants it.
    #[error(transparent)]
    Ini(#[from] IniError),
    /// `group_regex` is no regex.
    #[error(transparent)]
    Regex(#[from] BadRegex),
    /// A value that testr does not know is wrong.
    #[error(transparent)]
    Value(#[from] Mistake),
}

/// A `.testr.conf` that was read.
#[derive(Clone, Debug)]
pub struct Testr {
    ini: Ini,
    /// The file, as it is to be named.
    file: String,
}

impl Testr {
    /// Reads the `.testr.conf` of a folder. Errors name the file with the folder as it is given.
    ///
    /// # Errors
    ///
    /// If there is none, or it is not one.
    pub fn read(folder: &Path) -> Result<Self, TestrError> {
        let file = folder.join(FILE);
        let bytes = std::fs::read(&file).map_err(|_| TestrError::Missing)?;
        Self::parse(&file.display().to_string(), &bytes)
    }

    /// Takes a `.testr.conf` that was read. `file` is what errors call it.
    ///
    /// # Errors
    ///
    /// If it is not one.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, TestrError> {
        Ok(Self { ini: Ini::parse(file, bytes)?, file: file.to_owned() })
    }

    /// The tags that are not counted: all that `load`, `last` and `failing` want to know.
    ///
    /// # Errors
    ///
    /// If the value cannot be read.
    pub fn filter_tags(&self) -> Result<Vec<String>, TestrError> {
        let tags = self.ini.get(DEFAULT, "filter_tags")?.unwrap_or_default();
        Ok(python::split(&tags).map(str::to_owned).collect())
    }

    /// The suite. A key that is not needed is not read, so that a mistake in it does no harm;
    /// `test_run_concurrency` is needed if the run is parallel and the command line has no number.
    ///
    /// # Errors
    ///
    /// If a key is missing, or its value cannot be read.
    pub fn suite(&self, folder: &Path, concurrency: bool) -> Result<Suite, TestrError> {
        let mut suite = Suite { folder: folder.to_owned(), ..Suite::default() };
        let keys = &mut |key: &'static str| self.value(&mut suite.origins, key);
        suite.test_command = keys("test_command")?.ok_or(TestrError::NoOption("test_command"))?;
        let mut needed = |variable: &str, key| {
            if !suite.test_command.contains(variable) {
                return Ok(None);
            }
            keys(key)?.ok_or(TestrError::NoOption(key)).map(Some)
        };
        suite.test_id_option = needed("$IDOPTION", "test_id_option")?;
        suite.test_list_option = needed("$LISTOPT", "test_list_option")?;
        suite.group_regex = keys("group_regex")?.filter(|regex| !regex.is_empty());
        if let Some(regex) = &suite.group_regex {
            GroupKey::new(regex)?;
        }
        suite.test_id_list_default = keys("test_id_list_default")?;
        if concurrency {
            suite.concurrency = keys("test_run_concurrency")?.map(Concurrency::Command);
        }
        suite.instance_provision = keys("instance_provision")?;
        if suite.instance_provision.is_some() {
            suite.instance_execute = keys("instance_execute")?;
        }
        suite.instance_dispose = keys("instance_dispose")?;
        suite.instance_identity = keys("instance_identity")?;
        keys("filter_tags")?;
        suite.debug_prompt = keys("debug_prompt_regex")?;
        let incremental = keys("incremental")?;
        if let Some(Err(error)) = suite.debug_prompt.as_deref().map(python_regex) {
            let what = format!("`{}`: {error}", error.pattern);
            return Err(self.mistake("debug_prompt_regex", what).into());
        }
        suite.filter_tags = self.filter_tags()?;
        suite.incremental = match incremental {
            Some(text) => python::boolean(&text).ok_or_else(|| {
                self.mistake("incremental", format!("`{text}` is neither true nor false"))
            })?,
            None => false,
        };
        Ok(suite)
    }

    fn value(
        &self,
        origins: &mut std::collections::BTreeMap<String, Origin>,
        key: &str,
    ) -> Result<Option<String>, IniError> {
        let value = self.ini.get(DEFAULT, key)?;
        if let Some(line) = self.ini.line(DEFAULT, key) {
            origins.insert(key.to_owned(), Origin::line(&self.file, line));
        }
        Ok(value)
    }

    /// A mistake in a key that testr does not know.
    fn mistake(&self, key: &str, what: String) -> Mistake {
        let line = self.ini.line(DEFAULT, key).unwrap_or_default();
        Mistake::new(&self.file, line, key, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(text: &str) -> Result<Suite, String> {
        let testr = Testr::parse("x.conf", text.as_bytes()).map_err(|error| error.to_string())?;
        testr.suite(Path::new("/p"), true).map_err(|error| error.to_string())
    }

    #[test]
    fn every_key_finds_its_place() {
        let text = "[DEFAULT]\ntest_command=c $LISTOPT $IDOPTION\ntest_id_option=--ids $IDFILE\n\
            test_list_option=--list\ntest_id_list_default=a b\ntest_run_concurrency=echo 2\n\
            group_regex=m\\d\nfilter_tags=x  y\ninstance_provision=p\ninstance_execute=e\n\
            instance_dispose=d\nincremental=Yes\ndebug_prompt_regex=^\\(Pdb\\)\nrunner=unknown\n";
        let some = |text: &str| Some(text.to_owned());
        let suite = suite(text).unwrap();
        assert_eq!(suite.folder, Path::new("/p"));
        assert_eq!(suite.test_command, "c $LISTOPT $IDOPTION");
        assert_eq!(suite.test_id_option, some("--ids $IDFILE"));
        assert_eq!(suite.test_list_option, some("--list"));
        assert_eq!(suite.test_id_list_default, some("a b"));
        assert_eq!(suite.concurrency, Some(Concurrency::Command("echo 2".to_owned())));
        assert_eq!(suite.group_regex, some("m\\d"));
        assert_eq!(suite.filter_tags, ["x", "y"]);
        assert_eq!(suite.instance_provision, some("p"));
        assert_eq!(suite.instance_execute, some("e"));
        assert_eq!(suite.instance_dispose, some("d"));
        assert!(suite.incremental);
        assert_eq!(suite.debug_prompt, some("^\\(Pdb\\)"));
        assert_eq!(suite.origins["filter_tags"], Origin::line("x.conf", 8));
        assert_eq!(suite.origins.len(), 12);
    }

    #[test]
    fn errors_have_the_texts_of_testr() {
        for (text, expected) in [
            ("[testr]\ntest_command=c\n", "No test_command option present in .testr.conf"),
            (
                "[DEFAULT]\ntest_command=c $IDOPTION\n",
                "No test_id_option option present in .testr.conf",
            ),
            (
                "[DEFAULT]\ntest_command=c $LISTOPT\n",
                "No test_list_option option present in .testr.conf",
            ),
            (
                "test_command=c\n",
                "File contains no section headers.\nfile: 'x.conf', line: 1\n'test_command=c\\n'",
            ),
            (
                "[DEFAULT]\ntest_command=date +%s\n",
                "'%' must be followed by '%' or '(', found: '%s'",
            ),
            (
                "[DEFAULT]\ntest_command=c\ngroup_regex=(\n",
                "missing ), unterminated subpattern at position 0",
            ),
            (
                "[DEFAULT]\ntest_command=c\nincremental=maybe\n",
                "x.conf:3: incremental: `maybe` is neither true nor false",
            ),
            (
                "[DEFAULT]\ntest_command=c\ndebug_prompt_regex=(\n",
                "x.conf:3: debug_prompt_regex: `(`: missing ), unterminated subpattern at position 0",
            ),
        ] {
            assert_eq!(suite(text).unwrap_err(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_key_that_is_not_needed_is_not_read() {
        let text = b"[DEFAULT]\ntest_command=c\ntest_list_option=%s\ntest_run_concurrency=%s\ninstance_execute=%s\n";
        let testr = Testr::parse("x.conf", text).unwrap();
        assert!(testr.suite(Path::new(""), false).is_ok());
        assert!(testr.suite(Path::new(""), true).is_err());
        assert_eq!(testr.filter_tags(), Ok(Vec::new()));
    }

    #[test]
    fn a_folder_without_one_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let error = Testr::read(folder.path()).unwrap_err();
        assert_eq!(error.to_string(), "No .testr.conf config file");
        std::fs::write(folder.path().join(FILE), "[DEFAULT]\ntest_command=c\n").unwrap();
        assert!(Testr::read(folder.path()).is_ok());
    }
}
