//! What is read is never written, by whatever name it is called.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

use subunit_core::{Event, Status};
use subunit_filters::commands::{PROGRAM, VERBS};

/// Runs a line of shell in the folder, in which `subunit` is ours. What grows without end is stopped.
fn shell(folder: &Path, line: &str) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_subunit"));
    let path = std::env::join_paths(
        std::iter::once(binary.parent().unwrap().to_owned())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    Command::new("sh")
        .args(["-c", &format!("ulimit -f 512; {line}")])
        .current_dir(folder)
        .env("PATH", path.unwrap())
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .unwrap()
}

fn stream() -> Vec<u8> {
    let mut stream = Vec::new();
    for status in [Status::InProgress, Status::Success] {
        Event::status("a", status).encode(&mut stream).unwrap();
    }
    stream
}

/// A folder with `run`, `hard` and `soft`, which are one stream, `other`, and `list`, which is a list of ids.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run"), stream()).unwrap();
    fs::hard_link(folder.path().join("run"), folder.path().join("hard")).unwrap();
    symlink("run", folder.path().join("soft")).unwrap();
    fs::write(folder.path().join("other"), stream()).unwrap();
    fs::write(folder.path().join("list"), "a\n").unwrap();
    let rules = "[[rule]]\nkind = 'expect'\nid = 'x'\nmatch = ['x']\n";
    fs::write(folder.path().join("rules"), rules).unwrap();
    folder
}

/// The line is refused in one line that says why, and what was read is as it was.
fn assert_refused(folder: &Path, line: &str) {
    let output = shell(folder, line);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{line}: {stderr}");
    assert!(stderr.contains(" is read, and "), "{line}: {stderr}");
    assert_eq!(fs::read(folder.join("run")).unwrap(), stream(), "{line}");
}

/// The options of `report` that take a path to write a report to.
fn reports() -> Vec<String> {
    let report = VERBS.iter().find(|verb| verb.name == "report").unwrap();
    let definition = report.definition();
    let paths = definition.get_arguments().filter(|option| {
        option.get_value_names().is_some_and(|names| names.iter().any(|name| name == "PATH"))
    });
    paths.map(|option| option.get_long().unwrap().to_owned()).collect()
}

#[test]
fn no_report_is_written_over_its_input() {
    let folder = folder();
    let reports = reports();
    assert!(reports.len() >= 13, "{reports:?}");
    for report in reports {
        for output in ["run", "hard", "soft", "./run", "../$(basename $PWD)/soft"] {
            for input in ["run", "hard", "- < run", "< soft", "other run"] {
                assert_refused(
                    folder.path(),
                    &format!("subunit report --{report}={output} {input}"),
                );
            }
        }
    }
}

#[test]
fn no_stream_is_appended_to_itself() {
    let folder = folder();
    for verb in [
        "cat",
        "merge",
        "split --shard 1/1",
        "filter",
        "tags",
        "rename a b",
        "known-failures list",
        "route",
        "watch",
        "stats",
        "ls",
        "to-jsonl",
        "to-junit",
        "to-tap",
        "to-csv",
        "to-pyunit",
        "2to1",
        "1to2",
        "from-tap",
        "from-jsonl",
        "from-log --rules rules",
        "report --html -",
        "split --times run --shard 1/1 other",
        "diff other",
        "output --success a --file",
        "mux --file",
    ] {
        assert_refused(folder.path(), &format!("subunit {verb} run >> hard"));
        // Those that take files only.
        if !verb.starts_with("mux") {
            assert_refused(folder.path(), &format!("subunit {verb} - < run >> soft"));
        }
    }
}

#[test]
fn a_list_that_the_output_has_emptied_is_refused() {
    let folder = folder();
    for line in [
        "subunit known-failures list run > list",
        "subunit filter --load-list list run > list",
        "subunit filter --known-failures list run > list",
        "subunit stats --expect list run > list",
        "subunit report --html list --expect list run",
    ] {
        assert_refused(folder.path(), line);
    }
}

#[test]
fn two_reports_do_not_go_to_one_file() {
    let folder = folder();
    for line in [
        "subunit report --html new --tap ./new run",
        "subunit report --html list --tap $PWD/list run",
        "subunit report --html - --tap out run > out",
    ] {
        let output = shell(folder.path(), line);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
        assert!(stderr.contains("two reports cannot both go to "), "{line}: {stderr}");
        assert!(!folder.path().join("new").exists());
    }
}

#[test]
fn what_is_no_file_may_be_read_and_written() {
    let folder = folder();
    for line in [
        "subunit cat run /dev/null > /dev/null",
        "subunit report --html /dev/null --allow-empty /dev/null",
        "subunit report --html other run > more 2>> other.log",
        "cat run | subunit report --html /dev/stdout | grep -q DOCTYPE",
    ] {
        let output = shell(folder.path(), line);
        assert_eq!(output.status.code(), Some(0), "{line}: {output:?}");
    }
}

#[test]
fn a_value_that_may_be_left_out_never_takes_the_next_word() {
    for verb in PROGRAM.definition().get_subcommands() {
        for option in verb.get_arguments() {
            let values = option.get_num_args();
            let may_lack = values.is_some_and(|n| n.min_values() == 0 && n.max_values() > 0);
            if may_lack && !option.is_positional() {
                assert!(option.is_require_equals_set(), "{} {option}", verb.get_name());
            }
        }
    }
    let folder = folder();
    let line = "GITHUB_STEP_SUMMARY=summary subunit report --summary run";
    assert_eq!(shell(folder.path(), line).status.code(), Some(0));
    assert!(fs::read_to_string(folder.path().join("summary")).unwrap().contains("passed"));
    assert_eq!(fs::read(folder.path().join("run")).unwrap(), stream());
}
