//! Files of tests as files in a folder, which the report names.
//!
//! By the convention `[[ATTACHMENT|path]]` in the output of a test case, of Jenkins' plugin "JUnit
//! Attachments", which GitLab and Azure follow. Paths are as the folder was given: where it is relative, to
//! the place where the job's artifacts are taken from.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use subunit_core::{Event, RouteCode, RouteCodeBuf};

use crate::{controls, files::own_file};

/// The files that the report itself shows, if they are text; so are those with a number after the name.
const SHOWN: [&str; 10] = [
    "stdout",
    "stderr",
    "failure",
    "error",
    "traceback",
    "reason",
    "details",
    "message",
    "type",
    "properties",
];
/// The file that names files on disk.
pub(super) const ARTIFACTS: &str = "artifact-path";

/// A name is no longer than this many bytes; all usual systems allow 255.
const LONGEST: usize = 200;
/// So many files are open at one time. Those beyond are left to the report.
const MOST_OPEN: usize = 10_000;
/// For so many names it is known how often they were taken; for others it is found out.
const MOST_NUMBERS: usize = 10_000;

/// A folder for the files that a report has no place for: pictures, logs, whatever tests leave behind.
///
/// A file goes into a folder named after its test, as it comes: it may be of any size. Nothing is written
/// outside of the folder whatever tests and files are called, and nothing that is there is written over: a
/// name that is taken gets a number.
///
/// Memory: the names of 10,000 files that have not come to their end.
#[derive(Debug)]
pub struct AttachmentFolder {
    root: PathBuf,
    /// The root as it stands in the report.
    shown: String,
    /// Where the files are that have not come to their end, by test and name.
    open: HashMap<Test, HashMap<String, PathBuf>>,
    open_files: usize,
    /// The file that was written to last.
    last: Option<(PathBuf, File)>,
    /// How often a name was taken.
    numbers: HashMap<PathBuf, u64>,
}

type Test = (Option<RouteCodeBuf>, String);

/// What became of an event's piece of a file.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Taken {
    /// It is left to the report.
    Left,
    /// It was written; the path, where the file begins with it.
    Written(Option<String>),
}

impl AttachmentFolder {
    /// Makes the folder if it is not there.
    ///
    /// # Errors
    ///
    /// If that cannot be done, and [`io::ErrorKind::InvalidInput`] where a report cannot hold the path: it
    /// is not UTF-8, or it has a line end or `]]` in it.
    pub fn create(root: PathBuf) -> io::Result<Self> {
        let shown = root
            .to_str()
            .filter(|path| !path.contains("]]") && !path.chars().any(|character| !fits(character)));
        let Some(shown) = shown.map(|path| path.trim_end_matches('/').to_owned()) else {
            let message = "a report has no room for such a path";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        };
        fs::create_dir_all(&root)?;
        let (open, numbers) = (HashMap::new(), HashMap::new());
        Ok(Self { root, shown, open, open_files: 0, last: None, numbers })
    }

    /// Writes the piece of a file that an event carries, unless the report is to show it.
    pub(super) fn take(&mut self, event: &Event<'_>) -> io::Result<Taken> {
        let Some(test_id) = event.test_id else { return Ok(Taken::Left) };
        let ends = event.status.is_some_and(|status| status.is_final());
        if event.file.is_none() && !(ends && self.open_files > 0) {
            return Ok(Taken::Left);
        }
        let test = (event.route_code.map(RouteCode::to_buf), test_id.to_owned());
        let taken = self.write(&test, event);
        if ends && let Some(files) = self.open.remove(&test) {
            self.open_files -= files.len();
        }
        taken
    }

    fn write(&mut self, test: &Test, event: &Event<'_>) -> io::Result<Taken> {
        let Some(file) = event.file else { return Ok(Taken::Left) };
        if let Some(path) = self.open.get(test).and_then(|files| files.get(file.name)).cloned() {
            self.append(path, file.bytes)?;
            if event.eof {
                self.close(test, file.name);
            }
            return Ok(Taken::Written(None));
        }
        let is_full = self.open_files >= MOST_OPEN && !event.eof;
        if is_full || is_shown(file.name, event.mime_type) {
            return Ok(Taken::Left);
        }
        let (folder, folder_name) = self.folder(&flat(&test.1))?;
        let name = with_extension(flat(file.name), event.mime_type);
        let (path, name) = self.file(&folder, &name)?;
        self.append(path.clone(), file.bytes)?;
        if !event.eof {
            self.open.entry(test.clone()).or_default().insert(file.name.to_owned(), path);
            self.open_files += 1;
        }
        Ok(Taken::Written(Some(format!("{}/{folder_name}/{name}", self.shown))))
    }

    fn close(&mut self, test: &Test, name: &str) {
        let Some(files) = self.open.get_mut(test) else { return };
        self.open_files -= usize::from(files.remove(name).is_some());
        if files.is_empty() {
            self.open.remove(test);
        }
    }

