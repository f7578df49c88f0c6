//! Which results are stale, by the configuration of the current folder; and how that is said.

use std::{collections::BTreeSet, path::Path};

use fancy_regex::Regex;
use subunit_filters::{
    console::Console,
    exit::Error,
    style::{Look, escaped},
};
use subunit_history::{
    History,
    query::{
        ChangedInput, DeclaredTests, IdMatcher, InputChange, StaleReason, StaleTest, TestIdentity,
    },
};

use super::{place::error, table};
use crate::{
    commands::run::suite,
    config::{InputSettings, find, keys::Dialect, regex::python_regex},
    inputs,
};

/// What the configuration of the current folder says of its tests, and how that is now.
pub(super) struct Declared(Vec<DeclaredTests<'static>>);

impl Declared {
    /// That of this profile.
    pub(super) fn of(profile: Option<String>, console: &mut Console<'_>) -> Result<Self, Error> {
        if find::find(Path::new(".")).is_none_or(|main| main.dialect != Dialect::Subunit) {
            return Err(Error::Usage("there is no subunit.toml in this folder".into()));
        }
        let suite = suite(profile)?;
        if suite.inputs.is_empty() {
            let message = "there is no [[test]] in the subunit.toml of this folder: match = \"REGEX\", inputs = [\"src/**/*.c\"]";
            return Err(Error::Usage(message.into()));
        }
        let mut notes = Vec::new();
        let inputs = inputs::of(&suite, &mut notes).map_err(Error::Usage)?;
        notes.iter().try_for_each(|note| console.say(note))?;
        let mut declared = Vec::new();
        for (InputSettings { tests, needs, .. }, inputs) in suite.inputs.iter().zip(inputs) {
            let needs = needs.iter().map(|pattern| matcher(pattern));
            let needs = needs.collect::<Result<_, _>>()?;
            declared.push(DeclaredTests { inputs, is_of: matcher(tests)?, needs });
        }
        Ok(Self(declared))
    }

    /// The tests of a series whose last results are stale.
    pub(super) fn stale(
        &self,
        history: &History,
        series: Option<&str>,
    ) -> Result<Vec<StaleTest>, Error> {
        history.stale(series, &self.0).map_err(error)
    }

    /// These tests, and those that need them.
    pub(super) fn downstream(
        &self,
        history: &History,
        series: Option<&str>,
        ids: Vec<String>,
    ) -> Result<Vec<TestIdentity>, Error> {
        let ids: BTreeSet<String> = ids.into_iter().collect();
        history.downstream(series, &self.0, &ids).map_err(error)
    }
}

fn matcher(pattern: &str) -> Result<IdMatcher<'static>, Error> {
    let regex: Regex = python_regex(pattern).map_err(|error| Error::Usage(error.to_string()))?;
    Ok(Box::new(move |id| regex.is_match(id).unwrap_or(false)))
}

/// The results of a history that are stale, where its runs say what their tests depend on; none elsewhere. What is wrong with
/// the configuration is told, and no reason to show nothing else.
pub(super) fn marks(
    history: &History,
    series: Option<&str>,
    console: &mut Console<'_>,
) -> Result<Vec<StaleTest>, Error> {
    if !history.knows_inputs().map_err(error)? {
        return Ok(Vec::new());
    }
    let found = Declared::of(None, console).and_then(|declared| declared.stale(history, series));
    match found {
        Ok(found) => Ok(found),
        Err(error) => {
            console.say(format_args!("which results are stale is not known: {error}"))?;
            Ok(Vec::new())
        }
    }
}

/// Why the result of a test in a run is stale; none if it is not, or not the last one.
pub(super) fn mark(stale: &[StaleTest], test: &TestIdentity, run: i64) -> Option<String> {
    let found = stale.iter().find(|one| one.test == *test && one.run == run)?;
    Some(said(&found.reason))
}

/// Why a result is stale, in words.
pub(super) fn said(reason: &StaleReason) -> String {
    let named = |test: &TestIdentity| table::test(Look::default(), test);
    match reason {
        StaleReason::Unknown => "its run did not say what it depends on".to_owned(),
        StaleReason::Changed(InputChange { first, more }) => {
            let first = match first {
                ChangedInput::Changed(path) => format!("{path} has changed"),
                ChangedInput::New(path) => format!("{path} is new"),
                ChangedInput::Gone(path) => format!("{path} is gone"),
                ChangedInput::Configuration => "the configuration has changed".to_owned(),
            };
            if *more == 0 { first } else { format!("{first}, and {more} more") }
        }
        StaleReason::NeedsChanged(test) => {
            format!("{}, which it needs, has come to something else since", named(test))
        }
        StaleReason::NeedsStale(test) => format!("{}, which it needs, is stale", named(test)),
    }
}

/// The same for people.
pub(super) fn shown(look: Look, said: &str) -> String {
    escaped(look, said).to_string()
}
