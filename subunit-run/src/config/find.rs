//! Which configuration a folder has, and what goes over it.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::{
    Mistake, Suite,
    keys::Dialect,
    stestr::{self, Stestr},
    testr::{self, Testr},
    toml::{self, Access, Layer, RunLine},
};

/// The file beside the configuration that is not committed.
pub const LOCAL: &str = "subunit.local.toml";

/// The files of TOML that are a configuration, in their order around `.testr.conf`.
const SUBUNIT: &str = "subunit.toml";
const INQUEST: [&str; 2] = ["inquest.toml", ".inquest.toml"];

/// Why there is no suite.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The folder has no configuration.
    #[error(
        "no configuration in {} (subunit.toml, .testr.conf, .stestr.conf, inquest.toml, .inquest.toml, or the part of \
         stestr in pyproject.toml or tox.ini): name a command, as in `subunit run -- make check`",
        shown(.0)
    )]
    Nothing(PathBuf),
    /// `.testr.conf` is wrong.
    #[error(transparent)]
    Testr(#[from] testr::TestrError),
    /// The configuration of stestr is wrong.
    #[error(transparent)]
    Stestr(#[from] stestr::StestrError),
    /// A file of TOML is wrong.
    #[error(transparent)]
    Toml(#[from] Mistake),
}

fn shown(folder: &Path) -> String {
    match folder.as_os_str().is_empty() {
        true => "this folder".to_owned(),
        false => folder.display().to_string(),
    }
}

/// The configuration of a folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Main {
    /// How it is written.
    pub dialect: Dialect,
    /// Its name; of stestr's, the first that is looked for.
    pub file: &'static str,
}

/// The configuration of a folder, if it has one.
#[must_use]
pub fn find(folder: &Path) -> Option<Main> {
    let is = |dialect, file| folder.join(file).is_file().then_some(Main { dialect, file });
    is(Dialect::Subunit, SUBUNIT)
        .or_else(|| is(Dialect::Testr, testr::FILE))
        .or_else(|| INQUEST.into_iter().find_map(|file| is(Dialect::Inquest, file)))
        .or_else(|| {
            let stestr = Main { dialect: Dialect::Stestr, file: stestr::FILE };
            Stestr::is_in(folder).then_some(stestr)
        })
}

/// The user's own file: `$XDG_CONFIG_HOME/subunit/subunit.toml`, or the same in `~/.config`.
#[must_use]
pub fn user_file() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").filter(|folder| folder.is_absolute());
    let folder = folder.or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(folder.join("subunit").join(SUBUNIT))
}

/// How a suite is put together.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The folder of the configuration.
    pub folder: &'a Path,
    /// The profile that is asked for.
    pub profile: Option<&'a str>,
    /// The user's own file; it may be missing.
    pub user: Option<&'a Path>,
    /// Runs the commands whose output is a value or a file. See [`toml::shell`].
    pub run: RunLine<'a>,
    /// What the command line says of a suite of stestr.
    pub stestr: &'a stestr::Options,
    /// What runs the tests of a suite of stestr.
    pub runner: &'a stestr::Runner,
}

/// The suite of a folder, with all that goes over it: the user's own file, and then `subunit.local.toml`.
///
/// # Errors
///
/// If there is no configuration, or something in one is wrong.
pub fn load(request: &Request<'_>) -> Result<Suite, FindError> {
    let folder = request.folder;
    let main = find(folder).ok_or_else(|| FindError::Nothing(folder.to_owned()))?;
    let access = Access { folder, run: request.run };
    let mut suite = Suite { folder: folder.to_owned(), ..Suite::default() };
    let mut layers = Vec::new();
    match main.dialect {
        Dialect::Testr => {
            let path = folder.join(testr::FILE);
            let bytes = std::fs::read(&path).map_err(|_| testr::TestrError::Missing)?;
            suite = Testr::parse(&named(&path), &bytes)?.suite(folder, true)?;
        }
        Dialect::Stestr => {
            let found = Stestr::read(folder, None)?;
            suite = found.suite(folder, request.stestr, request.runner)?;
        }
        dialect => layers = read(&folder.join(main.file), dialect, access)?,
    }
    put_over(&mut suite, layers, request)?;
    toml::whole(&suite, main.file)?;
    Ok(suite)
}

