//! All keys of all configurations: reading, mistakes and the reference page are made from this list.

use subunit_filters::cli::mistake::nearest;

/// A way to write a configuration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// `subunit.toml`, and what goes over it.
    Subunit,
    /// `.testr.conf`.
    Testr,
    /// `.stestr.conf`, `pyproject.toml`, `tox.ini`.
    Stestr,
    /// `inquest.toml`.
    Inquest,
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// Outside of all tables, and in `[profiles.X]`.
    Suite,
    /// Outside of all tables only.
    Top,
    /// In `[[group]]`.
    Group,
    /// In `[[override]]`.
    Override,
    /// In `[[instance]]`.
    Instance,
    /// In `[[script]]`.
    Script,
    /// In `[coverage]`.
    Coverage,
    /// In `[history]`.
    History,
    /// In `[[policy]]`.
    Policy,
    /// In `[[test]]`.
    Test,
}

/// What a value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A command line for `sh -c`.
    Command,
    /// Text.
    Text,
    /// A regex of Python.
    Regex,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
    /// A limit of time.
    Limit,
    /// Words: a list, or a string with blanks between them.
    Words,
    /// A whole number, or a command that prints one.
    Concurrency,
    /// A number of tests, or how long they take.
    Batch,
    /// An order of tests.
    Order,
    /// A table of variables.
    Environment,
    /// Files, or commands after `!`.
    Files,
    /// Tables of keys.
    Tables,
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What its value is.
    pub kind: Kind,
    /// Which configurations have it.
    pub dialects: &'static [Dialect],
    /// What it is for, in one line.
    pub help: &'static str,
}

const OURS: &[Dialect] = &[Dialect::Subunit];
const COMMON: &[Dialect] = &[Dialect::Subunit, Dialect::Testr, Dialect::Inquest];
const TESTR: &[Dialect] = &[Dialect::Subunit, Dialect::Testr];
const INQUEST: &[Dialect] = &[Dialect::Subunit, Dialect::Inquest];
const STESTR: &[Dialect] = &[Dialect::Stestr];
const ALL: &[Dialect] = &[Dialect::Subunit, Dialect::Testr, Dialect::Stestr, Dialect::Inquest];

const fn key(
    name: &'static str,
    kind: Kind,
    dialects: &'static [Dialect],
    help: &'static str,
) -> Key {
    Key { name, place: Place::Suite, kind, dialects, help }
}

const fn at(place: Place, name: &'static str, kind: Kind, help: &'static str) -> Key {
    Key { name, place, kind, dialects: OURS, help }
}

