//! Meson: its own workers keep the parallel part; what it lists and does not run is red.

use subunit_formats::Format;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, ListedTest, ResultSource, RunnerProcess, RunnerWorker, TestListing, asked, command,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "meson",
    looks_for: "meson.build, and a folder with meson-private",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// With one of these it runs no test, or each several times.
const NO_RUN: &[&str] = &["--list", "-h", "--help", "--repeat", "--benchmark", "--gdb"];

fn detect(project: &Project) -> Option<RunnerSign> {
    if !project.has("meson.build") {
        return None;
    }
    let folders = project.folders(&[""], "build");
    let has_coredata =
        |folder: &String| project.has(&format!("{folder}/meson-private/coredata.dat"));
    let folder = folders.into_iter().find(has_coredata)?;
    let words = ["meson", "test", "-C", &folder].map(str::to_owned).to_vec();
    Some(RunnerSign { is_certain: true, found: format!("meson.build, {folder}"), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, "test", arguments @ ..] = words else { return None };
    let is_none = |word: &&str| NO_RUN.iter().any(|option| word.starts_with(option));
    (is_called(program, "meson") && !arguments.iter().any(is_none)).then_some(2)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands::whole(ADAPTER.name, line)
}

/// `meson test --list` says names as its console does.
fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let text = asked(&mut command(&invoked.line.with_words([], ["--list"])))?;
    let mut listing = TestListing::default();
    listing.tests.extend(text.lines().filter_map(listed));
    Ok(listing)
}

/// `suite - project:name`, whose id has no suite, or of older versions `project:suite / name`. Both are chosen as
/// `project:name`.
fn listed(line: &str) -> Option<ListedTest> {
    let (id, name) = match line.split_once(" / ") {
        Some((place, name)) => {
            let project = place.split(':').next().unwrap_or(place);
            (line.to_owned(), format!("{project}:{name}"))
        }
        None => {
            let name = line.split_once(" - ").map_or(line, |(_, name)| name);
            (name.to_owned(), name.to_owned())
        }
    };
    name.contains(':').then(|| ListedTest { id, name, ..ListedTest::default() })
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let mut chosen = Vec::new();
    if let Some(ids) = ids {
        let listing = invoked.listing()?;
        if !listing.is_all(ids) {
            let parts = listing.by_program(ids).into_iter().flat_map(|(_, tests)| tests);
            chosen.extend(parts.map(|test| test.name.clone()));
        }
    }
    let words = invoked.line.with_words([], chosen.iter().map(String::as_str));
    Ok(vec![RunnerProcess::new(words, ResultSource::Output(Format::Meson)).with_ids(ids).whole()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_has_the_ids_of_the_console() {
        let text =
            "shop:passes\nunit - shop:fails: a - b\nshop / old\nshop:unit / older\nNo tests.\n";
        let tests: Vec<ListedTest> = text.lines().filter_map(listed).collect();
        let tests: Vec<_> = tests.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
        assert_eq!(
            tests,
            [
                ("shop:passes", "shop:passes"),
                ("shop:fails: a - b", "shop:fails: a - b"),
                ("shop / old", "shop:old"),
                ("shop:unit / older", "shop:older"),
            ]
        );
        assert_eq!(recognise(&["meson", "test", "-C", "b"]), Some(2));
        assert_eq!(recognise(&["meson", "test", "--list"]), None);
        assert_eq!(recognise(&["meson", "compile"]), None);
    }
}
