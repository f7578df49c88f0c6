//! What is in a file that a runner names instead of saying it?

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use subunit_core::Event;

/// So much of the end of a file is taken.
const MOST: u64 = 256 * 1024;

/// How an address of a file of this machine begins.
const LOCAL: &str = "file://";

/// The end of the file that an attachment of this name has the address of. None if it is another one, or cannot be read.
pub(super) fn named_output(event: &Event<'_>, name: Option<&str>) -> Option<Vec<u8>> {
    let file = event.file.filter(|file| Some(file.name) == name)?;
    let address = std::str::from_utf8(file.bytes).ok()?.trim().strip_prefix(LOCAL)?;
    let mut file = File::open(address).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MOST))).ok()?;
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use subunit_core::FileChunk;

    use super::*;

    #[test]
    fn a_file_of_this_machine_is_read_from_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.log");
        fs::write(&path, [vec![b'x'; 300 * 1024], b"end\n".to_vec()].concat()).unwrap();
        let said = |address: &str, name| {
            let file = Some(FileChunk { name: "test.log", bytes: address.as_bytes() });
            named_output(&Event { test_id: Some("a"), file, ..Event::default() }, name)
        };
        let address = format!("file://{}\n", path.display());
        let bytes = said(&address, Some("test.log")).unwrap();
        assert_eq!((bytes.len(), bytes.ends_with(b"x" as &[u8])), (256 * 1024, false));
        assert!(bytes.ends_with(b"end\n"));
        assert_eq!(said(&address, None), None);
        assert_eq!(said("https://cache/1", Some("test.log")), None);
        assert_eq!(said("file:///nowhere/1", Some("test.log")), None);
    }
}