/// All keys.
pub const KEYS: &[Key] = &[
    at(Place::Top, "version", Kind::Number, "The version of this format: 1."),
    at(
        Place::Top,
        "include",
        Kind::Files,
        "Files to read first, or with `!` commands that print TOML.",
    ),
    key(
        "runner",
        Kind::Text,
        OURS,
        "Whose tests these are, such as pytest; test_command is then its command.",
    ),
    key(
        "test_command",
        Kind::Command,
        COMMON,
        "Runs the tests; with $LISTOPT, $IDOPTION, $IDFILE, $IDLIST.",
    ),
    key("test_id_option", Kind::Text, COMMON, "What $IDOPTION stands for if ids are given."),
    key("test_list_option", Kind::Text, COMMON, "What $LISTOPT stands for in a listing."),
    key("test_id_list_default", Kind::Text, COMMON, "What $IDLIST stands for if no ids are given."),
    key(
        "test_run_concurrency",
        Kind::Concurrency,
        COMMON,
        "How many workers: a command that prints the number.",
    ),
    key(
        "concurrency",
        Kind::Concurrency,
        OURS,
        "How many workers: a number, or a command that prints it.",
    ),
    key(
        "batch",
        Kind::Batch,
        OURS,
        "Tests a process gets in a list: `list` (all), `auto`, `10s`, or a number.",
    ),
    key(
        "group_regex",
        Kind::Regex,
        ALL,
        "Tests whose ids match alike at the start run in one worker.",
    ),
    key(
        "filter_tags",
        Kind::Words,
        COMMON,
        "Tests with one of these tags are not counted, unless they fail.",
    ),
    key("instance_provision", Kind::Command, COMMON, "Prints names of $INSTANCE_COUNT instances."),
    key("instance_execute", Kind::Command, COMMON, "Runs $COMMAND in $INSTANCE_ID, with $FILES."),
    key("instance_dispose", Kind::Command, COMMON, "Ends the instances $INSTANCE_IDS."),
    key("instance_check", Kind::Command, OURS, "Fails if $INSTANCE_ID cannot be used."),
    key(
        "instance_identity",
        Kind::Command,
        TESTR,
        "Prints, in $INSTANCE_ID, who that is; two alike are an error.",
    ),
    key("incremental", Kind::Flag, TESTR, "The command takes ids one by one, on $SUBUNIT_TEST_FD."),
    key(
        "console",
        Kind::Flag,
        OURS,
        "Standard output is for people: results come on $SUBUNIT_RESULT_FD.",
    ),
    key("debug_prompt_regex", Kind::Regex, TESTR, "A worker that writes this waits for a person."),
    key("test_timeout", Kind::Limit, INQUEST, "A test that runs longer is stopped."),
    key("max_duration", Kind::Limit, INQUEST, "A run that takes longer is stopped."),
    key(
        "no_output_timeout",
        Kind::Limit,
        INQUEST,
        "A worker that says nothing for longer is stopped.",
    ),
    key("test_order", Kind::Order, INQUEST, "Which tests begin first."),
    key("retries", Kind::Number, OURS, "How many times a test that failed runs again."),
    key(
        "changed_tests",
        Kind::Command,
        OURS,
        "Prints ids or regexes of the tests for what changed.",
    ),
    key(
        "quarantine",
        Kind::Text,
        OURS,
        "The list of known failures that `run --quarantined` is about.",
    ),
    key("environment", Kind::Environment, OURS, "Variables for the workers."),
    key("record_environment", Kind::Words, OURS, "Variables whose values are kept with each run."),
    Key {
        place: Place::Top,
        ..key(
            "default_profile",
            Kind::Text,
            INQUEST,
            "The profile that counts if none is asked for.",
        )
    },
    Key {
        place: Place::Top,
        ..key("profiles", Kind::Tables, INQUEST, "Keys that count in a profile: `[profiles.X]`.")
    },
    key(
        "instance",
        Kind::Tables,
        OURS,
        "Where workers run: `[[instance]]`, a machine or a folder.",
    ),
    key(
        "setup",
        Kind::Command,
        OURS,
        "Runs before the tests are listed; if it fails, nothing else runs.",
    ),
    key("teardown", Kind::Command, OURS, "Runs after all else, also after ^C or a failed setup."),
    key("coverage", Kind::Tables, OURS, "How coverage of several workers is joined: `[coverage]`."),
    at(
        Place::Coverage,
        "environment",
        Kind::Environment,
        "Variables for workers; $SUBUNIT_COVERAGE in them is a folder.",
    ),
    at(
        Place::Coverage,
        "merge",
        Kind::Command,
        "Runs after the last worker; what they wrote is in $SUBUNIT_COVERAGE.",
    ),
    key("script", Kind::Tables, OURS, "Executables that are tests: `[[script]]`."),
    key("group", Kind::Tables, OURS, "Limits for tests that share something: `[[group]]`."),
    key("override", Kind::Tables, OURS, "What is different for some tests: `[[override]]`."),
    at(Place::Group, "match", Kind::Regex, "Which tests: found in the id."),
    at(Place::Group, "max", Kind::Number, "How many of them run at the same time."),
    at(Place::Group, "weight", Kind::Number, "How many workers' worth one of them counts."),
    at(Place::Group, "exclusive", Kind::Flag, "Nothing else runs meanwhile."),
    at(Place::Override, "tests", Kind::Regex, "Which tests: found in the id."),
    at(Place::Override, "tag", Kind::Text, "Which tests: they have this tag."),
    at(Place::Override, "series", Kind::Text, "Which runs: those of this series."),
    at(Place::Override, "variant", Kind::Text, "Which runs: those of this variant."),
    at(Place::Override, "test_timeout", Kind::Limit, "A test that runs longer is stopped."),
    at(
        Place::Override,
        "no_output_timeout",
        Kind::Limit,
        "A worker that says nothing for longer is stopped.",
    ),
    at(
        Place::Override,
        "max_duration",
        Kind::Limit,
        "A run that takes longer is stopped; not with tests or tag.",
    ),
    at(
        Place::Override,
        "test_order",
        Kind::Order,
        "Which tests begin first; not with tests or tag.",
    ),
    at(Place::Override, "retries", Kind::Number, "How many times a test that failed runs again."),
    at(Place::Override, "environment", Kind::Environment, "Variables, beside those of the suite."),
    at(Place::Override, "max", Kind::Number, "How many of them run at the same time."),
    at(Place::Override, "weight", Kind::Number, "How many workers' worth one of them counts."),
    at(Place::Override, "exclusive", Kind::Flag, "Nothing else runs meanwhile."),
    at(
        Place::Override,
        "priority",
        Kind::Number,
        "Tests with a higher number begin first; 0 if it is not given.",
    ),
    at(Place::Script, "files", Kind::Words, "Each is a test: globs, or names of files or folders."),
    at(
        Place::Script,
        "command",
        Kind::Command,
        "Runs each of the files, as its last word; without files it is a test.",
    ),
    at(Place::Script, "name", Kind::Text, "What the test of a command without files is called."),
    at(Place::Script, "test_timeout", Kind::Limit, "A test that runs longer is stopped."),
    at(Place::Script, "retries", Kind::Number, "How many times a test that failed runs again."),
    at(Place::Script, "environment", Kind::Environment, "Variables, beside those of the suite."),
    at(Place::Instance, "name", Kind::Text, "What it is called; each name is there once."),
    at(Place::Instance, "host", Kind::Text, "Where ssh goes; this machine if it is not given."),
    at(Place::Instance, "slots", Kind::Number, "How many workers run there at the same time."),
    at(Place::Instance, "sync", Kind::Command, "Runs here, once before the first test there."),
    at(Place::Instance, "directory", Kind::Text, "The folder there in which commands run."),
    at(Place::Instance, "activate", Kind::Command, "A line for `sh` there, before each command."),
    at(
        Place::Top,
        "history",
        Kind::Tables,
        "Which runs are kept, and where others go: `[history]`.",
    ),
    at(Place::History, "keep", Kind::Number, "So many runs of each series stay, the last ones."),
    at(Place::History, "older_than", Kind::Text, "Runs go that began longer ago, such as `90d`."),
    at(
        Place::History,
        "max_size",
        Kind::Text,
        "The oldest runs go until all have this size, such as `5G`.",
    ),
    at(
        Place::History,
        "move_to",
        Kind::Text,
        "The folder of the history that runs move to instead.",
    ),
    at(
        Place::History,
        "on_change",
        Kind::Command,
        "Gets JSON when tests begin or cease to fail, by `[[policy]]` if there is one.",
    ),
    at(Place::Top, "policy", Kind::Tables, "When tests count as failing: `[[policy]]`."),
    at(
        Place::Policy,
        "tests",
        Kind::Regex,
        "Which tests: found in the id; all if it is not given.",
    ),
    at(
        Place::Policy,
        "fail",
        Kind::Text,
        "So many of the last results are bad, such as `9 of 10`.",
    ),
    at(
        Place::Policy,
        "clear",
        Kind::Number,
        "After so many good results it does not fail any more.",
    ),
    key(
        "test",
        Kind::Tables,
        OURS,
        "What tests depend on, so that results become stale: `[[test]]`.",
    ),
    at(Place::Test, "match", Kind::Regex, "Which tests: found in the id."),
    at(Place::Test, "inputs", Kind::Words, "The files that they depend on: globs, or names."),
    at(
        Place::Test,
        "needs",
        Kind::Words,
        "Tests without which they say nothing: regexes, found in the id.",
    ),
    key("test_path", Kind::Text, STESTR, "Where the tests are."),
    key("top_dir", Kind::Text, STESTR, "The folder that test ids begin in; ./ if it is not given."),
    key("parallel_class", Kind::Flag, STESTR, "The tests of a class run in one worker."),
];

