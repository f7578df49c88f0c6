//! A run that is being written.

use std::{
    fs::File,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use subunit_core::{Decoder, sink::Sink};

use crate::{
    Error, FileCalls,
    contents::{ContentsReader, RunContents},
    files::try_lock,
    folder::{ABOUT, HistoryFolder, PART},
    intern::Intern,
    machine::{self, now},
};

/// What is known of a run before it begins.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct NewRun {
    /// Which runs it may be compared with. Unless told otherwise, what the stream says: its series or its branch.
    #[serde(default)]
    pub series: Option<String>,
    /// Whether only a selection of the tests is asked for.
    #[serde(default)]
    pub partial: bool,
    /// Whether it takes place now, so that it is later than all that have ended. Otherwise its times say when it
    /// was.
    #[serde(default)]
    pub live: bool,
}

/// What is in the file beside a run that is being written.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct About {
    #[serde(flatten)]
    pub(crate) new: NewRun,
    /// When it began to come, in microseconds since 1970.
    pub(crate) begun: i64,
    /// Whether it is received from a client, which may come back and goes on under this name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) received: bool,
    /// Its place in its series, if it had one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seq: Option<i64>,
}

impl About {
    /// A run that begins to come now.
    pub(crate) fn now(new: NewRun) -> Self {
        Self { new, begun: now(), received: false, seq: None }
    }

    /// Writes it beside the stream. Returns its file.
    pub(crate) fn write(
        &self,
        files: &dyn FileCalls,
        folder: &HistoryFolder,
        uuid: &str,
    ) -> Result<File, Error> {
        let path = folder.of(uuid, ABOUT);
        let write = || {
            let content = serde_json::to_vec(self)?;
            let mut file = files.create(&path)?;
            files.write(&mut file, &content).map(|()| file)
        };
        write().map_err(Error::file(&path))
    }
}

/// How many bytes wait at most.
const BLOCK: usize = 64 << 10;

/// How long they wait at most while more comes. When nothing comes, the caller says so: [`RunWriter::pause`].
const WAIT: Duration = Duration::from_millis(50);

/// A run that is being written. Its stream is appended to a file as it comes.
///
/// Memory: 64 KiB, the tests that are open, 8 bytes for each result and 16 for each test that the history knows;
/// for each new test its id and about 30 bytes.
#[derive(Debug)]
pub struct RunWriter {
    files: Arc<dyn FileCalls>,
    folder: HistoryFolder,
    uuid: String,
    about: About,
    part: File,
    waiting: Vec<u8>,
    since: Option<Instant>,
    decoder: Decoder,
    contents: ContentsReader,
    crc: crc32fast::Hasher,
}

impl RunWriter {
    pub(crate) fn begin(
        files: Arc<dyn FileCalls>,
        folder: HistoryFolder,
        new: NewRun,
        contents: ContentsReader,
    ) -> Result<Self, Error> {
        let (uuid, part) = create(&*files, &folder)?;
        let writer = Self {
            files,
            folder,
            uuid,
            about: About::now(new),
            part,
            waiting: Vec::with_capacity(BLOCK),
            since: None,
            decoder: Decoder::new(),
            contents,
            crc: crc32fast::Hasher::new(),
        };
        writer.about.write(&*writer.files, &writer.folder, &writer.uuid)?;
        Ok(writer)
    }

    /// The name of the run until it is kept.
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// Takes the next bytes of the stream, cut anywhere.
    ///
    /// # Errors
    ///
    /// If they cannot be written. What was written stays.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.crc.update(bytes);
        self.decoder.feed(bytes);
        while let Some(item) = self.decoder.next_item() {
            let _ = self.contents.item(&item);
        }
        self.waiting.extend_from_slice(bytes);
        let since = *self.since.get_or_insert_with(Instant::now);
        if self.waiting.len() >= BLOCK || since.elapsed() >= WAIT {
            return self.pause();
        }
        Ok(())
    }

    /// The input has paused: all that came is written.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn pause(&mut self) -> Result<(), Error> {
        self.since = None;
        if self.waiting.is_empty() {
            return Ok(());
        }
        let written = self.files.write(&mut self.part, &self.waiting);
        self.waiting.clear();
        written.map_err(Error::file(&self.folder.of(&self.uuid, PART)))
    }

    /// The run has ended: all of it is in its file.
    pub(crate) fn end(mut self) -> Result<EndedRun, Error> {
        self.pause()?;
        self.decoder.finish();
        while let Some(item) = self.decoder.next_item() {
            let _ = self.contents.item(&item);
        }
        self.contents.finish();
        let crc32 = self.crc.finalize();
        let (contents, intern) = self.contents.into_contents();
        let Self { uuid, about, part, .. } = self;
        Ok(EndedRun { uuid, about, interrupted: false, part, crc32, contents, intern })
    }
}

/// A run that has ended, and is to be kept.
pub(crate) struct EndedRun {
    /// The name of its files so far.
    pub(crate) uuid: String,
    pub(crate) about: About,
    /// Whether its writer is gone. A run that was told to stop says so itself.
    pub(crate) interrupted: bool,
    /// Its stream. The file is locked.
    pub(crate) part: File,
    /// The sum of its stream.
    pub(crate) crc32: u32,
    pub(crate) contents: RunContents,
    pub(crate) intern: Intern,
}

/// A new file of a run, locked before anybody else can take it for one that was left.
fn create(files: &dyn FileCalls, folder: &HistoryFolder) -> Result<(String, File), Error> {
    loop {
        let uuid = machine::new_uuid()?;
        let (new, part) = (folder.of(&uuid, NEW), folder.of(&uuid, PART));
        let file = files.create(&new).map_err(Error::file(&new))?;
        if (try_lock(&file) || cfg!(not(unix))) && rename(files, &new, &part)? {
            return Ok((uuid, file));
        }
    }
}

/// How the name of a file ends that is not locked yet.
pub(crate) const NEW: &str = ".new";

/// False if somebody has removed the file.
pub(crate) fn rename(files: &dyn FileCalls, from: &Path, to: &Path) -> Result<bool, Error> {
    match files.rename(from, to) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        result => result.map(|()| true).map_err(Error::file(from)),
    }
}
