//! Which tests belong to what changed: the configuration names a command that knows.

use std::{
    io::{self, Seek, Write},
    path::Path,
};

use subunit_filters::exit::Error;
use subunit_mux::process::Signals;

use crate::{
    callout,
    config::{Suite, regex::python_regex},
    selection::NamedTests,
};

/// The tests that `changed_tests` names for the files that changed since a revision.
pub(super) fn since(
    revision: &str,
    suite: &Suite,
    folder: &Path,
    signals: &mut Signals,
) -> Result<NamedTests, Error> {
    let Some(line) = &suite.changed_tests else {
        let message = "--changed-since needs `changed_tests` in the configuration: a command that gets the \
                       names of files on its standard input and prints the tests that belong to them";
        return Err(Error::Usage(message.into()));
    };
    if revision.starts_with('-') {
        return Err(Error::Usage(format!("--changed-since: `{revision}` is no revision")));
    }
    // What is new and not known to Git has changed as well.
    let quoted = format!("'{}'", revision.replace('\'', r"'\''"));
    let git = format!(
        "git -c core.quotePath=false diff --name-only {quoted} -- && \
         git -c core.quotePath=false ls-files --others --exclude-standard --full-name"
    );
    let failed = |what| move |error| Error::Usage(format!("{what}: {error}"));
    let files =
        callout::run(&git, folder, callout::LIMIT, signals).map_err(failed("--changed-since"))?;
    let input = file_of(&files)
        .map_err(|source| Error::System { name: "a temporary file".into(), source })?;
    let printed = callout::run_with(line, input, folder, callout::LIMIT, signals)
        .map_err(failed("changed_tests"))?;
    let mut named = NamedTests::default();
    let printed = String::from_utf8_lossy(&printed);
    let lines = printed.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.for_each(|line| named.add(line, python_regex));
    Ok(named)
}

fn file_of(bytes: &[u8]) -> io::Result<std::fs::File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}