/// Puts over a suite, of any dialect, what goes over it: the user's own file, and then `subunit.local.toml`.
///
/// # Errors
///
/// If something in one is wrong.
pub fn overlay(suite: &mut Suite, request: &Request<'_>) -> Result<(), Mistake> {
    put_over(suite, Vec::new(), request)?;
    suite.scripts.first().map_or(Ok(()), |script| {
        let what = "goes over a subunit.toml with scripts, and this folder has none";
        Err(script.mistake(what))
    })
}

/// Applies these layers, and those that go over all others.
fn put_over(
    suite: &mut Suite,
    mut layers: Vec<Layer>,
    request: &Request<'_>,
) -> Result<(), Mistake> {
    let folder = request.folder;
    let access = Access { folder, run: request.run };
    if let Some(user) = request.user {
        // What the user's file includes is beside it; its commands run where all others do.
        let folder = user.parent().unwrap_or(folder);
        layers.extend(read(user, Dialect::Subunit, Access { folder, ..access })?);
    }
    layers.extend(read(&folder.join(LOCAL), Dialect::Subunit, access)?);
    let profile = toml::profile(&layers, request.profile)?;
    layers.iter().try_for_each(|layer| toml::apply(suite, layer, profile.as_deref(), access))
}

/// Reads a file of TOML, if it is there.
fn read(path: &Path, dialect: Dialect, access: Access<'_>) -> Result<Vec<Layer>, Mistake> {
    let file = named(path);
    match std::fs::read(path) {
        Ok(bytes) => toml::layers(&file, &bytes, dialect, access),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Mistake::in_file(&file, error.to_string())),
    }
}