/// The key with this name.
pub(in crate::config) fn find(
    name: &str,
    dialect: Dialect,
    places: &[Place],
) -> Option<&'static Key> {
    known(dialect, places).find(|key| key.name == name)
}

/// What is wrong with a name that no key has.
pub(in crate::config) fn unknown(name: &str, dialect: Dialect, places: &[Place]) -> String {
    match nearest(name, known(dialect, places).map(|key| key.name)) {
        Some(name) => format!("unknown key; did you mean `{name}`?"),
        None => {
            let names: Vec<_> = known(dialect, places).map(|key| key.name).collect();
            format!("unknown key; there are {}", names.join(", "))
        }
    }
}

fn known(dialect: Dialect, places: &[Place]) -> impl Iterator<Item = &'static Key> {
    let fits = move |key: &&Key| places.contains(&key.place) && key.dialects.contains(&dialect);
    KEYS.iter().filter(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_there_once_and_says_what_it_is_for() {
        for (index, key) in KEYS.iter().enumerate() {
            let same = |other: &&Key| other.name == key.name && other.place == key.place;
            assert_eq!(KEYS.iter().filter(same).count(), 1, "{}", key.name);
            assert!(key.help.ends_with('.') && key.help.len() < 80, "{}", key.name);
            assert!(!key.dialects.is_empty(), "{index}");
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest() {
        let of = |name, place| unknown(name, Dialect::Subunit, &[place]);
        assert_eq!(of("retrys", Place::Suite), "unknown key; did you mean `retries`?");
        assert_eq!(
            of("tests", Place::Group),
            "unknown key; there are match, max, weight, exclusive"
        );
    }
}