    fn append(&mut self, path: PathBuf, bytes: &[u8]) -> io::Result<()> {
        let named = |error: io::Error| named(&path, &error);
        match &mut self.last {
            Some((last, file)) if *last == path => file.write_all(bytes).map_err(named),
            _ => {
                let mut file = own_file::again(&path).map_err(named)?;
                file.write_all(bytes).map_err(named)?;
                self.last = Some((path, file));
                Ok(())
            }
        }
    }

    /// The folder of a test, made if it is not there; what is no folder is not followed.
    fn folder(&mut self, name: &str) -> io::Result<(PathBuf, String)> {
        let make = |path: &Path| match fs::create_dir(path) {
            Err(_) if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) => Ok(()),
            made => made,
        };
        self.first_free(&self.root.clone(), name, make).map(|(path, name, ())| (path, name))
    }

    /// A new file.
    fn file(&mut self, folder: &Path, name: &str) -> io::Result<(PathBuf, String)> {
        let (path, name, file) = self.first_free(folder, name, own_file::create)?;
        self.last = Some((path.clone(), file));
        Ok((path, name))
    }

    /// Makes something under the first name that is free: `a.txt`, `a-1.txt`, and so on.
    fn first_free<T>(
        &mut self,
        folder: &Path,
        name: &str,
        make: impl Fn(&Path) -> io::Result<T>,
    ) -> io::Result<(PathBuf, String, T)> {
        let wanted = folder.join(name);
        let mut number = self.numbers.get(&wanted).copied().unwrap_or(0);
        let (stem, extension) = split(name);
        loop {
            let name = match number {
                0 => name.to_owned(),
                number => format!("{stem}-{number}{extension}"),
            };
            let path = folder.join(&name);
            match make(&path) {
                Ok(made) => return Ok((path, name, made)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(named(&path, &error)),
            }
            if self.numbers.len() >= MOST_NUMBERS {
                self.numbers.clear();
            }
            self.numbers.insert(wanted.clone(), number);
        }
    }
}

/// Whether the report shows the file.
fn is_shown(name: &str, mime_type: Option<&str>) -> bool {
    let is_number = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit());
    let base = name.rsplit_once('-').filter(|(_, number)| is_number(number));
    let base = base.map_or(name, |(base, _)| base);
    name == ARTIFACTS
        || SHOWN.contains(&base) && mime_type.is_none_or(|mime_type| mime_type.starts_with("text/"))
}

