//! What is installed where tests run, as far as files say it: nothing is started to find out.

use std::{
    collections::BTreeMap,
    env, fs,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use serde::Serialize;
use subunit_history::query::TestInputs;

/// What is installed, of one kind: the file [`INSTALLED`](subunit_core::conventions::INSTALLED) of a stream.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Installed {
    by: &'static str,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    versions: BTreeMap<String, String>,
}

/// The most packages of one kind that are told.
const MOST: usize = 20_000;

/// The files in which package managers lock what a project needs.
const LOCKS: [&str; 8] = [
    "Cargo.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "go.sum",
    "poetry.lock",
    "uv.lock",
];

/// What is installed on this machine, for a project in this folder.
pub(crate) fn here(project: &Path) -> Vec<Installed> {
    let kind = |by, folder, versions: BTreeMap<String, String>| {
        (!versions.is_empty()).then_some(Installed { by, folder, versions })
    };
    let locks = kind("lock", None, locks(project));
    let python = interpreter(project).and_then(|prefix| {
        let folder = prefix.to_string_lossy().into_owned();
        kind("python", Some(folder), distributions(&prefix))
    });
    let status = File::open("/var/lib/dpkg/status").map(BufReader::new);
    let dpkg = status.ok().and_then(|status| kind("dpkg", None, packages(status)));
    locks.into_iter().chain(python).chain(dpkg).collect()
}

fn locks(project: &Path) -> BTreeMap<String, String> {
    let lock = |name: &&str| {
        let digest = File::open(project.join(name)).and_then(TestInputs::digest).ok()?;
        Some(((*name).to_owned(), digest))
    };
    LOCKS.iter().filter_map(lock).collect()
}

/// The folder of the Python that `python3` is: that of a virtual environment, or the one in `PATH`.
fn interpreter(project: &Path) -> Option<PathBuf> {
    let is_virtual = |folder: &PathBuf| folder.join("pyvenv.cfg").is_file();
    let own = env::var_os("VIRTUAL_ENV").map(PathBuf::from).into_iter();
    let own = own.chain([".venv", "venv"].map(|name| project.join(name)));
    if let Some(folder) = own.into_iter().find(is_virtual) {
        return Some(folder);
    }
    let path = env::var_os("PATH")?;
    let program = env::split_paths(&path).map(|folder| folder.join("python3"));
    let program = program.into_iter().find(|program| program.is_file())?;
    let program = program.canonicalize().ok()?;
    let folder = program.parent()?;
    if folder.ends_with("shims") {
        return of_pyenv(folder.parent()?, project);
    }
    folder.parent().map(Path::to_owned)
}

/// The folder that a shim of pyenv stands for, if that is said in the usual places.
fn of_pyenv(root: &Path, project: &Path) -> Option<PathBuf> {
    let said = env::var("PYENV_VERSION").ok();
    let said = said.or_else(|| fs::read_to_string(project.join(".python-version")).ok());
    let said = said.or_else(|| fs::read_to_string(root.join("version")).ok())?;
    let version = said.split([':', '\n']).next()?.trim();
    let folder = root.join("versions").join(version);
    (!version.is_empty() && folder.is_dir()).then_some(folder)
}

/// The distributions of a Python, by the names of the folders that say what they are.
fn distributions(prefix: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = Vec::new();
    for lib in [prefix.join("lib"), prefix.join("local/lib")] {
        for entry in fs::read_dir(lib).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("python3") {
                let packages = ["site-packages", "dist-packages"];
                folders.extend(packages.map(|name| entry.path().join(name)));
            }
        }
    }
    for folder in folders {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if found.len() < MOST {
                found.extend(distribution(&entry.file_name().to_string_lossy()));
            }
        }
    }
    found
}

/// The name and the version of `NAME-VERSION.dist-info` and of `NAME-VERSION-py3.11.egg-info`.
fn distribution(file: &str) -> Option<(String, String)> {
    let said = match file.strip_suffix(".dist-info") {
        Some(said) => said,
        None => {
            let said = file.strip_suffix(".egg-info")?;
            said.rsplit_once("-py").map_or(said, |(said, _)| said)
        }
    };
    let (name, version) = said.rsplit_once('-')?;
    Some((name.to_owned(), version.to_owned()))
}

/// The packages that the status of dpkg says are installed.
fn packages(status: impl BufRead) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let (mut name, mut version, mut is_there) = (None, None, false);
    // What is no UTF-8 is in descriptions.
    let lines = status.split(b'\n').map_while(Result::ok).chain([Vec::new()]);
    for line in lines {
        let line = String::from_utf8_lossy(&line);
        if let Some(said) = line.strip_prefix("Package: ") {
            name = Some(said.to_owned());
        } else if let Some(said) = line.strip_prefix("Version: ") {
            version = Some(said.to_owned());
        } else if let Some(said) = line.strip_prefix("Status: ") {
            is_there = said.ends_with(" installed");
        } else if line.is_empty() {
            if let (Some(name), Some(version)) = (name.take(), version.take())
                && is_there
                && found.len() < MOST
            {
                found.insert(name, version);
            }
            is_there = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_are_read_from_names_of_folders() {
        for (file, expected) in [
            ("pytest-8.0.0.dist-info", Some(("pytest", "8.0.0"))),
            ("a_b-1.0+local.1.dist-info", Some(("a_b", "1.0+local.1"))),
            ("PyYAML-6.0-py3.11.egg-info", Some(("PyYAML", "6.0"))),
            ("PyJWT-2.6.0.egg-info", Some(("PyJWT", "2.6.0"))),
            ("old-name-1.2.dist-info", Some(("old-name", "1.2"))),
            ("x.egg-info", None),
            ("pytest", None),
        ] {
            let found = distribution(file);
            let found = found.as_ref().map(|(name, version)| (&**name, &**version));
            assert_eq!(found, expected, "{file}");
        }
    }

    #[test]
    fn only_what_is_installed_counts() {
        let status = "Package: a\nStatus: install ok installed\nVersion: 1:2.3-4\nDescription: x\n Package: no\n\n\
                      Package: b\nStatus: deinstall ok config-files\nVersion: 1\n\n\
                      Package: c\nVersion: 5\nStatus: install ok installed";
        let found = packages(status.as_bytes());
        let found: Vec<_> = found.iter().map(|(name, version)| (&**name, &**version)).collect();
        assert_eq!(found, [("a", "1:2.3-4"), ("c", "5")]);
    }

    #[test]
    fn the_environment_of_a_project_goes_before_that_of_the_machine() {
        let folder = tempfile::tempdir().unwrap();
        let packages = folder.path().join(".venv/lib/python3.11/site-packages");
        fs::create_dir_all(packages.join("pytest-8.0.0.dist-info")).unwrap();
        fs::write(folder.path().join(".venv/pyvenv.cfg"), "").unwrap();
        fs::write(folder.path().join("go.sum"), "x").unwrap();
        let found = here(folder.path());
        assert_eq!(found[0].by, "lock");
        assert_eq!(found[0].versions.keys().collect::<Vec<_>>(), ["go.sum"]);
        if env::var_os("VIRTUAL_ENV").is_none() {
            assert_eq!(found[1].by, "python");
            assert_eq!(found[1].versions["pytest"], "8.0.0");
        }
    }
}
