//! Where no configuration says it: whose tests run, by a command line, by name, or by what is in the folder?

use std::path::Path;

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

use crate::{
    adapters::{self, Invocation, NoRunner, init},
    commands::run::args::Run,
    config::{
        Mistake, Suite,
        find::{self, FindError, Request},
    },
};

/// The file that `--init` writes.
const FILE: &str = "subunit.toml";

impl Run {
    /// Takes the first words for folders of scripts where nothing else says which tests there are. Everywhere else they
    /// are filters, as all words are.
    pub(in crate::commands::run) fn take_folders(&mut self, folder: &Path) {
        let is_named = self.command.is_given() || self.runner.is_some();
        if !is_named && !Self::has_suite(folder) {
            self.select.take_folders(folder);
        }
    }

    /// Whether a configuration or the files of a folder say how its tests run.
    pub(in crate::commands) fn has_suite(folder: &Path) -> bool {
        find::find(folder).is_some() || !matches!(adapters::of_folder(folder), Err(NoRunner::None))
    }

    /// The runner of the command, if there is a command and its runner is known.
    pub(in crate::commands::run) fn runner_of_command(&self, folder: &Path) -> Option<Invocation> {
        let words = self.command.plain_words().filter(|words| !self.as_is && !words.is_empty())?;
        adapters::of_command(&words, folder)
    }

    /// An option that needs a suite, if one is given: a command that runs as it stands has none.
    pub(in crate::commands::run) fn given_of_suite(&self) -> Option<&'static str> {
        [
            ("--profile", self.profile.is_some()),
            ("--series", self.series.is_some()),
            ("--variant", self.variant.is_some()),
            ("--jobs", self.jobs.is_some()),
            ("--order", self.order.is_some()),
            ("--retries", self.retries.is_some()),
            ("--resume", self.resume),
            ("--repeat", self.repeat.is_some()),
            ("--until-failure", self.until_failure),
            ("--analyze-isolation", self.analyze_isolation),
            ("--watch", self.watch),
            ("--quarantined", self.quarantined.is_some()),
            ("--policy", self.policy),
            ("--isolated", self.isolated),
            ("--fail-fast", self.fail_fast.is_some()),
            ("--test-timeout", self.test_timeout.is_some()),
            ("--no-output-timeout", self.no_output_timeout.is_some()),
            ("--max-duration", self.max_duration.is_some()),
            ("--detach", self.detach),
            ("--pty", self.pty),
            ("--debug", self.debug),
            ("--show-config", self.show_config.is_some()),
        ]
        .into_iter()
        .find_map(|(option, is_given)| is_given.then_some(option))
        .or_else(|| self.select.given())
    }

    /// Writes the configuration that says what was found.
    pub(in crate::commands::run) fn init(&self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let folder = Self::folder()?;
        if let Some(main) = find::find(&folder) {
            let message =
                format!("--init: {} is there already: change it, or remove it", main.file);
            return Err(Error::Usage(message));
        }
        let runner = match &self.runner {
            Some(name) => adapters::by_name(name, &folder),
            None => adapters::of_folder(&folder),
        };
        let runner = runner.map_err(|error| Error::Usage(format!("--init: {error}")))?;
        let failed = |source| Error::File { name: FILE.into(), source };
        let mut file = std::fs::File::create_new(folder.join(FILE)).map_err(failed)?;
        std::io::Write::write_all(&mut file, init::configuration(&runner).as_bytes())
            .map_err(failed)?;
        console.say(format_args!(
            "{FILE} is written: {} ({}), `{}`",
            runner.name(),
            runner.why(),
            runner.command()
        ))?;
        Ok(Exit::Passed)
    }
}

/// The suite of a run: as a command, an option, a configuration or the folder says, in this order.
pub(super) fn suite(run: &Run, request: &Request<'_>) -> Result<Suite, Error> {
    let folder = request.folder;
    if !run.select.folders.is_empty() {
        return of_runner(&adapters::of_script_folders(&run.select.folders), request);
    }
    if let Some(runner) = run.runner_of_command(folder) {
        return of_runner(&runner, request);
    }
    let usage = |error: NoRunner| Error::Usage(error.to_string());
    if let Some(name) = &run.runner {
        let runner = adapters::by_name(name, folder);
        return of_runner(&runner.map_err(usage)?, request);
    }
    match find::load(request) {
        Ok(mut suite) if !suite.scripts.is_empty() => {
            adapters::complete_scripts(&mut suite).map_err(Error::Usage)?;
            Ok(suite)
        }
        Ok(suite) if suite.runner.is_some() => named(suite),
        Ok(suite) => Ok(suite),
        Err(nothing @ FindError::Nothing(_)) => match adapters::of_folder(folder) {
            Ok(runner) => of_runner(&runner, request),
            Err(NoRunner::None) => Err(Error::Usage(format!("{nothing}. {}", NoRunner::None))),
            Err(several) => Err(usage(several)),
        },
        Err(error) => Err(Error::Usage(error.to_string())),
    }
}

/// A suite of which no configuration says more than what goes over all suites.
fn of_runner(runner: &Invocation, request: &Request<'_>) -> Result<Suite, Error> {
    let mut suite = Suite { folder: request.folder.to_owned(), ..Suite::default() };
    find::overlay(&mut suite, request).map_err(|error| Error::Usage(error.to_string()))?;
    runner.complete(&mut suite).map_err(Error::Usage)?;
    Ok(suite)
}

/// A suite whose configuration names a runner, and may give its command.
fn named(mut suite: Suite) -> Result<Suite, Error> {
    let Some(name) = suite.runner.clone() else { return Ok(suite) };
    let mistake = |key: &str, what: String| {
        let origin = suite.origins.get(key).cloned().unwrap_or_default();
        let mistake = Mistake { file: origin.place, line: origin.line, key: key.into(), what };
        Error::Usage(mistake.to_string())
    };
    let runner = match suite.test_command.as_str() {
        "" => adapters::by_name(&name, &suite.folder)
            .map_err(|error| mistake("runner", error.to_string()))?,
        line => {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let runner = adapters::of_command(&words, &suite.folder);
            runner.filter(|runner| runner.name() == name).ok_or_else(|| {
                let what = format!(
                    "this is not known as a command of {name}; without it, it is found in the folder"
                );
                mistake("test_command", what)
            })?
        }
    };
    runner.complete(&mut suite).map_err(Error::Usage)?;
    Ok(suite)
}

/// Says what runs, where nobody has said it.
pub(in crate::commands::run) fn say(
    run: &Run,
    suite: &Suite,
    console: &mut Console<'_>,
) -> Result<(), Error> {
    let Some(adapted) = &suite.adapted else { return Ok(()) };
    if !run.command.is_given() && suite.runner.is_none() {
        console.say(format_args!("{} ({})", adapted.runner, adapted.because))?;
    }
    if let Some(note) = &adapted.note {
        console.say(note)?;
    }
    Ok(())
}
