//! How a run file is read, whole or cut.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{END, FORMAT, HEADER, LONGEST, RunHeader, StreamEnd};
use crate::Error;

/// An open run file.
#[derive(Debug)]
pub struct RunArchive {
    path: PathBuf,
    file: BufReader<File>,
    header: RunHeader,
    /// Where the first frame begins.
    begin: u64,
    length: u64,
}

/// The stream of a run file, one frame in memory at a time.
#[derive(Debug)]
pub struct RunStream {
    file: RunArchive,
    plain: io::Cursor<Vec<u8>>,
    /// The frames before the end, by their table; none are left after a tear.
    frames: std::vec::IntoIter<(u64, u64)>,
    is_torn: bool,
}

impl RunArchive {
    /// Opens a run file and reads its header.
    ///
    /// # Errors
    ///
    /// If there is none, or it has no header, or a newer program wrote it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::file(path))?;
        let length = file.metadata().map_err(Error::file(path))?.len();
        let mut file = BufReader::with_capacity(64 << 10, file);
        let wrong = |what: &str| Error::RunArchive { path: path.to_owned(), what: what.to_owned() };
        let content = skippable(&mut file, HEADER).map_err(Error::file(path))?;
        let content = content.ok_or_else(|| wrong("not the file of a run: it has no header"))?;
        let format = serde_json::from_slice::<Format>(&content);
        let format = format.map_err(|_| wrong("the header cannot be read"))?.format;
        if format > FORMAT {
            return Err(Error::NewerRunFile {
                path: path.to_owned(),
                found: format,
                known: FORMAT,
            });
        }
        let header = serde_json::from_slice::<RunHeader>(&content);
        let header = header.map_err(|_| wrong("the header cannot be read"))?;
        let begin = content.len() as u64 + 8;
        Ok(Self { path: path.to_owned(), file, header, begin, length })
    }

    /// What it says in front.
    pub fn header(&self) -> &RunHeader {
        &self.header
    }

    /// How long the file is, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What it says at its end, if it has one: a file that was cut has none.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn end(&mut self) -> Result<Option<StreamEnd>, Error> {
        self.find_end().map_err(Error::file(&self.path))
    }

    fn find_end(&mut self) -> io::Result<Option<StreamEnd>> {
        let mut at = self.begin;
        self.file.seek(SeekFrom::Start(at))?;
        loop {
            let Some(magic) = number(&mut self.file)? else { return Ok(None) };
            if magic == END {
                self.file.seek(SeekFrom::Start(at))?;
                let content = skippable(&mut self.file, END)?;
                return Ok(content.and_then(|content| serde_json::from_slice(&content).ok()));
            }
            self.file.seek(SeekFrom::Start(at))?;
            let Some(length) = frame_length(&mut self.file)? else { return Ok(None) };
            at += length;
            self.file.seek(SeekFrom::Start(at))?;
        }
    }

    /// Its stream. Of a file that was cut it holds what is whole.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn stream(mut self) -> Result<RunStream, Error> {
        let frames = self.find_frames().map_err(Error::file(&self.path))?;
        self.file.seek(SeekFrom::Start(self.begin)).map_err(Error::file(&self.path))?;
        Ok(RunStream {
            file: self,
            plain: io::Cursor::default(),
            frames: frames.into_iter(),
            is_torn: false,
        })
    }

    /// The frames by the table at the end, or else as they are found.
    fn find_frames(&mut self) -> io::Result<Vec<(u64, u64)>> {
        if let Some(end) = self.find_end()? {
            return Ok(end.frames);
        }
        let (mut at, mut frames) = (self.begin, Vec::new());
        loop {
            self.file.seek(SeekFrom::Start(at))?;
            let Some(length) = frame_length(&mut self.file)? else { return Ok(frames) };
            frames.push((length, 0));
            at += length;
        }
    }
}

/// Only the format, which says how the rest is to be read.
#[derive(serde::Deserialize)]
struct Format {
    format: u64,
}

fn skippable(file: &mut impl Read, magic: u32) -> io::Result<Option<Vec<u8>>> {
    read_skippable(file, magic, LONGEST)
}

/// The content of the skippable frame that comes next, if it is this one and not too long.
pub(crate) fn read_skippable(
    file: &mut impl Read,
    magic: u32,
    longest: u32,
) -> io::Result<Option<Vec<u8>>> {
    if number(file)? != Some(magic) {
        return Ok(None);
    }
    let Some(length) = number(file)?.filter(|length| *length <= longest) else { return Ok(None) };
    let mut content = Vec::new();
    file.take(length.into()).read_to_end(&mut content)?;
    Ok((content.len() == length as usize).then_some(content))
}

/// The next four bytes; none if the file ends before.
fn number(file: &mut impl Read) -> io::Result<Option<u32>> {
    let mut bytes = [0; 4];
    match file.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(u32::from_le_bytes(bytes))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// How long the frame is that comes next, by its blocks; none if the file ends before it does, or it is not
/// one of ours.
fn frame_length(file: &mut BufReader<File>) -> io::Result<Option<u64>> {
    const FRAME: u32 = 0xFD2F_B528;
    if number(file)? != Some(FRAME) {
        return Ok(None);
    }
    let mut descriptor = [0];
    if file.read(&mut descriptor)? == 0 {
        return Ok(None);
    }
    let [descriptor] = descriptor;
    let is_single = descriptor & 0x20 != 0;
    let content_size = match descriptor >> 6 {
        0 => u64::from(is_single),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let window = u64::from(!is_single);
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let checksum = if descriptor & 4 != 0 { 4 } else { 0 };
    let head = content_size + window + dictionary;
    file.seek_relative(head as i64)?;
    let mut length = 5 + head;
    loop {
        let mut block = [0; 3];
        if file.read_exact(&mut block).is_err() {
            return Ok(None);
        }
        let block = u32::from_le_bytes([block[0], block[1], block[2], 0]);
        let size = if block >> 1 & 3 == 1 { 1 } else { u64::from(block >> 3) };
        length += 3 + size;
        file.seek_relative(size as i64)?;
        if block & 1 == 1 {
            break;
        }
    }
    length += checksum;
    file.seek_relative(checksum as i64)?;
    let is_whole = file.stream_position()? <= file.get_ref().metadata()?.len();
    Ok(is_whole.then_some(length))
}

impl RunStream {
    /// What the file says in front.
    pub fn header(&self) -> &RunHeader {
        &self.file.header
    }

    /// Unpacks the next frame; false at the end.
    fn next_frame(&mut self) -> io::Result<bool> {
        let Some((packed, _)) = self.frames.next() else { return Ok(false) };
        let mut frame = Vec::new();
        (&mut self.file.file).take(packed).read_to_end(&mut frame)?;
        let plain = zstd::bulk::decompress(&frame, super::FRAME);
        self.plain = io::Cursor::new(plain.map_err(|error| {
            self.is_torn = true;
            io::Error::new(error.kind(), format!("a frame of the run is damaged: {error}"))
        })?);
        Ok(true)
    }
}

impl Read for RunStream {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.plain.read(room)?;
            if read > 0 || room.is_empty() || self.is_torn || !self.next_frame()? {
                return Ok(read);
            }
        }
    }
}
