//! What is put right when a history is opened to write: runs of writers that were killed, runs that the index does not
//! know, and files that nobody needs.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, Read, Seek as _, SeekFrom},
    path::Path,
};

use subunit_core::run::counted;

use super::receive::is_awaited;
use crate::{
    Error, KeptRun, NewRun, Store,
    contents::ContentsReader,
    files::try_lock,
    folder::{ABOUT, PART, RUN, UNFINISHED},
    index::RunFacts,
    intern::Intern,
    run_file::RunArchive,
    sql::SqlResult,
    upkeep::THIN,
    writer::{About, EndedRun, NEW},
};

impl Store {
    pub(crate) fn adopt(&mut self) -> Result<(), Error> {
        let busy = self.adopt_parts()?;
        self.adopt_runs(&busy)?;
        if self.place.is_shared {
            self.forget_missing()?;
        }
        self.remove_left()
    }

    /// Keeps the runs whose writers are gone. Returns those that are being written.
    fn adopt_parts(&mut self) -> Result<HashSet<String>, Error> {
        let mut busy = HashSet::new();
        for uuid in self.folder.uuids(PART)? {
            let path = self.folder.of(&uuid, PART);
            let Ok(part) = File::options().read(true).write(true).open(&path) else { continue };
            if !try_lock(&part) {
                busy.insert(uuid);
                continue;
            }
            // Its writer may have ended it since the folder was read.
            if !path.exists() {
                continue;
            }
            let about = std::fs::read(self.folder.of(&uuid, ABOUT)).unwrap_or_default();
            let about =
                serde_json::from_slice(&about).unwrap_or_else(|_| About::now(NewRun::default()));
            // Its client may come back, and find the server that was ended meanwhile.
            if is_awaited(&about, &part) {
                busy.insert(uuid);
                continue;
            }
            if let Err(error) = self.adopt_part(&uuid, part, about) {
                self.notes.push(format!("a run that was cut short is left for later: {error}"));
            }
        }
        Ok(busy)
    }

    fn adopt_part(&mut self, uuid: &str, part: File, about: About) -> Result<(), Error> {
        let path = self.folder.of(uuid, PART);
        let length = part.metadata().map_err(Error::file(&path))?.len();
        // A run that is received may go on after it was kept as interrupted.
        if length == 0 || self.folder.run(uuid).exists() && !about.received {
            return self.forget_part(uuid);
        }
        let kept = self.keep_part(uuid, part, about, true)?;
        if !kept.is_known {
            let tests = counted(kept.counts.tests(), "test");
            self.notes.push(format!("a run that was cut short is kept as @{}: {tests}", kept.id));
        }
        Ok(())
    }

    /// Reads the stream of a run from its file, which is locked, and keeps the run.
    pub(crate) fn keep_part(
        &mut self,
        uuid: &str,
        part: File,
        about: About,
        interrupted: bool,
    ) -> Result<KeptRun, Error> {
        let path = self.folder.of(uuid, PART);
        let read = || {
            (&part).seek(SeekFrom::Start(0))?;
            let reader = ContentsReader::new(self.index.intern().map_err(io::Error::other)?);
            let mut stream = Summed { input: &part, crc: crc32fast::Hasher::new() };
            let (contents, intern) = reader.read(&mut stream)?;
            Ok((contents, intern, stream.crc.finalize()))
        };
        let (contents, intern, crc32) = read().map_err(Error::file(&path))?;
        let uuid = uuid.to_owned();
        self.keep(EndedRun { uuid, about, interrupted, part, crc32, contents, intern })
    }

    /// Puts run files into the index that it does not know.
    fn adopt_runs(&mut self, busy: &HashSet<String>) -> Result<(), Error> {
        let known = self.known_runs()?;
        let mut new = Vec::new();
        for uuid in self.folder.uuids(RUN)? {
            match known.get(&uuid) {
                Some(true) => continue,
                // It was to be removed, and its remover was killed.
                Some(false) => {
                    let path = self.folder.run(&uuid);
                    self.files.remove(&path).map_err(Error::file(&path))?;
                    continue;
                }
                None if busy.contains(&uuid) => continue,
                None => {}
            }
            match RunArchive::open(&self.folder.run(&uuid)) {
                Ok(file) => new.push((file.header().loaded, uuid)),
                Err(error) => self.notes.push(format!("a run is left out: {error}")),
            }
        }
        new.sort_unstable();
        let count = new.len();
        // What is known of tests is read again after a run that could not be read.
        let mut intern = None;
        for (_, uuid) in new {
            let known = match intern.take() {
                Some(known) => known,
                None => self.index.intern()?,
            };
            match self.index_run(&uuid, None, known) {
                Ok(known) => intern = Some(known),
                Err(error) => self.notes.push(format!("a run is left out: {error}")),
            }
        }
        if count > 0 {
            let runs = if count == 1 { "run" } else { "runs" };
            self.notes.push(format!("{count} {runs} that the index did not know: read again"));
        }
        Ok(())
    }

