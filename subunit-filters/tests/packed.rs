//! Files that gzip or zstd has packed are read as what they hold, by their first bytes.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use flate2::{Compression, write::GzEncoder};
use subunit_core::{Event, Status};

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

fn stream(tests: &[(&str, Status)]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (id, status) in tests {
        Event::status(id, *status).encode(&mut stream).unwrap();
    }
    stream
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A folder with `run`, and the same packed as `gzip` and `zstd`, whose names tell nothing.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let run = stream(&[("a", Status::Success), ("b", Status::Fail)]);
    for (name, bytes) in [("gzip", gzip(&run)), ("zstd", zstd(&run)), ("run", run)] {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

/// Runs a line of shell in the folder, in which `subunit` is ours.
fn shell(folder: &Path, line: &str) -> Output {
    let ours = Path::new(env!("CARGO_BIN_EXE_subunit")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(ours.to_owned())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", path.unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn every_verb_reads_what_is_packed_as_what_is_not() {
    let folder = folder();
    fs::write(folder.path().join("jsonl"), shell(folder.path(), "subunit to-jsonl run").stdout)
        .unwrap();
    for line in [
        "subunit cat INPUT",
        "subunit cat < INPUT",
        "cat INPUT | subunit filter --status fail",
        "subunit stats INPUT",
        "subunit ls - INPUT < INPUT",
        "subunit watch INPUT --plain",
        "subunit merge INPUT run",
        "subunit diff INPUT run",
        "subunit diff run INPUT",
        "subunit stats --baseline INPUT run",
        "subunit split --shard 1/2 --times INPUT run",
        "subunit report --junit - INPUT",
        "subunit to-csv INPUT",
        "subunit to-junit < INPUT",
        "subunit mux --file INPUT --file run | subunit ls",
        "subunit to-jsonl INPUT",
    ] {
        let expected = shell(folder.path(), &line.replace("INPUT", "run"));
        assert!(!expected.stdout.is_empty(), "{line}: {expected:?}");
        for packed in ["gzip", "zstd"] {
            let output = shell(folder.path(), &line.replace("INPUT", packed));
            assert_eq!(output.stdout, expected.stdout, "{line}, {packed}: {output:?}");
            assert_eq!(output.status, expected.status, "{line}, {packed}: {output:?}");
        }
    }
}

#[test]
fn other_formats_and_lists_are_unpacked_too() {
    let folder = folder();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    write("tap", zstd(b"1..2\nok 1 - a\nok 2 - b\n"));
    write("ids", gzip(b"a\nnever\n"));
    write("lines", gzip(&shell(folder.path(), "subunit to-jsonl run").stdout));
    for (line, stdout, status) in [
        ("subunit from-tap tap | subunit ls", "a\nb\n", 0),
        ("subunit ls tap", "a\nb\n", 0),
        ("subunit filter --load-list ids run | subunit ls", "a\n", 0),
        ("subunit ls --expect ids tap", "a\nb\nnever\n", 1),
        ("subunit from-jsonl lines | subunit ls", "a\nb\n", 1),
        (
            "subunit output --success x --file ids --file-name f | subunit stats | head -n 1",
            "PASSED  1 test in 0.000 s\n",
            0,
        ),
    ] {
        let output = shell(folder.path(), line);
        assert_eq!(String::from_utf8_lossy(&output.stdout), stdout, "{line}: {output:?}");
        assert_eq!(output.status.code(), Some(status), "{line}: {output:?}");
    }
    let attached = shell(folder.path(), "subunit output --success x --file ids").stdout;
    let packed = gzip(b"a\nnever\n");
    assert!(attached.windows(packed.len()).any(|bytes| bytes == packed), "it is a file, as it is");
}

#[test]
fn archives_one_after_the_other_and_side_by_side() {
    let folder = folder();
    let all = [gzip(&stream(&[("a", Status::Success)])), gzip(&stream(&[("b", Status::Success)]))];
    fs::write(folder.path().join("two"), all.concat()).unwrap();
    let output = shell(folder.path(), "subunit ls two");
    assert_eq!((&*output.stdout, output.status.code()), (&b"a\nb\n"[..], Some(0)));
}

#[test]
fn what_was_read_before_the_fault_is_reported_and_it_is_no_success() {
    let folder = folder();
    let many: Vec<String> =
        (0..20_000).map(|n: u32| n.wrapping_mul(2_654_435_761).to_string()).collect();
    let tests: Vec<_> = many.iter().map(|id| (id.as_str(), Status::Success)).collect();
    for (name, packed) in [("gzip", gzip(&stream(&tests))), ("zstd", zstd(&stream(&tests)))] {
        fs::write(folder.path().join("torn"), &packed[..packed.len() * 3 / 4]).unwrap();
        let output = shell(folder.path(), "subunit stats torn");
        let (stdout, stderr) = (lossy(output.stdout), lossy(output.stderr));
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stdout.starts_with("FAILED  ") && stdout.contains(" success\n"), "{stdout}");
        let said = format!("subunit stats: torn: the {name} archive ends early, after ");
        assert_eq!(stderr.matches(&said).count(), 1, "{stderr}");
        let report = shell(folder.path(), "subunit report --junit - < torn");
        assert_eq!(report.status.code(), Some(2));
        let xml = lossy(report.stdout);
        assert!(
            xml.contains("ends early") && xml.matches("(input)").count() <= 2,
            "{}",
            &xml[xml.len() - 900..]
        );
        for verb in [
            "cat torn",
            "merge torn run",
            "from-tap torn",
            "mux --file torn",
            "tags --add x < torn",
        ] {
            let output = shell(folder.path(), &format!("subunit {verb} > written"));
            let code = if verb.starts_with("mux") { 1 } else { 2 };
            assert_eq!(output.status.code(), Some(code), "{verb}: {output:?}");
            let read = shell(folder.path(), "subunit stats written 2>&1");
            assert_eq!(read.status.code(), Some(1), "{verb}: {read:?}");
        }
        for line in ["stats --baseline torn run", "diff torn run", "stats --expect torn run"] {
            let output = shell(folder.path(), &format!("subunit {line}"));
            let stderr = lossy(output.stderr);
            assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
            assert!(stderr.contains("torn: ") && stderr.contains("ends early"), "{line}: {stderr}");
        }
    }
}

#[test]
fn what_a_command_writes_is_not_looked_at() {
    let folder = folder();
    let output = shell(folder.path(), "subunit stats --no-pty -- cat gzip");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
}
