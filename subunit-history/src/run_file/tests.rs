use std::{fs, io::Read};

use proptest::prelude::*;

use super::*;
use crate::{Disk, Error, FileCalls};

fn header() -> RunHeader {
    RunHeader {
        format: FORMAT,
        uuid: "0f0f0f0f-0000-4000-8000-00000000000a".into(),
        series: "main".into(),
        seq: 1,
        loaded: 2,
        partial: true,
        interrupted: false,
        thinned: false,
        run: serde_json::from_str(r#"{"host":"a"}"#).unwrap(),
    }
}

/// The bytes of the run file of a stream.
fn packed(stream: &[u8]) -> (Vec<u8>, StreamEnd) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let mut file = Disk.create(&path).unwrap();
    let (end, length) = write(&Disk, &header(), stream, &mut file).unwrap();
    let bytes = fs::read(path).unwrap();
    assert_eq!(bytes.len() as u64, length);
    (bytes, end)
}

/// The stream of a run file, and its end.
fn unpacked(bytes: &[u8]) -> Result<(Vec<u8>, Option<StreamEnd>), Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    fs::write(&path, bytes).unwrap();
    let mut file = RunArchive::open(&path)?;
    assert_eq!(*file.header(), header());
    let end = file.end()?;
    let mut stream = Vec::new();
    file.stream()?.read_to_end(&mut stream).unwrap();
    Ok((stream, end))
}

/// Three frames, the last of which is short.
fn long_stream() -> Vec<u8> {
    (0..2 * FRAME + 100).map(|at| (at * at / 7 % 251) as u8).collect()
}

#[test]
fn a_stream_comes_back() {
    for stream in [&b""[..], b"x", &long_stream()] {
        let (bytes, end) = packed(stream);
        let (read, read_end) = unpacked(&bytes).unwrap();
        assert!(read == stream, "{} bytes", stream.len());
        assert_eq!(read_end.as_ref(), Some(&end));
        assert_eq!(end.length, stream.len() as u64);
        assert_eq!(end.crc32, crc32fast::hash(stream));
        assert_eq!(end.frames.len(), stream.len().div_ceil(FRAME));
    }
}

#[test]
fn any_reader_of_zstd_reads_it() {
    let stream = long_stream();
    let (bytes, _) = packed(&stream);
    assert!(zstd::stream::decode_all(&bytes[..]).unwrap() == stream);
}

#[test]
fn a_file_that_was_cut_holds_the_frames_that_are_whole() {
    let stream = long_stream();
    let (bytes, end) = packed(&stream);
    let head = bytes.len() as u64 - end.frames.iter().map(|(packed, _)| packed).sum::<u64>();
    let tail = serde_json::to_vec(&end).unwrap().len() as u64 + 8;
    let mut whole_at = vec![head - tail];
    for (packed, _) in &end.frames {
        whole_at.push(whole_at.last().unwrap() + packed);
    }
    for cut in (0..bytes.len()).step_by(1009).chain(whole_at.iter().map(|at| *at as usize)) {
        let read = unpacked(&bytes[..cut]);
        if (cut as u64) < whole_at[0] {
            assert!(read.is_err(), "{cut}");
            continue;
        }
        let (read, end) = read.unwrap();
        let whole = whole_at.iter().filter(|at| **at <= cut as u64).count() - 1;
        assert!(read == stream[..(whole * FRAME).min(stream.len())], "{cut}");
        assert_eq!(end, None);
    }
}

#[test]
fn a_newer_format_is_named_with_ours() {
    let newer = RunHeader { format: FORMAT + 1, ..header() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let mut file = Disk.create(&path).unwrap();
    write(&Disk, &newer, &b""[..], &mut file).unwrap();
    let error = RunArchive::open(&path).unwrap_err().to_string();
    assert!(error.contains("of format 2") && error.contains("knows format 1"), "{error}");
}

proptest! {
    #[test]
    fn any_bytes_are_a_run_file_or_an_error(bytes: Vec<u8>, at: prop::sample::Index, by in 1u8..) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let (mut damaged, _) = packed(&bytes);
        let at = at.index(damaged.len());
        damaged[at] ^= by;
        for content in [bytes, damaged] {
            fs::write(&path, content).unwrap();
            if let Ok(file) = RunArchive::open(&path)
                && let Ok(mut stream) = file.stream()
            {
                let _ = stream.read_to_end(&mut Vec::new());
            }
        }
    }
}
