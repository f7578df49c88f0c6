//! A run that is received piece by piece, from a client that may come back: also after this program was killed.
//!
//! Its stream is in a `.part` file, as that of any run that is being written. It is read when the run has ended, so a
//! run that is received costs no memory.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{
    Disk, Error, FileCalls, KeptRun, NewRun, Store,
    files::try_lock,
    folder::{ABOUT, HistoryFolder, PART, is_uuid},
    run_file::RunStream,
    writer::{About, NEW, rename},
};

/// How long a client may stay away before what came is kept as an interrupted run.
pub const AWAITED: Duration = Duration::from_secs(600);

/// A run that is received. Its file is locked: nobody else takes pieces of it, or adopts it.
#[derive(Debug)]
pub struct RunReceiver {
    files: Arc<dyn FileCalls>,
    folder: HistoryFolder,
    uuid: String,
    about: About,
    part: File,
    length: u64,
    /// How much of it the disk has for certain.
    synced: u64,
}

/// What came of a piece that should be there already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Overlap {
    /// The bytes are the same.
    Same,
    /// The byte at this place of the stream is another one.
    Differs(u64),
}

impl RunReceiver {
    /// Whether this can be the name of a run.
    pub fn is_name(uuid: &str) -> bool {
        is_uuid(uuid)
    }

    /// Begins a run of this name in the folder of a history, or goes on with one whose receiver is gone. None if somebody
    /// else receives it.
    ///
    /// # Errors
    ///
    /// If its files cannot be written.
    pub fn open(root: &Path, uuid: &str, new: NewRun) -> Result<Option<Self>, Error> {
        Self::open_with(root, uuid, new, Arc::new(Disk))
    }

    /// The same, with other [`FileCalls`]: for tests.
    ///
    /// # Errors
    ///
    /// As [`RunReceiver::open`].
    pub fn open_with(
        root: &Path,
        uuid: &str,
        new: NewRun,
        files: Arc<dyn FileCalls>,
    ) -> Result<Option<Self>, Error> {
        let folder = HistoryFolder::new(root);
        folder.make(&*files)?;
        match Self::resume_in(&folder, uuid, &files)? {
            ResumedRun::Ours(receiver) => Ok(Some(*receiver)),
            ResumedRun::Busy => Ok(None),
            ResumedRun::Missing => Self::begin(folder, uuid, About::received(new), files),
        }
    }

    /// Goes on with a run whose receiver is gone.
    ///
    /// # Errors
    ///
    /// If its files cannot be read.
    pub fn resume(root: &Path, uuid: &str) -> Result<ResumedRun, Error> {
        let files: Arc<dyn FileCalls> = Arc::new(Disk);
        Self::resume_in(&HistoryFolder::new(root), uuid, &files)
    }

    /// Goes on with a run that was kept as interrupted, and whose stream this is. None if somebody else does.
    ///
    /// # Errors
    ///
    /// If its files cannot be written.
    pub fn go_on(root: &Path, uuid: &str, mut stream: RunStream) -> Result<Option<Self>, Error> {
        let header = stream.header();
        let new =
            NewRun { series: Some(header.series.clone()), partial: header.partial, live: false };
        let about = About { seq: Some(header.seq), ..About::received(new) };
        let begun = Self::begin(HistoryFolder::new(root), uuid, about, Arc::new(Disk))?;
        let Some(mut receiver) = begun else { return Ok(None) };
        let mut block = vec![0; crate::run_file::FRAME];
        let mut copy = || loop {
            match stream.read(&mut block).map_err(Error::Stream)? {
                0 => return receiver.sync(),
                read => receiver.append(block.get(..read).unwrap_or_default())?,
            }
        };
        if let Err(error) = copy() {
            // The run file has all of it still.
            receiver.discard()?;
            return Err(error);
        }
        Ok(Some(receiver))
    }

