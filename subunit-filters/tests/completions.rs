//! What bash offers for the value of each option of each verb.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fmt::Write as _, fs, process::Command};

use subunit_core::Status;
use subunit_filters::commands::PROGRAM;
use subunit_formats::Format;

#[path = "support/alone.rs"]
mod alone;

#[derive(Debug, Eq, PartialEq)]
enum Offered {
    Words(Vec<String>),
    Files,
    Folders,
    /// Files among which a program may be.
    Command,
    Nothing,
}

/// What the value of this name is. A new name needs a line here.
fn expected(name: &str) -> Offered {
    let words = |words: &[&str]| Offered::Words(words.iter().map(|word| (*word).into()).collect());
    match name {
        "STATUS" => words(&Status::ALL.map(Status::name)),
        "FORMAT" | "[NAME=]FORMAT" => {
            words(&[&["auto"], &Format::ALL.map(Format::name)[..]].concat())
        }
        "pass|fail" => words(&["pass", "fail"]),
        "any|new" => words(&["any", "new"]),
        "WHOSE" => words(&["verdict", "runner"]),
        "WHEN" => words(&["auto", "always", "never"]),
        "WHICH" => words(&["all", "failures"]),
        "WHAT" => words(&["route", "tag"]),
        "VERSION" => words(&["13", "14"]),
        "FILE" | "PATH" | "LIST" | "RUN" | "RECORDED" => Offered::Files,
        "DIR" => Offered::Folders,
        "COMMAND" => Offered::Command,
        "BYTES" | "COLUMNSxROWS" | "FACTOR" | "FROM" | "ID" | "N" | "N/M" | "NAME" | "NAMES"
        | "OLD=NEW" | "REGEX" | "ROUTE" | "SECONDS" | "TAG" | "TIME" | "TITLE" | "TYPE"
        | "unix:PATH" => Offered::Nothing,
        _ => panic!("what is a {name}?"),
    }
}

/// What bash offers after each of these command lines, in a folder that holds a file and a folder.
fn offered(lines: &[Vec<String>]) -> Vec<Offered> {
    let folder = alone::folder();
    fs::write(folder.path().join("a file"), "").unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    let mut subunit = Command::new(alone::in_folder(folder.path()));
    let completions = subunit.args(["completions", "bash"]).env("PATH", "").output().unwrap();
    fs::remove_file(subunit.get_program()).unwrap();
    let mut script = String::from_utf8(completions.stdout).unwrap();
    script.push_str("compopt() { hint=$2; }\n");
    for line in lines {
        let (words, at, last) = (line.join(" "), line.len(), line.last().unwrap());
        let _ = writeln!(
            script,
            "COMP_WORDS=({words} ''); COMP_CWORD={at}; hint=; _subunit subunit '' {last}\n\
             printf '%s' \"$hint\"; printf '\\t%s' \"${{COMPREPLY[@]}}\"; echo"
        );
    }
    let place = tempfile::NamedTempFile::new().unwrap();
    fs::write(place.path(), script).unwrap();
    let mut bash = Command::new("bash");
    let bash = bash.arg(place.path()).current_dir(folder.path()).output().unwrap();
    assert!(bash.stderr.is_empty(), "{}", String::from_utf8_lossy(&bash.stderr));
    let said = String::from_utf8(bash.stdout).unwrap();
    said.lines().map(read).collect()
}

fn read(line: &str) -> Offered {
    let (hint, replies) = line.split_once('\t').unwrap();
    let mut replies: Vec<String> = replies.split('\t').map(str::to_owned).collect();
    let all = ["a file", "folder"];
    match hint {
        "filenames" => {
            replies.sort();
            assert_eq!(replies, all);
            Offered::Files
        }
        "plusdirs" => {
            assert_eq!(replies, [""]);
            Offered::Folders
        }
        "nospace" => {
            assert_eq!(replies, [""]);
            Offered::Nothing
        }
        // Bash takes the name apart where nothing says that it is one.
        _ if replies.contains(&"folder".to_owned()) => Offered::Command,
        _ => Offered::Words(replies),
    }
}

#[test]
fn each_value_is_completed_by_its_kind() {
    let mut definition = PROGRAM.definition();
    definition.build();
    let (mut lines, mut names) = (Vec::new(), Vec::new());
    for verb in definition.get_subcommands() {
        for option in verb.get_opts() {
            let flags = option.get_long().map(|long| format!("--{long}"));
            for flag in flags.into_iter().chain(option.get_short().map(|short| format!("-{short}")))
            {
                lines.push(vec!["subunit".to_owned(), verb.get_name().to_owned(), flag]);
                names.push(option.get_value_names().unwrap()[0].to_string());
            }
        }
    }
    assert!(lines.len() > 300, "{}", lines.len());
    let offered = offered(&lines);
    assert_eq!(offered.len(), lines.len());
    for ((line, name), offered) in lines.iter().zip(names).zip(offered) {
        assert_eq!(offered, expected(&name), "{}", line.join(" "));
    }
}

#[test]
fn verbs_and_shells_are_words_as_well() {
    let lines = [vec!["subunit"], vec!["subunit", "completions"]];
    let lines = lines.map(|line| line.into_iter().map(str::to_owned).collect());
    for (offered, word) in offered(&lines).into_iter().zip(["stats", "zsh"]) {
        let Offered::Words(words) = offered else { panic!("{offered:?}") };
        assert!(words.iter().any(|offered| offered == word), "{word}: {words:?}");
    }
}
