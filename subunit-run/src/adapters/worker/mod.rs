//! This program as the worker of a runner: it lists the runner's tests, and runs those that it is given, in processes
//! of the runner. Rows of runners say how.

mod batch;
mod forker;
mod invoked;
mod listing;
mod named_output;
mod output;
mod patterns;
mod process;
mod report_files;
mod reports;
mod results;
mod runner_process;
mod script_files;
mod scripts;
mod told;
mod told_apart;
mod whole_test;

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::{self, BufRead, BufReader},
    process::ExitCode,
};

use subunit_core::{Event, Status, TagsBuf};

use self::{
    batch::Rounds,
    results::{ResultWriter, descriptor},
};
pub(super) use self::{
    invoked::{Invoked, RunnerWorker},
    listing::{ListedTest, TestListing, TestProgram, asked, command, failed, output},
    patterns::{escaped, in_parts, in_parts_by},
    report_files::ReportFiles,
    results::{FOLDER, has_limits},
    runner_process::{RESULTS, ResultSource, RunnerProcess},
    scripts::{LIST, SCRIPT, SCRIPTS},
    told_apart::WorkerNumber,
};
pub(crate) use self::{
    results::LIMITS,
    script_files::{NamedFiles, has_script},
};
use super::words::CommandWords;

/// The first argument of this program as such a worker. The name of the runner follows, and where its words begin
/// and end; then what to do; after `--` the command.
pub(super) const WORKER: &str = "--runner-worker";

/// What stands before the file of ids to run.
pub(super) const IDS: &str = "--ids";

/// What says that the coverage of the workers is to be joined.
pub(super) const MERGE: &str = "--merge";

/// Finds a runner by its name.
pub(super) type Finds = fn(&str) -> Option<&'static RunnerWorker>;

/// Whether an argument makes this program the worker of a runner.
pub(super) fn is_worker(first: &OsStr) -> bool {
    first == WORKER || first == SCRIPTS
}

/// Runs this program as a worker, if its arguments ask for that.
pub(super) fn run_as_worker(arguments: &[OsString], finds: Finds) -> Option<ExitCode> {
    let [_, first, words @ ..] = arguments else { return None };
    let result = if first == SCRIPTS {
        scripts::run_as_worker(words)
    } else if first == WORKER {
        run_runner(words, finds)
    } else {
        return None;
    };
    Some(match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("subunit-run: {error}");
            ExitCode::from(2)
        }
    })
}

fn run_runner(words: &[OsString], finds: Finds) -> io::Result<()> {
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let wrong = || io::Error::other(format!("{WORKER}: this is not how a worker is started"));
    let end = words.iter().position(|word| word == "--").ok_or_else(wrong)?;
    let [name, start, length, what @ ..] = &words[..end] else { return Err(wrong()) };
    let number = |word: &String| word.parse::<usize>().map_err(|_| wrong());
    let (start, length) = (number(start)?, number(length)?);
    let line = CommandWords::new(words[end + 1..].to_vec(), start..start + length);
    let runner = finds(name).ok_or_else(wrong)?;
    let invoked = Invoked::new(line, runner)?;
    let named = |error: io::Error| io::Error::other(format!("{name}: {error}"));
    match what {
        [] => serve(&invoked).map_err(named),
        [word] if word == LIST => list(&invoked).map_err(named),
        [word] if word == MERGE => merge(&invoked).map_err(named),
        [word, path] if word == IDS => {
            let ids = fs::read_to_string(path)?.lines().map(str::to_owned).collect();
            Rounds::new(&invoked, &mut ResultWriter::open()?).run_tests(ids).map_err(named)
        }
        _ => Err(wrong()),
    }
}

fn list(invoked: &Invoked) -> io::Result<()> {
    let listing = invoked.listing().map_err(io::Error::other)?;
    let mut results = ResultWriter::open()?;
    for (name, why) in &listing.broken {
        results.fail_beside(name, why)?;
    }
    for test in &listing.tests {
        let tags: TagsBuf = test.tags.iter().map(String::as_str).collect();
        let event = Event::status(&test.id, Status::Exists);
        let event = if test.tags.is_empty() { event } else { event.with_tags(&tags) };
        results.say(&event)?;
    }
    Ok(())
}

/// Joins what the workers have covered.
fn merge(invoked: &Invoked) -> io::Result<()> {
    let joins = invoked.runner.merge.ok_or_else(|| io::Error::other("it joins no coverage"))?;
    joins(invoked).map_err(io::Error::other)
}

/// Runs tests as their ids arrive; all tests if none will.
fn serve(invoked: &Invoked) -> io::Result<()> {
    let mut results = ResultWriter::open()?;
    let mut rounds = Rounds::new(invoked, &mut results);
    let Ok(path) = descriptor("SUBUNIT_TEST_FD") else { return rounds.run_all() };
    for id in BufReader::new(File::open(path)?).lines() {
        rounds.run_tests(vec![id?])?;
    }
    Ok(())
}
