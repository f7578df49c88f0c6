//! Every command's help has two examples, and they work.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path, process::Command};

use subunit_filters::commands::{TOOLS, VERBS};
use subunit_formats::{Format, REPORTS};

#[path = "support/alone.rs"]
mod alone;

/// Runs a line of the help in a shell, in a folder with the streams that the examples speak of.
fn run(line: &str) -> (i32, String) {
    let folder = alone::folder();
    let stream = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/mixed.subunit");
    for name in ["run.subunit", "worker-0.subunit", "worker-1.subunit"] {
        fs::copy(stream, folder.path().join(name)).unwrap();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_subunit"));
    for tool in TOOLS {
        fs::hard_link(program, folder.path().join(tool.name)).unwrap();
    }
    let path = std::env::var("PATH").unwrap();
    let path =
        format!("{}:{}:{path}", program.parent().unwrap().display(), folder.path().display());
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(folder.path())
        .env("PATH", path)
        .output()
        .unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The examples, those in several lines as such.
fn examples(help: &str) -> Vec<String> {
    let mut examples: Vec<String> = Vec::new();
    for line in help.lines() {
        if let Some(example) = line.strip_prefix("  $ ") {
            examples.push(example.to_owned());
        } else if let (Some(more), Some(last)) = (line.strip_prefix("      "), examples.last_mut())
        {
            *last = format!("{last}\n{more}");
        }
    }
    examples
}

#[test]
fn every_command_has_two_examples_that_work() {
    for entry in VERBS.iter().chain(TOOLS) {
        let help = entry.definition().get_after_long_help().unwrap().to_string();
        let examples = examples(&help);
        assert_eq!(examples.len(), 2, "{}", entry.name);
        for example in examples {
            let (status, stderr) = run(&example);
            // Some streams of the examples fail, which is no fault of the command.
            assert!([0, 1].contains(&status), "$ {example}\n{stderr}\nexit status {status}");
        }
    }
}

#[test]
fn no_example_and_no_exit_status_is_wrapped() {
    const WIDTH: usize = 80;
    let mut long = Vec::new();
    let ends = VERBS.iter().chain(TOOLS).map(|entry| entry.definition());
    let ends = ends.map(|verb| verb.get_after_long_help().unwrap().to_string());
    let all = subunit_filters::commands::PROGRAM.definition();
    for help in ends.chain([all.get_after_help().unwrap().to_string()]) {
        long.extend(help.lines().filter(|line| line.len() > WIDTH).map(str::to_owned));
    }
    assert!(long.is_empty(), "{} lines:\n{}", long.len(), long.join("\n"));
}

#[test]
fn every_screen_of_help_is_short() {
    for entry in VERBS.iter().chain(TOOLS) {
        let help = entry.definition().render_help().to_string();
        assert!(help.lines().count() <= 40, "{}:\n{help}", entry.name);
        let about = entry.definition().get_about().unwrap().to_string();
        assert!(about.len() < 60 && !about.ends_with('.'), "{about}");
    }
}

#[test]
fn the_help_lists_every_verb_with_what_it_does() {
    let help = subunit_filters::commands::PROGRAM.definition().render_help().to_string();
    let lines: Vec<Vec<&str>> =
        help.lines().map(|line| line.split_whitespace().collect()).collect();
    for entry in VERBS {
        let about = entry.definition().get_about().unwrap().to_string();
        let expected: Vec<&str> = [entry.name].into_iter().chain(about.split(' ')).collect();
        assert!(lines.contains(&expected), "{expected:?}");
    }
    assert!(REPORTS.iter().all(|row| VERBS.iter().any(|entry| entry.name == row.verb)));
    // Version 2 of subunit needs no verb; what runners print for people is named by `--from`, and so are files of one runner.
    let verbs = Format::ALL.into_iter().filter(|format| format.has_verb());
    let verbs: Vec<String> = verbs.map(|format| format!("from-{}", format.name())).collect();
    assert!(verbs.len() > 15 && verbs.iter().all(|verb| VERBS.iter().any(|it| it.name == *verb)));
}

#[test]
fn the_page_names_every_verb() {
    let page = include_str!("../../docs/commands.md");
    let formats = Format::ALL.into_iter().filter(|format| format.has_verb()).map(Format::verb);
    let formats: Vec<_> = formats.collect();
    for verb in VERBS.iter().map(|entry| entry.name).filter(|name| !formats.contains(name)) {
        let named = [format!("`{verb}`"), format!("`subunit {verb}`")];
        assert!(
            named.iter().any(|name| page.contains(name)),
            "docs/commands.md does not name `{verb}`"
        );
    }
}

#[test]
fn the_log_rules_of_the_documentation_are_those_that_are_tried() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let documentation = fs::read_to_string(root.join("docs/log-rules.md")).unwrap();
    let (_, block) = documentation.split_once("```toml\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    assert_eq!(block, fs::read_to_string(root.join("tests/data/simulation.toml")).unwrap());
}
