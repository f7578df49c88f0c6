//! What a command has written to its error output, for a runner that prints its results there.

use std::{
    fs::File,
    io::{self, Seek, Write},
};

/// More than this is not kept, in bytes.
const MOST: u64 = 256 << 20;

/// Keeps an error output in a file without a name.
#[derive(Default)]
pub(super) struct ErrorOutput {
    file: Option<File>,
    length: u64,
    /// Whether something could not be kept: then nothing is.
    is_lost: bool,
}

impl ErrorOutput {
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.is_lost = self.is_lost || self.length > MOST || self.write(bytes).is_err();
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(tempfile::tempfile()?);
        }
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes))
    }

    /// All of it, from its beginning; none if there is none, or more than is kept.
    pub(super) fn into_file(self) -> Option<File> {
        let mut file = self.file.filter(|_| !self.is_lost)?;
        file.rewind().ok()?;
        Some(file)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn all_of_it_is_kept_or_nothing() {
        let mut output = ErrorOutput::default();
        ["ab", "", "c"].iter().for_each(|piece| output.take(piece.as_bytes()));
        let mut said = String::new();
        output.into_file().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(said, "abc");
        assert!(ErrorOutput::default().into_file().is_none());
        let mut output = ErrorOutput { length: MOST, ..ErrorOutput::default() };
        output.take(b"x");
        assert!(
            output.into_file().is_none(),
            "the end alone may say something else than all of it"
        );
    }
}