    /// Reads a run file into the index, under this number if there was one. Returns the tests that are known then.
    pub(crate) fn index_run(
        &mut self,
        uuid: &str,
        id: Option<i64>,
        intern: Intern,
    ) -> Result<Intern, Error> {
        let path = self.folder.run(uuid);
        let mut file = RunArchive::open(&path)?;
        let (mut header, end, stored) = (file.header().clone(), file.end()?, file.length());
        uuid.clone_into(&mut header.uuid);
        let reader = ContentsReader::new(intern);
        let mut stream = Summed { input: file.stream()?, crc: crc32fast::Hasher::new() };
        let read = reader.read(&mut stream);
        let (contents, mut intern) = read.map_err(Error::file(&path))?;
        let end = end.unwrap_or_else(|| {
            header.interrupted = true;
            run_end(stream.crc.finalize())
        });
        self.index.insert(&RunFacts { header, end, stored, id }, contents, &mut intern)?;
        Ok(intern)
    }

    /// The runs that the index knows, and whether they are kept.
    fn known_runs(&self) -> Result<HashMap<String, bool>, Error> {
        let read = || {
            let mut query = self.index.connection().prepare("SELECT uuid, kept > 0 FROM run")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<SqlResult<_>>()
        };
        read().map_err(self.index.error())
    }

    /// Another machine has removed runs.
    fn forget_missing(&mut self) -> Result<(), Error> {
        let there: HashSet<String> = self.folder.uuids(RUN)?.into_iter().collect();
        let read = || {
            let mut query =
                self.index.connection().prepare("SELECT id, uuid FROM run WHERE kept > 0")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<SqlResult<Vec<(i64, String)>>>()
        };
        let known = read().map_err(self.index.error())?;
        let missing: Vec<i64> =
            known.into_iter().filter(|(_, uuid)| !there.contains(uuid)).map(|(id, _)| id).collect();
        if missing.is_empty() { Ok(()) } else { self.remove_rows(&missing) }
    }

    /// A run was to get a smaller file: it does if the index knows that file.
    fn finish_thin(&self, uuid: &str) -> Result<(), Error> {
        let is_known = "SELECT EXISTS(SELECT 1 FROM run WHERE uuid = ? AND kept = 1)";
        let is_known = self.index.connection().query_row(is_known, [uuid], |row| row.get(0));
        if is_known.map_err(self.index.error())? {
            return self.put_thin(uuid);
        }
        let path = self.folder.of(uuid, THIN);
        self.files.remove(&path).map_err(Error::file(&path))
    }

    /// Removes files that were given up. Others may do the same at the same time.
    fn remove_left(&mut self) -> Result<(), Error> {
        let remove = |path: &Path| self.files.remove(path).map_err(Error::file(path));
        for uuid in self.folder.uuids(NEW)? {
            let path = self.folder.of(&uuid, NEW);
            if was_left(&path) {
                remove(&path)?;
            }
        }
        for uuid in self.folder.uuids(THIN)? {
            if was_left(&self.folder.of(&uuid, THIN)) {
                self.finish_thin(&uuid)?;
            }
        }
        for end in [UNFINISHED, ABOUT] {
            for uuid in self.folder.uuids(end)? {
                let path = self.folder.of(&uuid, end);
                if !self.folder.of(&uuid, PART).exists() && was_left(&path) {
                    remove(&path)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether nobody holds a file any more.
fn was_left(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| try_lock(&file))
}

/// What stands at the end of a file that has none.
fn run_end(crc32: u32) -> crate::run_file::StreamEnd {
    crate::run_file::StreamEnd { crc32, ..Default::default() }
}

/// Passes bytes on, and sums them up.
pub(crate) struct Summed<R> {
    pub(crate) input: R,
    pub(crate) crc: crc32fast::Hasher,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(room)?;
        self.crc.update(room.get(..read).unwrap_or_default());
        Ok(read)
    }
}
