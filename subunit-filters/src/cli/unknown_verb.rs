//! A word that is no verb, and what may have been meant by it.

use std::path::Path;

use crate::cli::{elsewhere::is_program_in_path, mistake::nearest_within};

/// What is wrong, and the way out, if there is a better one than the help.
pub(crate) fn unknown_verb(word: &str, verbs: &[&str]) -> (String, Option<String>) {
    let is_program = is_program_in_path(word);
    let way_out = guess(word, verbs, is_program)
        .or_else(|| {
            similar(word, verbs).map(|verb| format!("there is `{verb}`: see `subunit --help`"))
        })
        .or_else(|| is_program.then(|| format!("to run its tests: `subunit run -- {word}`")))
        .or_else(|| {
            let reads =
                || format!("to read the file: `subunit watch {word}` or `subunit stats {word}`");
            Path::new(word).is_file().then(reads)
        });
    (format!("there is no verb `{word}`"), way_out)
}

/// The verb whose beginning a word is, or else the nearest one, of which a third of the word may be wrong.
fn similar<'a>(word: &str, verbs: &[&'a str]) -> Option<&'a str> {
    /// One letter begins too many verbs.
    const BEGINNING: usize = 2;
    let begun = verbs.iter().find(|verb| word.len() >= BEGINNING && verb.starts_with(word));
    begun.copied().or_else(|| nearest_within(word, word.chars().count() / 3, verbs.iter().copied()))
}

/// What people type who know other tools.
fn guess(word: &str, verbs: &[&str], is_program: bool) -> Option<String> {
    let is_verb = |name: &str| verbs.contains(&name);
    let (from, to) = (format!("from-{word}"), format!("to-{word}"));
    match (is_verb(&from), is_verb(&to)) {
        (true, true) => {
            return Some(format!("`subunit {from}` reads it, `subunit {to}` writes it"));
        }
        (true, false) if is_program => {
            return Some(format!("`subunit {from}` reads it, `subunit run -- {word}` runs it"));
        }
        (true, false) => return Some(format!("`subunit {from}` reads it")),
        (false, true) => return Some(format!("`subunit {to}` writes it")),
        (false, false) => {}
    }
    let meant = match word {
        "tests" => "`subunit ls` lists the tests of a stream, `subunit list` those of a suite",
        "show" | "view" | "tail" | "live" => "`subunit watch` shows them",
        "summary" | "summarise" | "summarize" | "count" | "verdict" | "status" => {
            "`subunit stats` counts results and shows the verdict"
        }
        "convert" | "from" | "to" => {
            "the verbs `from-...` and `to-...` convert: see `subunit --help`"
        }
        "join" | "concat" => {
            "`subunit cat` joins streams, `subunit merge` in the order of their times"
        }
        "compare" => "`subunit diff` compares two runs",
        "failed" | "failures" | "fails" => "`subunit failing` shows what fails now",
        "grep" | "select" => "`subunit filter` keeps some tests",
        "run" | "exec" | "test" => {
            "`subunit run` runs tests, and `subunit watch -- COMMAND` shows those of a command"
        }
        "multiplex" | "parallel" => "`subunit mux` runs commands side by side",
        _ => return None,
    };
    Some(meant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{ELSEWHERE, PROGRAM, VERBS};

    #[test]
    fn every_guess_names_a_verb_that_there_is() {
        let verbs: Vec<&str> = VERBS.iter().map(|verb| verb.name).collect();
        for word in [
            "tests", "show", "count", "join", "compare", "grep", "run", "parallel", "junit", "csv",
            "tap", "failed",
        ] {
            let guess = guess(word, &verbs, false).unwrap();
            let named = guess.split('`').nth(1).unwrap().split(' ').nth(1).unwrap();
            let others = ELSEWHERE.iter().flat_map(|other| other.verbs);
            let is_verb = verbs.contains(&named) || others.clone().any(|(verb, _)| *verb == named);
            assert!(is_verb, "{word}: {guess}");
        }
        assert_eq!(guess("no-such-verb", &verbs, true), None);
    }

    #[test]
    fn a_beginning_goes_before_what_is_near_and_neither_is_far() {
        let verbs = PROGRAM.verb_names();
        for (word, verb) in [
            ("rnu", Some("run")),
            ("ru", Some("run")),
            ("fail", Some("failing")),
            ("faling", Some("failing")),
            ("lsat", Some("last")),
            ("las", Some("last")),
            ("wacth", Some("watch")),
            ("stast", Some("stats")),
            ("hist", Some("history")),
            ("known", Some("known-failures")),
            ("from-juint", Some("from-junit")),
            ("pytest", None),
            ("jest", None),
            ("nope", None),
            ("x", None),
        ] {
            assert_eq!(similar(word, &verbs), verb, "{word}");
        }
    }
}
