//! The verbs that `subunit` and the guide say this program has are those that it has.

use std::{fs, path::Path};

use subunit_filters::commands::{ELSEWHERE, VERBS};
use subunit_server::commands::{GROUPS, WHOLE};

#[test]
fn subunit_knows_the_verbs() {
    let ours: Vec<_> = ELSEWHERE.iter().filter(|other| other.program == "subunit-server").collect();
    assert_eq!(ours.len(), GROUPS.len());
    for (elsewhere, group) in ours.into_iter().zip(GROUPS) {
        assert_eq!(elsewhere.title, group.title);
        let verbs: Vec<_> = group
            .verbs
            .iter()
            .map(|verb| (verb.name, verb.definition().get_about().unwrap().to_string()))
            .collect();
        let known: Vec<_> =
            elsewhere.verbs.iter().map(|(name, about)| (*name, (*about).to_owned())).collect();
        assert_eq!(verbs, known);
    }
}

#[test]
fn manual_pages_and_completions_tell_of_all_programs() {
    let whole = WHOLE.definitions;
    let verbs: Vec<_> =
        (whole.verbs)().get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    let elsewhere = ELSEWHERE.iter().flat_map(|other| other.verbs.iter().map(|(name, _)| *name));
    for verb in VERBS.iter().map(|verb| verb.name).chain(elsewhere) {
        assert_eq!(verbs.iter().filter(|name| *name == verb).count(), 1, "{verb}");
    }
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_subunit-server"))
        .args(["completions", "fish"])
        .output();
    let script = String::from_utf8(out.unwrap().stdout).unwrap();
    for option in ["until-failure", "demo", "no-text"] {
        assert!(script.contains(&format!("-l {option}")), "{option}");
    }
}

#[test]
fn options_that_the_guide_names_exist() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let verbs: Vec<_> = GROUPS.iter().flat_map(|group| group.verbs).collect();
    let mut count = 0;
    for page in fs::read_dir(guide).unwrap().map(|page| page.unwrap().path()) {
        let Ok(text) = fs::read_to_string(&page) else { continue };
        for piece in text.split(['`', '\n']) {
            let Some(line) = piece.trim_start_matches("$ ").strip_prefix("subunit ") else {
                continue;
            };
            let mut words = line.split(' ');
            let verb = words.next().unwrap_or_default();
            let Some(verb) = verbs.iter().find(|known| known.name == verb) else { continue };
            count += 1;
            let (mut command, mut words) = (verb.definition(), words.peekable());
            while let Some(below) = words.peek().and_then(|word| command.find_subcommand(word)) {
                command = below.clone();
                words.next();
            }
            let help = command.render_long_help().to_string();
            for option in words.filter(|word| word.starts_with('-')) {
                assert!(help.contains(option), "{}: {line}", page.display());
            }
        }
    }
    assert!(count > 2, "{count}");
}