/// A file as messages call it: as short as it can be said from the current folder.
fn named(path: &Path) -> String {
    let here = env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(here).unwrap_or(path);
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::config::{Concurrency, Origin};

    struct Project(tempfile::TempDir);

    impl Project {
        fn new(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in files {
                std::fs::write(folder.path().join(name), text).unwrap();
            }
            Self(folder)
        }

        fn load(&self, profile: Option<&str>) -> Result<Suite, String> {
            let runner = stestr::Runner { python: "python3".to_owned(), module: "m".to_owned() };
            let user = self.0.path().join("user.toml");
            let request = Request {
                folder: self.0.path(),
                profile,
                user: Some(&user),
                run: &|_| Err(io::Error::other("nothing runs here")),
                stestr: &stestr::Options::default(),
                runner: &runner,
            };
            let folder = format!("{}/", self.0.path().display());
            load(&request).map_err(|error| error.to_string().replace(&folder, ""))
        }
    }

    const OURS: (&str, &str) = ("subunit.toml", "test_command = 'ours'\n");
    const TESTR: (&str, &str) = (".testr.conf", "[DEFAULT]\ntest_command=testr\n");
    const INQUEST_1: (&str, &str) = ("inquest.toml", "test_command = 'i1'\nother = 1\n");
    const INQUEST_2: (&str, &str) = (".inquest.toml", "test_command = 'i2'\n");
    const STESTR: (&str, &str) = (".stestr.conf", "[DEFAULT]\ntest_path=stestr\n");
    const PYPROJECT: (&str, &str) = ("pyproject.toml", "[tool.stestr]\ntest_path='py'\n");
    const TOX: (&str, &str) = ("tox.ini", "[stestr]\ntest_path=tox\n");

    #[test]
    fn files_are_named_from_the_current_folder() {
        let here = env::current_dir().unwrap();
        for (path, expected) in [
            (here.join("a/b.toml"), "a/b.toml"),
            (PathBuf::from("./b.toml"), "b.toml"),
            (PathBuf::from("/elsewhere/b.toml"), "/elsewhere/b.toml"),
        ] {
            assert_eq!(named(&path), expected);
        }
    }

    #[test]
    fn files_that_are_broken_count_if_they_are_of_stestr() {
        for (file, text, found) in [
            ("tox.ini", "[tox]\na=1\na=2\n", false),
            ("tox.ini", "[tox]\na=1\na=2\n[stestr]\n", true),
            ("pyproject.toml", "a = \n", false),
            ("pyproject.toml", "a = \n[tool.stestr]\n", true),
        ] {
            let project = Project::new(&[(file, text)]);
            assert_eq!(find(project.0.path()).is_some(), found, "{text}");
        }
    }

    #[test]
    fn the_first_configuration_counts() {
        let all = [OURS, TESTR, INQUEST_1, INQUEST_2, STESTR, PYPROJECT, TOX];
        let commands = ["ours", "testr", "i1", "i2", "stestr", "py", "tox"];
        for (first, command) in commands.iter().enumerate() {
            let suite = Project::new(&all[first..]).load(None).unwrap();
            assert!(suite.test_command.contains(command), "{command}: {}", suite.test_command);
        }
        for other in [&[][..], &[("tox.ini", "[tox]\n")], &[("pyproject.toml", "[project]\n")]] {
            let error = Project::new(other).load(None).unwrap_err();
            assert!(error.starts_with("no configuration in "), "{error}");
        }
    }

    #[test]
    fn local_goes_over_the_users_file_and_that_over_the_project() {
        for main in [OURS, TESTR, INQUEST_1, STESTR] {
            let project = Project::new(&[
                main,
                ("user.toml", "concurrency = 2\nretries = 3\ninstance_provision = 'u'\n"),
                (LOCAL, "concurrency = 4\n[environment]\nA = 'x'\n"),
            ]);
            let suite = project.load(None).unwrap();
            assert_eq!(suite.concurrency, Some(Concurrency::Workers(4)));
            assert_eq!(suite.retries, 3);
            assert_eq!(suite.instance_provision.as_deref(), Some("u"));
            assert_eq!(suite.environment["A"], "x");
            let local = project.0.path().join(LOCAL).display().to_string();
            assert_eq!(suite.origins["concurrency"], Origin::line(&local, 1));
            assert_eq!(suite.origins["environment.A"], Origin::line(&local, 3));
        }
    }

    #[test]
    fn the_users_file_goes_over_one_of_toml_too() {
        let main = ("subunit.toml", "test_command = 'c'\nretries = 1\n");
        let (user, local) = (("user.toml", "retries = 2\n"), (LOCAL, "retries = 3\n"));
        let retries = |files: &[(&str, &str)]| Project::new(files).load(None).unwrap().retries;
        assert_eq!(retries(&[main]), 1);
        assert_eq!(retries(&[main, user]), 2);
        assert_eq!(retries(&[main, user, local]), 3);
    }

    #[test]
    fn what_goes_over_may_be_only_a_part_and_the_whole_is_looked_at() {
        let ours =
            ("subunit.toml", "test_command = 'c $IDOPTION $LISTOPT'\ntest_list_option = '-l'\n");
        let error = Project::new(&[ours]).load(None).unwrap_err();
        let what = "test_command: has $IDOPTION, and there is no test_id_option";
        assert_eq!(error, format!("subunit.toml:1: {what}"));
        let local = (LOCAL, "test_id_option = '-i'\n");
        assert!(Project::new(&[ours, local]).load(None).is_ok());
        let error = Project::new(&[("subunit.toml", "retries = 1\n")]).load(None).unwrap_err();
        assert_eq!(error, "subunit.toml: there is no test_command");
    }

    #[test]
    fn profiles_are_chosen() {
        let main = (
            "subunit.toml",
            "test_command = 'c'\nretries = 1\ndefault_profile = 'fast'\n\
             [profiles.fast]\nretries = 2\n[profiles.ci]\nretries = 3\n",
        );
        let retries = |files: &[(&str, &str)], profile| {
            Project::new(files).load(profile).map(|suite| suite.retries)
        };
        assert_eq!(retries(&[main], None), Ok(2));
        assert_eq!(retries(&[main], Some("ci")), Ok(3));
        assert_eq!(retries(&[main, (LOCAL, "default_profile = 'ci'\n")], None), Ok(3));
        assert_eq!(retries(&[main, (LOCAL, "[profiles.ci]\nretries = 9\n")], Some("ci")), Ok(9));
        for (local, profile, expected) in [
            ("", Some("cj"), "--profile: no profile `cj`; did you mean `ci`?"),
            (
                "default_profile = 'other'\n",
                None,
                "subunit.local.toml:1: default_profile: no profile `other`; there are fast, ci",
            ),
            (
                "[profiles.x]\nretrys = 1\n",
                None,
                "subunit.local.toml:2: profiles.x.retrys: unknown key; did you mean `retries`?",
            ),
            (
                "[profiles.x]\ninclude = []\n",
                None,
                "subunit.local.toml:2: profiles.x.include: unknown key; there are runner, test_command",
            ),
            (
                "[profiles]\nx = 1\n",
                None,
                "subunit.local.toml:2: profiles.x: must be a table, and is a number",
            ),
        ] {
            let error = retries(&[main, (LOCAL, local)], profile).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