    /// The runs in the folder of a history whose receivers are gone.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn left(root: &Path) -> Result<Vec<String>, Error> {
        let folder = HistoryFolder::new(root);
        let mut uuids = folder.uuids(PART)?;
        uuids.retain(|uuid| About::read(&folder, uuid).is_some_and(|about| about.received));
        Ok(uuids)
    }

    fn resume_in(
        folder: &HistoryFolder,
        uuid: &str,
        files: &Arc<dyn FileCalls>,
    ) -> Result<ResumedRun, Error> {
        let path = folder.of(uuid, PART);
        let mut part = match File::options().read(true).write(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(ResumedRun::Missing);
            }
            opened => opened.map_err(Error::file(&path))?,
        };
        if !try_lock(&part) && cfg!(unix) {
            return Ok(ResumedRun::Busy);
        }
        // Somebody may have kept it since it was opened.
        if !path.exists() {
            return Ok(ResumedRun::Missing);
        }
        // A run of another writer is not ours to go on with.
        let Some(about) = About::read(folder, uuid).filter(|about| about.received) else {
            return Ok(ResumedRun::Busy);
        };
        let length = part.seek(SeekFrom::End(0)).map_err(Error::file(&path))?;
        let (files, folder, uuid) = (Arc::clone(files), folder.clone(), uuid.to_owned());
        Ok(ResumedRun::Ours(Box::new(Self {
            files,
            folder,
            uuid,
            about,
            part,
            length,
            synced: length,
        })))
    }

    /// A new file, locked before it has its name.
    fn begin(
        folder: HistoryFolder,
        uuid: &str,
        about: About,
        files: Arc<dyn FileCalls>,
    ) -> Result<Option<Self>, Error> {
        let (new, path) = (folder.of(uuid, NEW), folder.of(uuid, PART));
        loop {
            let part = files.create(&new).map_err(Error::file(&new))?;
            if !try_lock(&part) && cfg!(unix) {
                return Ok(None);
            }
            // Before the stream: what is received is known to be awaited from its first byte on.
            let written = about.write(&*files, &folder, uuid);
            if path.exists() {
                return Ok(None);
            }
            let about_path = folder.of(uuid, ABOUT);
            files.sync(&written?).map_err(Error::file(&about_path))?;
            if rename(&*files, &new, &path)? {
                let runs = folder.runs();
                files.sync_folder(&runs).map_err(Error::file(&runs))?;
                let uuid = uuid.to_owned();
                return Ok(Some(Self { files, folder, uuid, about, part, length: 0, synced: 0 }));
            }
        }
    }

    /// The name of the run.
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// How much of the stream is there.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Compares bytes with those that are there, from this place of the stream on.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub fn compare(&mut self, at: u64, bytes: &[u8]) -> Result<Overlap, Error> {
        let seek = self.part.seek(SeekFrom::Start(at));
        let path = self.folder.of(&self.uuid, PART);
        let compared = seek.and_then(|_| compare(&mut self.part, at, bytes));
        compared.map_err(Error::file(&path))
    }

    /// Takes the bytes that come next.
    ///
    /// # Errors
    ///
    /// If they cannot be written. Then none of them is there.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let seek = self.part.seek(SeekFrom::Start(self.length));
        let written = seek.and_then(|_| self.files.write(&mut self.part, bytes));
        match written {
            Ok(()) => self.length += bytes.len() as u64,
            // Best effort: if it cannot be cut, the next bytes go over what is there.
            Err(_) => drop(self.part.set_len(self.length)),
        }
        written.map_err(Error::file(&self.folder.of(&self.uuid, PART)))
    }

    /// Waits until the disk has all that came.
    ///
    /// # Errors
    ///
    /// If it does not. What came since the last time is then given up, as the system may have dropped it, and would not say so
    /// again: it has to come once more.
    pub fn sync(&mut self) -> Result<(), Error> {
        let synced = self.files.sync(&self.part);
        if synced.is_err() {
            self.length = self.synced;
            // Best effort: if it cannot be cut, the next bytes go over what is there.
            drop(self.part.set_len(self.length));
        }
        self.synced = self.length;
        synced.map_err(Error::file(&self.folder.of(&self.uuid, PART)))
    }

    /// Its client is there, though it has nothing to send: the run is [awaited](AWAITED) from now on.
    pub fn touch(&self) {
        // Best effort: at worst it is kept as interrupted, and goes on when more comes.
        let _ = self.part.set_modified(SystemTime::now());
    }

    /// The run has ended: it is kept for good, under its name, and the index knows it. Its file is gone then; if that
    /// fails it is not, and this can be tried again.
    ///
    /// # Errors
    ///
    /// If it cannot be kept or not be indexed.
    pub fn finish(&mut self, store: &mut Store) -> Result<KeptRun, Error> {
        let path = self.folder.of(&self.uuid, PART);
        // The lock is that of both.
        let part = self.part.try_clone().map_err(Error::file(&path))?;
        store.keep_part(&self.uuid, part, self.about.clone(), false)
    }

    /// Forgets the run: nothing of it is kept.
    ///
    /// # Errors
    ///
    /// If its files cannot be removed.
    pub fn discard(self) -> Result<(), Error> {
        for end in [ABOUT, PART] {
            let path = self.folder.of(&self.uuid, end);
            self.files.remove(&path).map_err(Error::file(&path))?;
        }
        Ok(())
    }
}

/// What became of a run whose receiver may be gone.
#[derive(Debug)]
pub enum ResumedRun {
    /// It is gone: the run is received here from now on.
    Ours(Box<RunReceiver>),
    /// Somebody else receives or writes the run.
    Busy,
    /// No run of this name is being received.
    Missing,
}

/// Whether a run that is received is awaited still: its client was here lately.
pub(crate) fn is_awaited(about: &About, part: &File) -> bool {
    let changed = part.metadata().and_then(|metadata| metadata.modified());
    let is_late = |changed: SystemTime| changed.elapsed().is_ok_and(|since| since > AWAITED);
    about.received && !changed.is_ok_and(is_late)
}

/// Compares bytes with those of a stream, which come next from this place on. What is missing differs.
pub fn compare(mut stream: impl Read, at: u64, bytes: &[u8]) -> io::Result<Overlap> {
    let mut block = vec![0; bytes.len().min(64 << 10)];
    let mut place = at;
    for piece in bytes.chunks(block.len().max(1)) {
        let known = block.get_mut(..piece.len()).unwrap_or_default();
        match stream.read_exact(known) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(Overlap::Differs(place));
            }
            read => read?,
        }
        if let Some(other) = known.iter().zip(piece).position(|(known, sent)| known != sent) {
            return Ok(Overlap::Differs(place + other as u64));
        }
        place += piece.len() as u64;
    }
    Ok(Overlap::Same)
}

impl About {
    /// A run that begins to be received now.
    fn received(new: NewRun) -> Self {
        Self { received: true, ..Self::now(new) }
    }

    fn read(folder: &HistoryFolder, uuid: &str) -> Option<Self> {
        let about = fs::read(folder.of(uuid, ABOUT)).ok()?;
        serde_json::from_slice(&about).ok()
    }
}
