//! Which revision of a Git repository is checked out, by its files: no program is run.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use serde::Serialize;

/// What is checked out. Whether files were changed is not known: that would take a look at all of them.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Checkout {
    revision: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
}

/// The files that are read whole are short.
const LONGEST: u64 = 4096;

/// So much is read of the list of all references.
const LIST: u64 = 16 << 20;

impl Checkout {
    pub(super) fn branch(&self) -> Option<&str> {
        self.branch.as_deref()
    }

    /// The checkout that a folder is in; `None` if that is unknown.
    pub(crate) fn around(folder: &Path) -> Option<Self> {
        let place = folder.ancestors().map(|folder| folder.join(".git")).find(|at| at.exists())?;
        let place = if place.is_dir() { place } else { linked(&place)? };
        let head = line(&place.join("HEAD"))?;
        let Some(name) = head.strip_prefix("ref: ") else {
            return is_hash(&head).then_some(Self { revision: head, branch: None });
        };
        // In a linked checkout branches stand where the repository is.
        let shared = line(&place.join("commondir"));
        let shared = shared.map_or_else(|| place.clone(), |shared| place.join(shared));
        let revision = [&place, &shared].into_iter().find_map(|place| loose(place, name));
        let revision = revision.or_else(|| packed(&shared, name))?;
        Some(Self { revision, branch: name.strip_prefix("refs/heads/").map(str::to_owned) })
    }
}

/// The folder that a file `.git` names instead of being it.
fn linked(file: &Path) -> Option<PathBuf> {
    let place = line(file)?;
    Some(file.parent()?.join(place.strip_prefix("gitdir: ")?))
}

fn loose(place: &Path, name: &str) -> Option<String> {
    let is_below = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let path = is_below.then(|| place.join(name))?;
    line(&path).filter(|revision| is_hash(revision))
}

fn packed(place: &Path, name: &str) -> Option<String> {
    let list = open(&place.join("packed-refs"))?.take(LIST);
    BufReader::new(list).lines().map_while(Result::ok).find_map(|line| {
        let (revision, known) = line.split_once(' ')?;
        (known == name && is_hash(revision)).then(|| revision.to_owned())
    })
}

/// The only line of a file.
fn line(path: &Path) -> Option<String> {
    let mut text = String::new();
    open(path)?.take(LONGEST).read_to_string(&mut text).ok()?;
    let line = text.trim_end();
    (!line.is_empty() && !line.contains('\n')).then(|| line.to_owned())
}

/// Opens a file, and nothing that has to be waited for.
fn open(path: &Path) -> Option<File> {
    if fs::metadata(path).ok()?.is_file() { File::open(path).ok() } else { None }
}

fn is_hash(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";

    fn write(folder: &Path, files: &[(&str, &str)]) {
        for (name, content) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }

    fn found(files: &[(&str, &str)]) -> Option<(String, Option<String>)> {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), files);
        write(folder.path(), &[("a/b/c", "")]);
        let found = Checkout::around(&folder.path().join("a/b"));
        found.map(|found| (found.revision, found.branch))
    }

    #[test]
    fn a_branch_is_a_file_or_a_line_of_a_list() {
        let main = (".git/HEAD", "ref: refs/heads/x/main\n");
        let expected = Some((ONE.to_owned(), Some("x/main".to_owned())));
        let loose = (".git/refs/heads/x/main", &*format!("{ONE}\n"));
        let list =
            format!("# pack-refs with: peeled\n{TWO} refs/heads/x\n{ONE} refs/heads/x/main\n");
        assert_eq!(found(&[main, loose]), expected);
        assert_eq!(found(&[main, (".git/packed-refs", &list)]), expected);
        let older = list.replace(ONE, TWO);
        assert_eq!(found(&[main, loose, (".git/packed-refs", &older)]), expected);
        assert_eq!(found(&[(".git/HEAD", ONE)]), Some((ONE.to_owned(), None)));
    }

    #[test]
    fn a_linked_checkout_has_its_branches_elsewhere() {
        let files = [
            ("a/.git", "gitdir: ../r/.git/worktrees/a\n"),
            ("r/.git/worktrees/a/HEAD", "ref: refs/heads/topic"),
            ("r/.git/worktrees/a/commondir", "../..\n"),
            ("r/.git/refs/heads/topic", TWO),
        ];
        assert_eq!(found(&files), Some((TWO.to_owned(), Some("topic".to_owned()))));
    }

    #[test]
    fn what_cannot_be_told_is_not_guessed() {
        let main = (".git/HEAD", "ref: refs/heads/main");
        let long = " ".repeat(5000);
        for files in [
            &[(".git/HEAD", "")][..],
            &[main],
            &[main, (".git/refs/heads/main", "no hash")],
            &[main, (".git/refs/heads/main/other", ONE)],
            &[(".git/HEAD", "ref: ../secret"), ("secret", ONE), (".git/secret", ONE)],
            &[(".git/HEAD", &long)],
            &[(".git", "gitdir: nowhere")],
            &[(".git", "\u{0}")],
        ] {
            assert_eq!(found(files), None, "{files:?}");
        }
    }
}