/// Any words as one name that every system has, and the report too.
fn flat(words: &str) -> String {
    const FORBIDDEN: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|', '[', ']'];
    let is_free = |character: &char| fits(*character) && !FORBIDDEN.contains(character);
    let (stem, extension) = split(words);
    let mut end = stem.len().min(LONGEST - extension.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let characters = stem[..end].chars().chain(extension.chars());
    let mut flat: Vec<char> =
        characters.map(|character| if is_free(&character) { character } else { '_' }).collect();
    // Names that begin with a point are hidden, and some systems drop what they end with.
    if let Some(first) = flat.first_mut()
        && *first == '.'
    {
        *first = '_';
    }
    match flat.last_mut() {
        Some(last) if matches!(last, '.' | ' ') => *last = '_',
        Some(_) => {}
        None => flat.push('_'),
    }
    flat.into_iter().collect()
}

/// Whether XML and a line have room for the character.
fn fits(character: char) -> bool {
    !controls::is_control(character) && !matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// A name, and its extension with the point.
fn split(name: &str) -> (&str, &str) {
    const LONGEST_EXTENSION: usize = 16;
    let is_extension = |extension: &str| {
        (1..=LONGEST_EXTENSION).contains(&extension.len())
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let at = name.rfind('.').filter(|at| *at > 0 && is_extension(&name[at + 1..]));
    name.split_at(at.unwrap_or(name.len()))
}

/// Services show files by their extension.
fn with_extension(name: String, mime_type: Option<&str>) -> String {
    const EXTENSIONS: [(&str, &str); 9] = [
        ("text/plain", ".txt"),
        ("text/html", ".html"),
        ("text/x-diff", ".diff"),
        ("application/json", ".json"),
        ("application/pdf", ".pdf"),
        ("image/png", ".png"),
        ("image/jpeg", ".jpg"),
        ("image/gif", ".gif"),
        ("image/svg+xml", ".svg"),
    ];
    let essence = mime_type.and_then(|mime_type| mime_type.split(';').next()).map(str::trim);
    let known = EXTENSIONS.iter().find(|(mime_type, _)| essence == Some(*mime_type));
    match known {
        Some((_, extension)) if split(&name).1.is_empty() => name + extension,
        _ => name,
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use subunit_core::{FileChunk, Status};

    use super::*;

    fn piece<'a>(test_id: &'a str, name: &'a str, bytes: &'a [u8], eof: bool) -> Event<'a> {
        let file = Some(FileChunk { name, bytes });
        Event { test_id: Some(test_id), file, eof, ..Event::default() }
    }

    /// All files below a folder and what is in them.
    fn tree(root: &Path) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(root).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                let inner = tree(&entry.path());
                found.extend(
                    inner.into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)),
                );
            } else {
                found.push((name, fs::read(entry.path()).unwrap_or_default()));
            }
        }
        found.sort();
        found
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("in");
        let mut folder = AttachmentFolder::create(root.clone()).unwrap();
        let long = "é".repeat(1000) + ".png";
        let odd = [
            "..",
            ".",
            "",
            "../x",
            "/etc/x",
            "a/../../../x",
            "a\\..\\x",
            "]]",
            "x\n",
            "\0",
            " ",
            &long,
        ];
        for test_id in odd {
            for name in odd {
                let Taken::Written(Some(path)) =
                    folder.take(&piece(test_id, name, b"x", true)).unwrap()
                else {
                    panic!("{test_id:?} {name:?}")
                };
                let parts: Vec<&str> =
                    path.strip_prefix(root.to_str().unwrap()).unwrap().split('/').collect();
                assert_eq!(parts.len(), 3, "{path}");
                assert!(parts[1..].iter().all(|part| !["", ".", ".."].contains(part)), "{path}");
                assert!(!path.contains("]]") && !path.contains(char::is_control), "{path}");
                assert_eq!(fs::read(&path).unwrap(), b"x", "{path}");
            }
        }
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
        assert_eq!(tree(&root).len(), odd.len() * odd.len());
    }

    #[cfg(unix)]
    #[test]
    fn links_that_are_there_are_not_followed() {
        let scratch = tempfile::tempdir().unwrap();
        let (root, outside) = (scratch.path().join("in"), scratch.path().join("outside"));
        let mut folder = AttachmentFolder::create(root.clone()).unwrap();
        fs::create_dir(&outside).unwrap();
        std::os::unix::fs::symlink(&outside, root.join("a")).unwrap();
        fs::create_dir(root.join("b")).unwrap();
        std::os::unix::fs::symlink(outside.join("log"), root.join("b/log")).unwrap();
        for test_id in ["a", "b"] {
            folder.take(&piece(test_id, "log", b"x", true)).unwrap();
        }
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
        assert_eq!(fs::read(root.join("a-1/log")).unwrap(), b"x");
        assert_eq!(fs::read(root.join("b/log-1")).unwrap(), b"x");
    }

    #[test]
    fn pieces_are_put_together_and_names_that_are_taken_get_numbers() {
        let scratch = tempfile::tempdir().unwrap();
        let mut folder = AttachmentFolder::create(scratch.path().to_owned()).unwrap();
        let route_code = Some(RouteCode::new("0"));
        for (event, begins) in [
            (piece("a", "log.txt", b"1", false), true),
            (piece("a", "pic.png", b"p", false), true),
            (Event { route_code, ..piece("a", "log.txt", b"r", false) }, true),
            (piece("a", "log.txt", b"2", false), false),
            (piece("a", "log.txt", b"3", true), false),
            (piece("a", "log.txt", b"another", true), true),
            // The end of the test ends its files: what follows is of the next attempt.
            (Event { status: Some(Status::Fail), ..piece("a", "pic.png", b"q", false) }, false),
            (piece("a", "pic.png", b"second", true), true),
        ] {
            let taken = folder.take(&event).unwrap();
            assert!(matches!(taken, Taken::Written(path) if path.is_some() == begins), "{event:?}");
        }
        let expected = [
            ("a/log-1.txt", &b"r"[..]),
            ("a/log-2.txt", b"another"),
            ("a/log.txt", b"123"),
            ("a/pic-1.png", b"second"),
            ("a/pic.png", b"pq"),
        ];
        let expected = expected.map(|(path, bytes)| (path.to_owned(), bytes.to_vec()));
        assert_eq!(tree(scratch.path()), expected);
        assert_eq!(folder.open_files, 1, "that of the route, which has not ended");
    }

    #[test]
    fn what_the_report_shows_is_left_to_it() {
        for (name, mime_type, shown) in [
            ("stdout", None, true),
            ("failure-2", Some("text/plain;charset=utf8"), true),
            ("artifact-path", Some("text/uri-list"), true),
            ("traceback", Some("text/x-traceback"), true),
            ("traceback", Some("application/octet-stream"), false),
            ("log", Some("text/plain"), false),
            ("stdout-x", None, false),
        ] {
            assert_eq!(is_shown(name, mime_type), shown, "{name}");
        }
        assert_eq!(with_extension("a".to_owned(), Some("image/png; x=y")), "a.png");
        assert_eq!(with_extension("a.b".to_owned(), Some("image/png")), "a.b");
    }

    #[test]
    fn a_folder_that_a_report_cannot_name_is_refused() {
        let scratch = tempfile::tempdir().unwrap();
        for name in ["a]]b", "a\nb"] {
            let error = AttachmentFolder::create(scratch.path().join(name)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    }
}
