//! Is there what the guide names and does not run: verbs and options in the midst of its sentences and in blocks of text, and
//! keys in its examples of a configuration?

use std::{collections::BTreeMap, fs};

use subunit_filters::commands::ELSEWHERE;

use crate::{
    commands::Folder,
    links::prose,
    pages::{Page, pages},
};

/// The page whose examples are rules for logs.
const OF_RULES: &str = "log-rules.md";

/// Pieces of code in the sentences of a page, and lines of its blocks of text, that are commands of ours, as words.
fn commands(page: &Page) -> Vec<Vec<&str>> {
    let pieces = prose(&page.text).flat_map(|line| line.split('`').skip(1).step_by(2));
    let blocks = page.text.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap().trim());
    pieces
        .chain(lines)
        .filter_map(|piece| Some(piece.strip_prefix("subunit ")?.split(' ').collect()))
        .collect()
}

/// The words that name a verb, and the options of it, but for those of a command after `--`.
fn named<'w>(words: &[&'w str]) -> (Vec<&'w str>, Vec<&'w str>) {
    let depth = if words[0] == "history" { 2 } else { 1 };
    let is_verb = |word: &&&str| {
        word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let verb = words.iter().take(depth).take_while(|word| !word.starts_with('-')).filter(is_verb);
    let options =
        words.iter().take_while(|word| **word != "--").filter(|word| word.starts_with('-'));
    let bare = |word: &&'w str| word.split(['=', '[']).next().unwrap();
    (verb.copied().collect(), options.map(bare).collect())
}

/// Whether the program that is built after this one has the verb.
fn is_of_server(verb: &[&str]) -> bool {
    let of_server = ELSEWHERE.iter().filter(|other| other.program == "subunit-server");
    of_server.flat_map(|other| other.verbs).any(|(name, _)| verb.first() == Some(name))
}

#[test]
fn verbs_and_options_in_sentences_exist() {
    let folder = Folder::new();
    let mut helps: BTreeMap<Vec<&str>, Option<String>> = BTreeMap::new();
    let pages = pages();
    let mut missing = Vec::new();
    let mut count = 0;
    for page in &pages {
        for words in commands(page) {
            count += 1;
            let (verb, options) = named(&words);
            // The tests of that program look at its options.
            if is_of_server(&verb) {
                continue;
            }
            let help = helps.entry(verb.clone()).or_insert_with(|| {
                let output = folder.run(&format!("subunit {} --help", verb.join(" ")));
                output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
            });
            let has = |option: &&str| {
                let words = help.as_deref().unwrap_or_default().split([' ', '\n', ',', '[', '=']);
                words.into_iter().any(|word| word == *option)
            };
            if help.is_none() || !options.iter().all(has) {
                missing.push(format!("docs/{}: subunit {}", page.name, words.join(" ")));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(count > 60, "{count}");
}

#[test]
fn keys_in_examples_of_a_configuration_exist() {
    let mut count = 0;
    for page in pages().iter().filter(|page| page.name != OF_RULES) {
        for (at, fence) in page.text.match_indices("```toml\n") {
            let (block, _) = page.text[at + fence.len()..].split_once("```").unwrap();
            let folder = Folder::new();
            // A suite, for those that are of something else.
            let suite = "\n[[script]]\nname = \"x\"\ncommand = \"true\"\n";
            let own = ["test_command", "[[script]]"].iter().any(|key| block.contains(key));
            let text = if own { block.to_owned() } else { format!("{block}{suite}") };
            fs::write(folder.path().join("subunit.toml"), text).unwrap();
            let output = folder.run("subunit run --show-config");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "docs/{}: {block}{said}", page.name);
            count += 1;
        }
    }
    assert!(count > 5, "{count}");
}

#[test]
fn a_verb_ends_where_its_arguments_begin() {
    let of = |line: &'static str| named(&line.split(' ').collect::<Vec<_>>());
    assert_eq!(of("run --jobs 4 -- x --y"), (vec!["run"], vec!["--jobs"]));
    assert_eq!(of("history list --series"), (vec!["history", "list"], vec!["--series"]));
    assert_eq!(of("run --show-config=TEST"), (vec!["run"], vec!["--show-config"]));
    assert_eq!(of("--help"), (vec![], vec!["--help"]));
}
