//! What is wrong with a command line is told in one line: program, thing, place, way out.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    process::{Command, Stdio},
};

/// Lines of words, and what is said of them.
const MISUSES: &[(&str, &str)] = &[
    ("stats --nope run", "there is no option `--nope`; there is `--no-pty`"),
    ("stats --jso run", "there is no option `--jso`; there is `--json`"),
    ("stats run -x", "there is no option `-x`; see `subunit stats --help`"),
    ("stats run --baseline", "`--baseline <RUN>` takes a value; see `subunit stats --help`"),
    (
        "stats --color some run",
        "`some` is not a value of `--color <WHEN>`: use one of auto, always, never",
    ),
    ("stats --json=yes run", "`--json` takes no value, and was given `yes`"),
    ("stats missing", "missing: No such file or directory"),
    ("stats folder", "folder: Is a directory: name a file in it"),
    ("stats - -", "standard input can be read only once: name files for the other inputs"),
    ("stats -- missing", "missing: command not found"),
    ("stats -- run", "run: this is a file, not a program: read it without `--`"),
    ("stats run -- true", "run: cannot read both files and a command: remove one of them"),
    ("stats --baseline list run", "list: not a run to compare with: no test has finished in it"),
    ("stats --expect missing run", "missing: No such file or directory"),
    ("ls run -o folder", "folder: Is a directory: name a file in it"),
    (
        "filter --slower 5x run",
        "use a time such as 30s, 5m, 1.5h or 500ms; see `subunit filter --help`",
    ),
    (
        "filter --status nope run",
        "it is one of exists, inprogress, success, uxsuccess, skip, fail, xfail",
    ),
    ("filter --id ( run", "bad regular expression '(': unclosed group"),
    ("diff run", "`<NEW>` is missing; see `subunit diff --help`"),
    ("diff", "`<OLD>` and `<NEW>` are missing"),
    ("diff run run run", "unexpected argument `run`; see `subunit diff --help`"),
    ("split run", "one of `--by <WHAT>`, `--shard <N/M>` is missing; see `subunit split --help`"),
    ("split --by tag run", "`--directory <DIR>` is missing"),
    (
        "split --by tags -d d run",
        "`tags` is not a value of `--by <WHAT>`: use one of route, tag; there is `tag`",
    ),
    ("mux", "nothing to read: give --run, --file or --listen"),
    ("mux --run true --idle-timeout x", "use a time such as 30s, 5m, 1.5h or 500ms"),
    ("worker true", "unexpected argument `true`; put a command after `--`"),
    ("attach", "no run goes on here: start one with `subunit run`"),
    ("combine missing", "missing: No such file or directory"),
    (
        "output --success a --fail b",
        "the argument '--success <ID>' cannot be used with '--fail <ID>'",
    ),
    ("to-disk run -d list", "list: File exists and is not a folder: name another one"),
    ("report run", "no report given: use an option such as --junit PATH"),
    ("report --title x run", "`--html <PATH>` is missing"),
    ("report --junit x --html x run", "two reports cannot both go to x"),
    (
        "completions nope",
        "`nope` is not a value of `<SHELL>`: use one of bash, elvish, fish, powershell, zsh",
    ),
    ("from-tap --from tap run", "there is no option `--from`; see `subunit from-tap --help`"),
    ("links", "`--directory <DIR>` is missing"),
    ("nope", "there is no verb `nope`; see `subunit --help`"),
    ("--nope", "there is no option `--nope`; see `subunit --help`"),
];

#[test]
fn each_misuse_is_told_in_one_line_that_names_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    fs::write(folder.path().join("list"), "a\n").unwrap();
    let run = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/mixed.subunit");
    fs::copy(run, folder.path().join("run")).unwrap();
    for (line, wanted) in MISUSES {
        let output = Command::new(env!("CARGO_BIN_EXE_subunit"))
            .args(line.split(' '))
            .current_dir(folder.path())
            // Where no run is found: others may go on.
            .env("XDG_RUNTIME_DIR", folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
        assert_eq!(stderr.matches('\n').count(), 1, "{line}: {stderr}");
        let verb = line.split(' ').next().filter(|word| !["nope", "--nope"].contains(word));
        let program =
            verb.map_or_else(|| "subunit: ".to_owned(), |verb| format!("subunit {verb}: "));
        assert!(stderr.starts_with(&program) && stderr.contains(wanted), "{line}: {stderr}");
        assert!(!stderr.contains("os error"), "{line}: {stderr}");
    }
}

/// Words that are no verb, and what is said of them where a program `pytest` and a program `cargo` are there.
const NO_VERBS: &[(&str, &str)] = &[
    ("rnu", "there is `run`"),
    ("fail", "there is `failing`"),
    ("faling", "there is `failing`"),
    ("wacth", "there is `watch`"),
    ("from", "the verbs `from-...` and `to-...` convert"),
    ("pytest", "to run its tests: `subunit run -- pytest`"),
    ("./programs/pytest", "to run its tests: `subunit run -- ./programs/pytest`"),
    ("cargo", "`subunit from-cargo` reads it, `subunit run -- cargo` runs it"),
    ("junit", "`subunit from-junit` reads it, `subunit to-junit` writes it"),
    ("list.txt", "to read the file: `subunit watch list.txt`"),
    ("jest", "see `subunit --help`"),
];

#[test]
fn a_word_that_is_no_verb_brings_the_verb_that_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("programs");
    fs::create_dir(&programs).unwrap();
    fs::write(folder.path().join("list.txt"), "a\n").unwrap();
    for name in ["pytest", "cargo"] {
        std::os::unix::fs::symlink("/bin/sh", programs.join(name)).unwrap();
    }
    for (word, wanted) in NO_VERBS {
        let output = Command::new(env!("CARGO_BIN_EXE_subunit"))
            .arg(word)
            .current_dir(folder.path())
            .env("PATH", &programs)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{word}: {stderr}");
        let line = format!("subunit: there is no verb `{word}`; {wanted}");
        assert!(stderr.starts_with(&line), "{word}: {stderr}");
    }
}
