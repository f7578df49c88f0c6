//! Where outputs go: what is there is kept, and what cannot be written is named.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use subunit_core::{Event, FileChunk, Item, MAX_LENGTH, RouteCode, Status, items};

const SUBUNIT: &str = env!("CARGO_BIN_EXE_subunit");

/// Runs the command in a folder: exit status, standard output and standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(SUBUNIT);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    let output = command.env("TMPDIR", folder.join("none")).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A stream that no report keeps in memory.
fn large(folder: &Path) {
    let content = vec![b'x'; 64 << 10];
    let file = Some(FileChunk { name: "log", bytes: &content });
    let mut stream = Vec::new();
    for nth in 0..300 {
        let id = format!("t{nth}");
        Event { file, ..Event::status(&id, Status::Fail) }.encode(&mut stream).unwrap();
    }
    fs::write(folder.join("large.subunit"), stream).unwrap();
}

#[test]
fn a_folder_for_temporary_files_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    large(folder.path());
    fs::write(folder.path().join("c.yaml"), "commands: [{argv: [cat, large.subunit]}]").unwrap();
    let place = format!("temporary file in {}: ", folder.path().join("none").display());
    for arguments in [
        &["to-junit", "large.subunit"][..],
        &["report", "--junit", "a.xml", "large.subunit"],
        &["split", "--shard", "1/2", "large.subunit"],
        &["combine", "c.yaml", "t1"],
    ] {
        let (status, _, errors) = run(folder.path(), arguments);
        assert_eq!(status, 2, "{arguments:?}: {errors}");
        assert!(errors.contains(&place) && errors.contains("TMPDIR"), "{arguments:?}: {errors}");
        assert!(!errors.contains("the output"), "{arguments:?}: {errors}");
    }
}

fn encoded(event: &Event<'_>) -> Vec<u8> {
    let mut packet = Vec::new();
    event.encode(&mut packet).unwrap();
    packet
}

/// A test that passed, and half of another packet.
fn damaged(folder: &Path) {
    let good = encoded(&Event::status("good", Status::Success));
    fs::write(folder.join("d.subunit"), [&good[..], &good[..9]].concat()).unwrap();
}

#[test]
fn every_report_says_that_the_stream_was_damaged() {
    let folder = tempfile::tempdir().unwrap();
    damaged(folder.path());
    for verb in [
        "csv", "ctrf", "github", "gitlab", "html", "jsonl", "junit", "markdown", "otlp", "pyunit",
        "tap", "teamcity", "trace",
    ] {
        let (status, said, errors) =
            run(folder.path(), &[&format!("to-{verb}"), "--no-text", "d.subunit"]);
        assert_eq!(status, 1, "{verb}");
        assert!(errors.contains("damaged packet at byte"), "{verb}: {errors}");
        assert!(said.contains("damage"), "{verb}: {said}");
        if verb == "pyunit" {
            assert!(said.ends_with("\nFAILED (damaged=1)\n"), "{said}");
        }
    }
    let (status, ..) = run(folder.path(), &["to-disk", "-d", "all", "d.subunit"]);
    assert_eq!(status, 1);
    let reason = fs::read_to_string(folder.path().join("all/(damaged stream)/reason")).unwrap();
    assert!(reason.starts_with("damaged packet at byte"), "{reason}");
}

#[test]
fn demux_writes_over_nothing_and_follows_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let (victim, parts) = (folder.path().join("victim"), folder.path().join("parts"));
    let events: Vec<u8> = (0..200)
        .flat_map(|nth: u32| {
            let route = (nth % 100).to_string();
            let route_code = Some(RouteCode::new(&route));
            encoded(&Event { route_code, ..Event::status("a", Status::Success) })
        })
        .collect();
    fs::write(folder.path().join("all.subunit"), &events).unwrap();
    fs::write(&victim, "precious").unwrap();
    fs::create_dir(&parts).unwrap();
    symlink("../victim", parts.join("7.subunit")).unwrap();
    let (status, _, errors) = run(folder.path(), &["demux", "-d", "parts", "all.subunit"]);
    assert!(status == 2 && errors.contains("parts/7.subunit: it is there already"), "{errors}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    // More routes than files are held open: what is ours is written on.
    let (status, _, errors) = run(folder.path(), &["demux", "-d", "others", "all.subunit"]);
    assert_eq!(status, 0, "{errors}");
    let part = encoded(&Event::status("a", Status::Success));
    for route in 0..100 {
        let written = fs::read(folder.path().join(format!("others/{route}.subunit"))).unwrap();
        assert_eq!(written, [&part[..], &part].concat(), "{route}");
    }
    let (status, ..) = run(folder.path(), &["demux", "-d", "others", "all.subunit"]);
    assert_eq!(status, 2, "they are there already");
}

