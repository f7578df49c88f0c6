//! Manual pages and completions tell of the verbs of `subunit` and of this program together.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, process::Command};

use subunit_filters::commands::VERBS;
use subunit_run::commands::PROGRAM;

fn told(words: &[&str]) -> String {
    let ours = Command::new(env!("CARGO_BIN_EXE_subunit-run")).args(words).output().unwrap();
    assert!(ours.status.success(), "{}", String::from_utf8_lossy(&ours.stderr));
    String::from_utf8(ours.stdout).unwrap()
}

/// What bash offers behind a line of words.
fn offered(line: &str) -> Vec<String> {
    let at = line.split(' ').count();
    let last = line.rsplit(' ').next().unwrap();
    let script = told(&["completions", "bash"])
        + &format!(
            "compopt() {{ echo $2; }}\nCOMP_WORDS=({line} ''); COMP_CWORD={at}\n_subunit subunit '' {last}\n\
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
    // It is too long for an argument.
    let place = tempfile::NamedTempFile::new().unwrap();
    fs::write(place.path(), script).unwrap();
    let bash = Command::new("bash").arg(place.path()).output().unwrap();
    assert!(bash.stderr.is_empty(), "{}", String::from_utf8_lossy(&bash.stderr));
    String::from_utf8(bash.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn each_verb_has_a_page_and_each_verb_in_it_too() {
    let folder = tempfile::tempdir().unwrap();
    told(&["man", "-d", folder.path().to_str().unwrap()]);
    let page = |name: &str| fs::read_to_string(folder.path().join(format!("{name}.1"))).unwrap();
    let overview = page("subunit");
    for verb in VERBS.iter().chain(PROGRAM.verbs()) {
        assert!(page(&format!("subunit-{}", verb.name)).contains("SYNOPSIS"), "{}", verb.name);
        let named = verb.name.replace('-', "\\-");
        assert!(overview.contains(&named), "subunit.1 does not name {}", verb.name);
        for inner in verb.definition().get_subcommands() {
            page(&format!("subunit-{}-{}", verb.name, inner.get_name()));
        }
    }
    let of_history = page("subunit-history-diff");
    assert!(of_history.contains("\n\\fBsubunit history diff\\fR "), "{of_history}");
}

#[test]
fn bash_completes_the_verbs_of_both_and_their_options() {
    let verbs = offered("subunit");
    for verb in ["stats", "run", "failing", "history"] {
        assert!(verbs.iter().any(|offered| offered == verb), "{verb}: {verbs:?}");
    }
    assert!(offered("subunit history").contains(&"show".to_owned()));
    assert!(offered("subunit run --history").contains(&"plusdirs".to_owned()));
    assert!(offered("subunit run --order").len() > 1, "{:?}", offered("subunit run --order"));
}
