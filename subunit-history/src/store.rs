//! A history that takes runs in.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

use crate::{
    Database, Disk, Error, FileCalls, HistoryAccess, KeptRun,
    contents::ContentsReader,
    files::try_lock,
    folder::{ABOUT, HistoryFolder, PART, UNFINISHED, is_uuid},
    incoming::{RunName, header, name_of},
    index::{Index, IndexPlace, RunFacts},
    machine,
    run_file::{self, RunArchive},
    sql::{Connection, OptionalRow, database},
    writer::{EndedRun, NewRun, RunWriter},
};

/// A history that takes runs in. Everybody may have one open, and write, at the same time.
#[derive(Debug)]
pub struct Store {
    pub(crate) folder: HistoryFolder,
    pub(crate) files: Arc<dyn FileCalls>,
    pub(crate) index: Index,
    pub(crate) place: IndexPlace,
    /// What was put right when it was opened, and what could not be: one line each.
    pub(crate) notes: Vec<String>,
}

impl RunWriter {
    /// The run has ended: it is kept for good, and the index knows it.
    ///
    /// # Errors
    ///
    /// If it cannot be kept or not be indexed. The next [`Store::open`] tries again.
    pub fn finish(self, store: &mut Store) -> Result<KeptRun, Error> {
        store.keep(self.end()?)
    }
}

fn read_into(writer: &mut RunWriter, mut stream: impl Read) -> Result<(), Error> {
    let mut block = vec![0; run_file::FRAME];
    loop {
        match stream.read(&mut block) {
            Ok(0) => return writer.pause(),
            Ok(read) => writer.write(block.get(..read).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::Stream(error)),
        }
    }
}

impl Store {
    /// Opens a history to write, or makes one. Puts right what a writer that was killed has left.
    ///
    /// # Errors
    ///
    /// If it cannot be read or written, or a newer program wrote it.
    pub fn open(root: &Path) -> Result<Self, Error> {
        Self::open_with(root, Arc::new(Disk))
    }

