//! What is not sent yet: a file for each receiver of a notice. It is there before anything is sent, and goes away when
//! it was taken, so that a server that is killed sends it again, with the same id.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{notice::ChangeNotice, seen::SeenRuns};

/// The longest time before something is sent again.
const LONGEST: Duration = Duration::from_secs(3600);
/// How long it is tried at all.
const AT_ALL: Duration = Duration::from_secs(3 * 24 * 3600);
/// How a file is called that nobody has taken for that long.
const GIVEN_UP: &str = "given-up";

/// The folder.
#[derive(Clone, Debug)]
pub(super) struct NoticeOutbox {
    folder: PathBuf,
}

/// Something to send. Times are since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Letter {
    pub(super) id: String,
    made: Duration,
    /// How often it was tried.
    tries: u32,
    /// Not before this.
    due: Duration,
    pub(super) notice: ChangeNotice,
}

/// What becomes of a letter that was not taken.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum NextTry {
    /// It is sent again after this time.
    After(Duration),
    /// It is put aside.
    Never,
}

impl NoticeOutbox {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The runs that were looked at; `None` in a new folder.
    pub(super) fn seen(&self) -> io::Result<Option<SeenRuns>> {
        match fs::read_to_string(self.folder.join("seen")) {
            Ok(text) => Ok(text.parse().ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// From now on these are they. What is to be sent of them is in the folder.
    pub(super) fn set_seen(&self, seen: &SeenRuns) -> io::Result<()> {
        self.write("seen", seen.to_text().as_bytes())
    }

    /// A notice of a run of this length is to be sent to a receiver. The same one twice is one; one of the run when it has gone on
    /// is another.
    pub(super) fn put(
        &self,
        notice: &ChangeNotice,
        length: u64,
        receiver: &str,
        now: Duration,
    ) -> io::Result<()> {
        let id = format!("{}-{length}-{receiver}", notice.run.uuid);
        if self.path(&id).exists() {
            return Ok(());
        }
        self.save(&Letter { id, made: now, tries: 0, due: now, notice: notice.clone() })
    }

    /// What is to be sent now to a receiver, the oldest first. What cannot be read is left out.
    pub(super) fn due(&self, receiver: &str, now: Duration) -> io::Result<Vec<Letter>> {
        let mut due = Vec::new();
        let end = format!("-{receiver}.json");
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if !path.to_str().is_some_and(|path| path.ends_with(&end)) {
                continue;
            }
            let letter = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
            // A clock that was set back does not hold anything up for longer than it may take at all.
            due.extend(letter.filter(|one: &Letter| one.due <= now || one.due > now + LONGEST));
        }
        due.sort_by(|one, other| {
            (one.made, one.notice.run.id).cmp(&(other.made, other.notice.run.id))
        });
        Ok(due)
    }

    /// It was taken.
    pub(super) fn remove(&self, letter: &Letter) -> io::Result<()> {
        fs::remove_file(self.path(&letter.id))
    }

    /// It was not taken. `first` is how long to wait after the first time; after each later one it is twice as long.
    pub(super) fn put_back(
        &self,
        mut letter: Letter,
        first: Duration,
        now: Duration,
    ) -> io::Result<NextTry> {
        if now.saturating_sub(letter.made) > AT_ALL {
            let path = self.path(&letter.id);
            fs::rename(&path, path.with_extension(GIVEN_UP))?;
            return Ok(NextTry::Never);
        }
        let pause = first.saturating_mul(1 << letter.tries.min(20)).min(LONGEST);
        letter.tries += 1;
        letter.due = now + pause;
        self.save(&letter)?;
        Ok(NextTry::After(pause))
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn save(&self, letter: &Letter) -> io::Result<()> {
        self.write(&format!("{}.json", letter.id), &serde_json::to_vec(letter)?)
    }

    /// Writes a file whole, or not at all.
    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let new = self.folder.join(format!("{name}.new"));
        let mut file = File::create(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&new, self.folder.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn notice(uuid: &str) -> ChangeNotice {
        let run = serde_json::json!({ "id": 2, "uuid": uuid, "started": "", "revision": null, "tests": 1, "bad": 1, "url": "" });
        let said = serde_json::json!({ "version": 1, "project": null, "series": "main", "verdict": "failed", "run": run, "last_pass": null,
            "since_last_pass": null, "began": [], "ceased": [], "began_count": 0, "ceased_count": 0 });
        serde_json::from_value(said).unwrap()
    }

    #[test]
    fn a_letter_stays_until_it_is_taken_and_waits_longer_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = NoticeOutbox::open(folder.path()).unwrap();
        let mut now = 1000 * SECOND;
        for _ in 0..2 {
            outbox.put(&notice("u"), 5, "r", now).unwrap();
        }
        for pause in [1, 2, 4, 8] {
            let [letter] = <[Letter; 1]>::try_from(outbox.due("r", now).unwrap()).unwrap();
            assert_eq!(letter.id, "u-5-r");
            let again = outbox.put_back(letter, SECOND, now).unwrap();
            assert_eq!(again, NextTry::After(pause * SECOND));
            assert!(outbox.due("other", now).unwrap().is_empty());
            assert!(outbox.due("r", now + (pause * SECOND - SECOND / 2)).unwrap().is_empty());
            now += pause * SECOND;
            // Another server that begins finds it there.
            NoticeOutbox::open(folder.path()).unwrap();
        }
        now += AT_ALL;
        let letter = outbox.due("r", now).unwrap().remove(0);
        assert_eq!(outbox.put_back(letter, SECOND, now).unwrap(), NextTry::Never);
        assert!(outbox.due("r", now).unwrap().is_empty());
        assert!(folder.path().join("u-5-r.given-up").exists());
    }

    #[test]
    fn what_was_seen_is_remembered_and_what_was_taken_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = NoticeOutbox::open(folder.path()).unwrap();
        assert_eq!(outbox.seen().unwrap(), None);
        let seen: SeenRuns = "7\n3 100\n".parse().unwrap();
        outbox.set_seen(&seen).unwrap();
        assert_eq!(outbox.seen().unwrap(), Some(seen));
        outbox.put(&notice("v"), 5, "r", SECOND).unwrap();
        // Cut short, as by a full disk.
        fs::write(folder.path().join("broken-r.json"), "{").unwrap();
        let letter = outbox.due("r", SECOND).unwrap().remove(0);
        outbox.remove(&letter).unwrap();
        assert!(outbox.due("r", SECOND).unwrap().is_empty());
    }
}
