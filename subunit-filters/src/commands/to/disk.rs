//! Tests as directories: `test.json`, and one file for each attachment.

use std::{
    collections::HashMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use subunit_core::{Status, sink::TestRecord};
use subunit_formats::files::own_file;

use super::python_time::PythonTime;

/// Writes tests into a directory, and never outside it.
pub(in crate::commands) struct Folder {
    root: PathBuf,
    /// The next number to try for names that were taken.
    numbers: HashMap<PathBuf, u64>,
}

/// The longest name of a file or directory that all usual systems allow, with room for a number.
const LONGEST: usize = 240;

/// The longest path below the directory; what is longer becomes one name, which is cut.
const LONGEST_PATH: usize = 1024;

impl Folder {
    /// Makes the directory if it is not there.
    pub(in crate::commands) fn create(root: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&root)?;
        Ok(Self { root, numbers: HashMap::new() })
    }

    /// Writes a test. If its name is taken, it gets `-1` after it, or `-2`, and so on.
    pub(in crate::commands) fn write(&mut self, record: &TestRecord) -> io::Result<()> {
        let (parent, name) = place(&self.root, &record.test_id)?;
        let folder = self.first_free(&parent.join(name), |path| {
            fs::create_dir(path).map(|()| path.to_owned())
        })?;
        self.file(&folder, "test.json")?.write_all(json(record).as_bytes())?;
        for attachment in &record.attachments {
            self.file(&folder, &attachment.name)?.write_all(&attachment.bytes)?;
        }
        Ok(())
    }

    fn file(&mut self, folder: &Path, name: &str) -> io::Result<fs::File> {
        let (folder, name) = place(folder, name)?;
        self.first_free(&folder.join(name), own_file::create)
    }

    /// Makes something under the first name that is free: `name`, `name-1`, and so on.
    fn first_free<T>(
        &mut self,
        path: &Path,
        make: impl Fn(&Path) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut made = make(path);
        if !is_taken(&made) {
            return made;
        }
        let number = self.numbers.entry(path.to_owned()).or_default();
        while is_taken(&made) {
            *number += 1;
            let mut numbered = path.as_os_str().to_owned();
            numbered.push(format!("-{number}"));
            made = make(numbered.as_ref());
        }
        made
    }
}

/// The parts of a path below a directory: slashes make directories, unless the path would lead out of
/// it or has a part that is no name. Then they become underlines.
fn parts(name: &str) -> Vec<String> {
    let parts: Vec<&str> = name.split('/').collect();
    let is_name = |part: &&str| !matches!(*part, "" | "." | "..") && part.len() <= LONGEST;
    if name.len() <= LONGEST_PATH && parts.iter().all(is_name) && !cfg!(windows) {
        return parts.into_iter().map(str::to_owned).collect();
    }
    vec![flat(name)]
}

/// A path as one name.
pub(in crate::commands) fn flat(name: &str) -> String {
    let forbidden: &[char] =
        if cfg!(windows) { &['/', '\\', ':', '*', '?', '"', '<', '>', '|'] } else { &['/', '\\'] };
    let mut flat = name.replace(forbidden, "_");
    if matches!(&*flat, "" | "." | "..") {
        flat.insert(0, '_');
    }
    let mut end = LONGEST.min(flat.len());
    while !flat.is_char_boundary(end) {
        end -= 1;
    }
    flat.truncate(end);
    flat
}

/// The directory and the last name of a path below `root`. All on the way are made; what is no directory
/// is not followed.
fn place(root: &Path, name: &str) -> io::Result<(PathBuf, String)> {
    let mut parts = parts(name);
    let last = parts.pop().unwrap_or_default();
    let mut folder = root.to_owned();
    for part in parts {
        folder.push(part);
        match fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Ok((root.to_owned(), flat(name))),
            Err(_) => fs::create_dir(&folder)?,
        }
    }
    Ok((folder, last))
}

fn is_taken<T>(made: &io::Result<T>) -> bool {
    made.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists)
}

/// What is known of the test, in the form of subunit2disk.
fn json(record: &TestRecord) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let list = |mut words: Vec<&str>| {
        words.sort_unstable();
        words.into_iter().map(text).collect::<Vec<_>>().join(", ")
    };
    let time = |time: Option<_>| {
        time.map_or_else(|| "null".to_owned(), |time| text(&PythonTime(time).to_string()))
    };
    format!(
        r#"{{"details": [{}], "id": {}, "start": {}, "status": {}, "stop": {}, "tags": [{}]}}"#,
        list(record.attachments.iter().map(|file| &*file.name).collect()),
        text(&record.test_id),
        time(record.start),
        text(record.status.map_or("unknown", Status::name)),
        time(record.stop),
        list(record.tags.as_tags().iter().collect()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_directory() {
        for (name, expected) in [
            ("a/b", &["a", "b"][..]),
            ("/a/b", &["_a_b"]),
            ("../a", &[".._a"]),
            ("a/../../b", &["a_.._.._b"]),
            ("..", &["_.."]),
            (".", &["_."]),
            ("", &["_"]),
            ("a//b", &["a__b"]),
        ] {
            assert_eq!(parts(name), expected, "{name}");
        }
        let long = parts(&"é".repeat(300));
        assert_eq!((long.len(), long[0].len()), (1, LONGEST));
        assert_eq!(parts(&"a/".repeat(1 << 20)).len(), 1);
        assert_eq!(parts(&"ab/".repeat(1 << 20)).concat().len(), LONGEST);
    }
}