    /// The same, with other [`FileCalls`]: for tests.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub fn open_with(root: &Path, files: Arc<dyn FileCalls>) -> Result<Self, Error> {
        if let Some(opened) = database::open(root, HistoryAccess::Write) {
            let Database { connection, files: folder } = opened?;
            let history = connection.engine().name();
            let folder = folder.ok_or(Error::NoFiles { history })?;
            return Self::open_on(connection, &folder, files);
        }
        let folder = HistoryFolder::new(root);
        folder.make(&*files)?;
        let place = IndexPlace::make(&folder, &*files)?;
        Self::open_at(folder, files, place)
    }

    /// Opens a history whose index is in a database of any engine, and whose run files are in a folder.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub fn open_on(
        connection: Connection,
        folder: &Path,
        files: Arc<dyn FileCalls>,
    ) -> Result<Self, Error> {
        let folder = HistoryFolder::new(folder);
        folder.make(&*files)?;
        // All that write to it know one index.
        let place = IndexPlace { path: connection.engine().name().into(), is_shared: false };
        let index = Index::write(connection)?;
        let mut store = Self { folder, files, index, place, notes: Vec::new() };
        store.adopt()?;
        Ok(store)
    }

    pub(crate) fn open_at(
        folder: HistoryFolder,
        files: Arc<dyn FileCalls>,
        place: IndexPlace,
    ) -> Result<Self, Error> {
        let mut notes = Vec::new();
        let index = match Index::open(&place.path) {
            Err(error) if error.is_damage() => {
                notes.push(format!("{error}: the index is made anew from the runs"));
                move_away(&place.path, &*files)?;
                Index::open(&place.path)?
            }
            index => index?,
        };
        let mut store = Self { folder, files, index, place, notes };
        store.adopt()?;
        Ok(store)
    }

    /// What was put right when the history was opened, and what could not be, one line each. Empty after that.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Begins to take a run in.
    ///
    /// # Errors
    ///
    /// If its file cannot be made, or the index not be read.
    pub fn begin(&mut self, new: NewRun) -> Result<RunWriter, Error> {
        let contents = ContentsReader::new(self.index.intern()?);
        RunWriter::begin(self.files.clone(), self.folder.clone(), new, contents)
    }

    /// Takes a whole stream in, or nothing of it.
    ///
    /// # Errors
    ///
    /// If the stream cannot be read, or the run not be kept.
    pub fn take(&mut self, new: NewRun, stream: impl Read) -> Result<KeptRun, Error> {
        let mut writer = self.begin(new)?;
        if let Err(error) = read_into(&mut writer, stream) {
            self.discard(writer.uuid())?;
            return Err(error);
        }
        writer.finish(self)
    }

    /// Forgets a run that was begun and is not to be kept, by its [`RunWriter::uuid`].
    ///
    /// # Errors
    ///
    /// If its file cannot be removed.
    pub fn discard(&mut self, uuid: &str) -> Result<(), Error> {
        self.forget_part(uuid)
    }

    /// Keeps a run that has ended.
    pub(crate) fn keep(&mut self, ended: EndedRun) -> Result<KeptRun, Error> {
        let EndedRun { uuid, about, interrupted, part, crc32, contents, mut intern } = ended;
        let uuid = &*uuid;
        let interrupted = interrupted || contents.is_stopped;
        let (name, id) = match name_of(
            &self.index,
            &self.folder,
            uuid,
            (&part, crc32),
            &about,
            &contents.run,
            interrupted,
        )? {
            RunName::Known(kept) => {
                self.forget_part(uuid)?;
                return Ok(KeptRun { counts: contents.counts, ..kept });
            }
            RunName::New(name) => (name, None),
            RunName::Longer(id) => (uuid.to_owned(), Some(id)),
        };
        let header = header(&self.index, name, &about, interrupted, &contents)?;
        let path = self.folder.of(uuid, UNFINISHED);
        let write = || {
            (&part).seek(SeekFrom::Start(0))?;
            let mut file = self.files.create(&path)?;
            // Its lock is held until all is done: nobody else keeps the run meanwhile.
            let (end, stored) = run_file::write(&*self.files, &header, &part, &mut file)?;
            self.files.sync(&file)?;
            Ok((end, stored))
        };
        let (end, stored) = write().map_err(Error::file(&path))?;
        let run = self.folder.run(&header.uuid);
        self.files.rename(&path, &run).map_err(Error::file(&run))?;
        let runs = self.folder.runs();
        self.files.sync_folder(&runs).map_err(Error::file(&runs))?;
        // From here on the run is kept, whatever comes.
        if let Some(id) = id {
            self.remove_rows(&[id])?;
            self.forget_row(uuid)?;
        }
        let counts = contents.counts.clone();
        let facts = RunFacts { header, end, stored, id };
        let inserted = self.index.insert(&facts, contents, &mut intern)?;
        self.forget_part(uuid)?;
        Ok(KeptRun {
            id: inserted.id(),
            uuid: facts.header.uuid,
            series: facts.header.series,
            counts,
            is_known: false,
        })
    }

    /// Takes in a run file of another history, with its name, its series and all else that it says. Returns its
    /// number, and whether it was there before.
    ///
    /// # Errors
    ///
    /// If it is no run file, or cannot be kept.
    pub fn import(&mut self, path: &Path) -> Result<(i64, bool), Error> {
        let uuid = RunArchive::open(path)?.header().uuid.clone();
        if !is_uuid(&uuid) {
            return Err(Error::RunArchive { path: path.to_owned(), what: "it has no name".into() });
        }
        if let Some(id) = self.number(&uuid)?.filter(|_| self.folder.run(&uuid).exists()) {
            return Ok((id, true));
        }
        let file = File::open(path).map_err(Error::file(path))?;
        self.take_in_file(file, u64::MAX, path)
    }

    /// Takes in a run file that is read from somewhere; `from` is where, for messages.
    pub(crate) fn take_in_file(
        &mut self,
        from: impl Read,
        length: u64,
        path: &Path,
    ) -> Result<(i64, bool), Error> {
        let new = self.folder.of(&machine::new_uuid()?, UNFINISHED);
        let (_locked, copied) = self.copy(from, &new).map_err(Error::file(&new))?;
        if length != u64::MAX && copied != length {
            self.files.remove(&new).map_err(Error::file(&new))?;
            let what = "it ends early".to_owned();
            return Err(Error::RunArchive { path: path.to_owned(), what });
        }
        let uuid = RunArchive::open(&new)?.header().uuid.clone();
        if !is_uuid(&uuid) {
            self.files.remove(&new).map_err(Error::file(&new))?;
            return Err(Error::RunArchive { path: path.to_owned(), what: "it has no name".into() });
        }
        let (known, run) = (self.number(&uuid)?, self.folder.run(&uuid));
        if let Some(id) = known.filter(|_| run.exists()) {
            self.files.remove(&new).map_err(Error::file(&new))?;
            return Ok((id, true));
        }
        self.files.rename(&new, &run).map_err(Error::file(&run))?;
        let runs = self.folder.runs();
        self.files.sync_folder(&runs).map_err(Error::file(&runs))?;
        if known.is_some() {
            // It was pruned, and is wanted again.
            self.forget_row(&uuid)?;
        }
        let intern = self.index.intern()?;
        self.index_run(&uuid, known, intern)?;
        Ok((self.number(&uuid)?.unwrap_or_default(), false))
    }

    /// Copies all bytes into a new file, which is locked so that nobody takes it for one that was left. Returns it, and
    /// how many there are.
    fn copy(&self, mut from: impl Read, to: &Path) -> io::Result<(File, u64)> {
        let mut file = self.files.create(to)?;
        try_lock(&file);
        let mut block = vec![0; run_file::FRAME];
        let mut copied = 0;
        loop {
            let read = from.read(&mut block)?;
            if read == 0 {
                break;
            }
            self.files.write(&mut file, block.get(..read).unwrap_or_default())?;
            copied += read as u64;
        }
        self.files.sync(&file)?;
        Ok((file, copied))
    }

    fn number(&self, uuid: &str) -> Result<Option<i64>, Error> {
        let find = "SELECT id FROM run WHERE uuid = ?";
        let found = self.index.connection().query_row(find, [uuid], |row| row.get(0)).optional();
        found.map_err(self.index.error())
    }

    pub(crate) fn forget_row(&self, uuid: &str) -> Result<(), Error> {
        let forget = "DELETE FROM run WHERE uuid = ?";
        self.index.connection().execute(forget, [uuid]).map(drop).map_err(self.index.error())
    }

    /// Its file is not needed any more.
    pub(crate) fn forget_part(&self, uuid: &str) -> Result<(), Error> {
        for end in [ABOUT, PART] {
            let path = self.folder.of(uuid, end);
            self.files.remove(&path).map_err(Error::file(&path))?;
        }
        Ok(())
    }
}

/// Puts a damaged index aside, for whoever wants to look at it.
fn move_away(path: &Path, files: &dyn FileCalls) -> Result<(), Error> {
    for end in ["", "-wal", "-shm"] {
        let mut from = path.as_os_str().to_owned();
        from.push(end);
        let mut to = path.as_os_str().to_owned();
        to.push(".damaged");
        to.push(end);
        let (from, to) = (Path::new(&from), Path::new(&to));
        if from.exists() {
            files.rename(from, to).map_err(Error::file(from))?;
        }
    }
    Ok(())
}
