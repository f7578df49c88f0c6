//! The revision that broke a test is found, also where some do not build.

use std::{fs, process::Command};

use crate::support::Place;

impl Place {
    fn git(&self, words: &[&str]) -> String {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false"]);
        let output = git.args(words).current_dir(self.path(".")).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// A repository of 16 revisions: the test `a` fails from the 11th on, and nothing runs on these.
fn repository(no_build: &[u32]) -> Place {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    fs::write(
        place.path("subunit.toml"),
        "test_command = 'sh tests.sh $LISTOPT'\ntest_list_option = '--list'\n",
    )
    .unwrap();
    for revision in 1..=16 {
        let status = if revision < 11 { "success" } else { "fail" };
        let script = if no_build.contains(&revision) {
            "exit 1\n".to_owned()
        } else {
            format!(
                "if [ \"$1\" ]; then s=exists; else s={status}; fi\n\
                 printf '{{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"%s\",\"runnable\":true,\"eof\":false}}\\n' $s\n"
            )
        };
        fs::write(place.path("tests.sh"), script).unwrap();
        fs::write(place.path("number"), revision.to_string()).unwrap();
        place.git(&["add", "subunit.toml", "tests.sh", "number"]);
        place.git(&["commit", "-q", "-m", &format!("change {revision}")]);
    }
    place
}

#[test]
fn the_first_bad_revision_is_found_from_what_the_history_knows() {
    let place = repository(&[8, 12]);
    place.git(&["checkout", "-q", "HEAD~15"]);
    assert_eq!(place.say("run --plain --series s").0, Some(0));
    place.git(&["checkout", "-q", "main"]);
    assert_eq!(place.say("run --plain --series s").0, Some(1));
    let (exit, text, said) = place.say("bisect a");
    assert_eq!(exit, Some(0), "{text}{said}");
    let last: Vec<&str> = text.lines().rev().take(2).collect();
    assert!(
        last[1].starts_with("first bad revision: ") && last[1].ends_with(": change 11"),
        "{text}"
    );
    assert!(last[0].ends_with(" without a result"), "{text}");
    // The checkout is as it was.
    assert_eq!(place.git(&["branch", "--show-current"]), "main");
    assert_eq!(place.git(&["worktree", "list"]).lines().count(), 1);
    let (exit, text, _) = place.say("bisect a --good HEAD~15 --bad HEAD");
    assert_eq!(exit, Some(0));
    assert!(text.contains(": change 11\n"), "{text}");
}

#[test]
fn where_nothing_runs_near_the_culprit_what_is_left_is_named() {
    let place = repository(&[10, 11]);
    let (exit, text, said) = place.say("bisect a --good HEAD~15 --bad HEAD");
    assert_eq!(exit, Some(1), "{text}{said}");
    let (_, left) = text.split_once("one of these is the first bad revision:\n").unwrap();
    for change in ["change 10", "change 11", "change 12"] {
        assert!(left.contains(change), "{text}");
    }
    assert_eq!(left.lines().count(), 4, "{text}");
}

#[test]
fn what_cannot_be_searched_is_told() {
    let place = Place::new();
    for (line, wanted) in [
        ("bisect a", "there is no history"),
        ("bisect a --good x --bad y", "git: not a git repository"),
        ("bisect a --good=-x --bad y", "this is no revision"),
    ] {
        let (exit, text, said) = place.say(line);
        assert_eq!((exit, &*text, said.lines().count()), (Some(2), "", 1), "{line}: {said}");
        assert!(said.contains(wanted), "{line}: {said}");
    }
    let place = repository(&[]);
    let (exit, _, said) = place.say("bisect a --good nope --bad HEAD");
    assert_eq!((exit, said.lines().count()), (Some(2), 1), "{said}");
    assert_eq!(place.git(&["worktree", "list"]).lines().count(), 1);
}
