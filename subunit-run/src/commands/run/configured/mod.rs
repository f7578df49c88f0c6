//! The suite of the current folder, with the options that go over it.

mod adapted;

use std::{io::Write, path::Path};

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

pub(super) use self::adapted::say;
use super::{args::Run, kept, known, over::put_over, series};
use crate::config::{Suite, find, show, stestr, toml};

/// The suite of the folder, with all that goes over it.
pub(super) fn configured(run: &Run, folder: &Path) -> Result<Suite, Error> {
    let user = find::user_file();
    let request = find::Request {
        folder,
        profile: run.profile.as_deref(),
        user: user.as_deref(),
        run: &toml::shell(folder),
        stestr: &stestr::Options::default(),
        runner: &stestr::Runner::new("python3"),
    };
    let mut suite = adapted::suite(run, &request)?;
    put_over(&mut suite, run);
    Ok(suite)
}

/// The suite of the current folder, with no options over it but a profile.
pub(in crate::commands) fn suite(profile: Option<String>) -> Result<Suite, Error> {
    configured(&Run { profile, ..Run::default() }, &Run::folder()?)
}

/// Shows each value and where it is from: those of the suite, or those that count for one test.
pub(super) fn show(
    run: &Run,
    test_id: Option<&str>,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let folder = Run::folder()?;
    let suite = configured(run, &folder)?;
    let Some(test_id) = test_id else {
        console.stdout.write_all(show::suite(&suite).as_bytes())?;
        return Ok(Exit::Passed);
    };
    let memory = kept::open(&folder, false, &run.history, console)?;
    let tags = match known::tags_count(&suite) {
        true => known::tags(&*memory)?,
        false => Default::default(),
    };
    let tags = tags.get(test_id).map(Vec::as_slice).unwrap_or_default();
    let overrides = series::overrides(&suite, run, &series::run_of(&suite, run))?;
    let shown =
        show::test(&overrides, test_id, tags).map_err(|error| Error::Usage(error.to_string()))?;
    console.stdout.write_all(shown.as_bytes())?;
    Ok(Exit::Passed)
}