/// Runs `route` with a prefix that some packets have no room for: exit status, ids and bytes of content.
fn prefixed(stream: &[u8]) -> (i32, Vec<(String, String, usize)>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in.subunit"), stream).unwrap();
    let prefix = "long".repeat(20);
    let mut command = Command::new(SUBUNIT);
    command.args(["route", "--prefix", &prefix, "in.subunit"]).current_dir(folder.path());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let event = |item| {
        let Item::Packet(packet) = item else { panic!("{item:?}") };
        let event = packet.event();
        let route = event.route_code.map_or("", |route| route.as_str()).to_owned();
        let id = event.test_id.unwrap_or_default().chars().take(4).collect();
        (id, route, event.file.map_or(0, |file| file.bytes.len()))
    };
    let events = items(&output.stdout).map(event).collect();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap(), events, errors)
}

#[test]
fn a_packet_that_a_route_makes_too_long_is_not_lost() {
    let prefix = "long".repeat(20);
    let last = encoded(&Event::status("last", Status::Success));
    let content = vec![7; MAX_LENGTH - 40];
    let file = Some(FileChunk { name: "log", bytes: &content });
    let large = encoded(&Event { file, ..Event::status("big", Status::Fail) });
    let (status, events, errors) = prefixed(&[&large[..], &last].concat());
    assert_eq!((status, events.len()), (0, 3), "{errors}");
    assert!(events.iter().all(|(_, route, _)| *route == prefix));
    assert_eq!(events.iter().map(|(_, _, length)| length).sum::<usize>(), content.len());
    // There is nothing to split: the packet stays what it is, and that is said.
    let id = "x".repeat(MAX_LENGTH - 40);
    let whole = encoded(&Event::status(&id, Status::Fail));
    let (status, events, errors) = prefixed(&[&whole[..], &last].concat());
    let shown: Vec<_> = events.iter().map(|(id, route, _)| (&**id, &**route)).collect();
    assert_eq!((status, shown), (2, vec![("xxxx", ""), ("last", &*prefix)]));
    assert!(errors.contains("xxxx...: a packet of") && errors.len() < 400, "{errors}");
}

#[test]
fn no_cell_of_a_table_is_a_formula() {
    let folder = tempfile::tempdir().unwrap();
    let (tags, route_code) = (["@SUM(1)"].into_iter().collect::<subunit_core::TagsBuf>(), "+1+1");
    let event = Event {
        tags: Some(tags.as_tags()),
        route_code: Some(RouteCode::new(route_code)),
        ..Event::status("=cmd|'/c calc'!A0", Status::Success)
    };
    fs::write(folder.path().join("f.subunit"), encoded(&event)).unwrap();
    let row = "'=cmd|'/c calc'!A0,success,,,,'@SUM(1),'+1+1\r\n";
    for arguments in [&["to-csv", "f.subunit"][..], &["report", "--csv", "-", "f.subunit"]] {
        let (status, table, _) = run(folder.path(), arguments);
        assert!(status == 0 && table.ends_with(row), "{table}");
    }
}

#[test]
fn a_standard_output_that_is_closed_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let good = encoded(&Event::status("good", Status::Success));
    fs::write(folder.path().join("a.subunit"), good).unwrap();
    let shell = |script: &str| {
        let mut sh = Command::new("sh");
        sh.args(["-c", script, SUBUNIT]).current_dir(folder.path()).stdin(Stdio::null());
        let output = sh.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let words = "watch|stats|ls|cat|filter --status success|merge|to-csv|to-ctrf|to-github|to-gitlab|\
        to-html|to-jsonl|to-junit|to-markdown|to-otlp|to-pyunit|to-tap|to-teamcity|to-trace|2to1|\
        report --tap -|split --shard 1/1|mux --file";
    for words in words.split('|') {
        let (status, errors) = shell(&format!("exec \"$0\" {words} a.subunit >&-"));
        assert!(status == 2 && errors.contains("standard output is closed"), "{words}: {errors}");
        assert_eq!(errors.lines().filter(|line| line.contains("closed")).count(), 1, "{errors}");
        let (status, errors) = shell(&format!("exec \"$0\" {words} a.subunit >/dev/null"));
        assert_eq!((status, errors.contains("closed")), (0, false), "{words}: {errors}");
    }
    // Who writes nothing there does not need it.
    let (status, errors) = shell("exec \"$0\" report --junit a.xml a.subunit >&-");
    assert_eq!(status, 0, "{errors}");
}
