//! Which runs are meant, of several series.

use std::fs;

use crate::support::{Place, stream};

/// Runs of two series in turn: `@1` and `@3` of `main/a`, `@2` and `@4` of `next`.
fn two_series() -> Place {
    let place = Place::new();
    for (series, tests) in
        [("main/a", "a. b."), ("next", "c. d!"), ("main/a", "a! b."), ("next", "c! d!")]
    {
        place.say_to(&format!("load --series {series}"), &stream(tests));
    }
    place
}

#[test]
fn every_verb_that_takes_a_run_finds_it_among_those_of_its_series() {
    let place = two_series();
    for (line, exit, wanted) in [
        ("history show @last --series main/*", 1, "@3 main/a: failed"),
        ("history show @last-green --series m*", 0, "@1 main/a: passed"),
        ("history show @2 --series next", 1, "@2 next: failed"),
        ("history export @last --as csv --series main/a", 0, "a,"),
        ("history env --series main/?", 0, ""),
        ("history diff @1 --series main/a", 1, "@1 to @3: 1 newly failing"),
        ("history clusters @3 --series main/a", 0, "1 test"),
        ("slowest @3 --series main/a", 0, ""),
        ("last --series main/*", 1, "@3 main/a: failed"),
        ("history env --since-pass a --series main/*", 0, "passed in @1, failed in @3"),
        ("history pin @1 --series main/a", 0, "@1 stays"),
        ("history thin @1 --series main/a", 0, "@1 stays as it is"),
        ("history check --series main/a", 0, "2 runs, 4 results"),
        ("history pack of.pack --series next", 0, "2 runs, "),
        ("history html site --series next", 0, "site: "),
        ("history prune --keep 1 --series next --dry-run", 0, "@2 "),
        ("history move @1 other --series main/a", 0, "@1 moved"),
        ("history remove @2 --series next", 0, "@2 removed"),
    ] {
        let (code, text, said) = place.say(line);
        assert_eq!(code, Some(exit), "{line}: {text}{said}");
        assert!(text.contains(wanted), "{line}: {text}");
        assert!(!wanted.starts_with("@2 ") || !text.contains("@1"), "{line}: {text}");
    }
    let pages = fs::read_dir(place.path("site/series")).unwrap();
    let names: Vec<_> = pages.map(|page| page.unwrap().file_name()).collect();
    assert!(names.len() == 1 && names[0].to_string_lossy().contains("next"), "{names:?}");
}

#[test]
fn a_run_of_another_series_is_not_meant() {
    let place = two_series();
    for line in [
        "history show @1 --series next",
        "history show @last-green --series next",
        "history export @1 --series next",
        "history env @1 --series next",
        "history diff @1 @2 --series next",
        "history thin @1 --series next",
        "history pin @1 --series next",
        "history remove @1 --series next",
        "history move @1 other --series next",
        "history clusters @1 --series next",
        "slowest @1 --series next",
        "rerun @1 --series next",
    ] {
        let (exit, text, said) = place.say(line);
        assert_eq!((exit, &*text, said.lines().count()), (Some(2), "", 1), "{line}: {said}");
        assert!(said.contains(" of the series next: use a number"), "{line}: {said}");
    }
    for line in ["bisect a --series none*", "history env --since-pass a --series none*"] {
        let (exit, _, said) = place.say(line);
        assert_eq!(exit, Some(2));
        assert!(said.contains("no series is called none*"), "{said}");
    }
    let (_, _, said) = place.say("bisect c --series main/a");
    assert!(said.contains("does not know that c fails"), "{said}");
    assert_eq!(place.say("history list").1.lines().count(), 4);
}

#[test]
fn runs_that_are_old_move_but_for_those_that_stay() {
    let place = Place::new();
    for tests in ["a.", "a!", "a! b."] {
        place.say_to("load --series old", &stream(tests));
    }
    place.say("history pin @2");
    place.say_to("load --series old", &stream("a."));
    // The first one passed, and a later one has: only it goes; one is pinned.
    let (exit, text, said) = place.say("history move --older-than 1h archive --series other");
    assert_eq!((exit, &*text), (Some(0), ""), "{said}");
    assert!(said.contains("all runs stay"), "{said}");
    assert!(!place.path("archive").exists());
    assert_eq!(place.say("history move --older-than 1000000d archive").1, "");
    let (exit, text, said) = place.say("history move --older-than 0s @3 archive");
    assert_eq!((exit, &*text), (Some(0), "@3 moved\n@1 moved\n"), "{said}");
    let runs = place.json("history list --json");
    let ids = runs["runs"].as_array().unwrap().iter().map(|run| run["id"].as_i64().unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), [4, 2]);
    assert_eq!(place.say("history check").0, Some(0));
    for (line, wanted) in [
        ("history move archive", "RUN"),
        ("history move --older-than 90d", "DIR"),
        ("history move --older-than soon archive", "--older-than"),
    ] {
        let (exit, text, said) = place.say(line);
        assert_eq!((exit, &*text, said.lines().count()), (Some(2), "", 1), "{line}: {said}");
        assert!(said.contains(wanted), "{line}: {said}");
    }
}
