use std::{cell::RefCell, collections::BTreeMap, io, path::Path, time::Duration};

use proptest::prelude::*;

use super::*;
use crate::config::{
    Concurrency, Limit, Order, Origin, ScriptTests, TestGroup,
    keys::{Dialect, KEYS},
};

/// Runs no command but these.
fn read_with(
    text: &str,
    dialect: Dialect,
    run: &dyn Fn(&str) -> io::Result<Vec<u8>>,
) -> Result<Suite, String> {
    let access = Access { folder: Path::new("/nowhere"), run };
    let read = || {
        let layers = layers("x.toml", text.as_bytes(), dialect, access)?;
        let profile = profile(&layers, None)?;
        let mut suite = Suite::default();
        for layer in &layers {
            apply(&mut suite, layer, profile.as_deref(), access)?;
        }
        Ok(suite)
    };
    read().map_err(|mistake: Mistake| mistake.to_string())
}

pub(crate) fn read(text: &str) -> Result<Suite, String> {
    read_with(text, Dialect::Subunit, &|_| Err(io::Error::other("none")))
}

pub(in crate::config) const ALL: &str = r#"version = 1
test_command = "c 100% %% $LISTOPT"
test_id_option = "-i $IDFILE"
test_list_option = "-l"
test_id_list_default = "a b"
concurrency = 3
group_regex = '(?P<m>\w+)\.'
filter_tags = ["x", "y z"]
instance_provision = "p"
instance_execute = "e"
instance_dispose = "d"
instance_check = "t"
instance_identity = "w"
incremental = true
debug_prompt_regex = '^\(Pdb\)'
test_timeout = "5m"
max_duration = "auto"
no_output_timeout = 1.5
test_order = "shuffle:7"
retries = 2
changed_tests = "git-tests"
setup = "up"
teardown = "down"
environment = { A = "1", B = 2, C = true }
[[instance]]
name = "i"
host = "h"
slots = 2
sync = "s"
directory = "d"
activate = "v"

[[script]]
files = ["t/*.sh", "u"]
command = "sh"
test_timeout = "9s"
retries = 1
environment = { D = "e" }
[[script]]
name = "lint"
command = "make lint"

[[policy]]
tests = "slow"
fail = "9 of 10"
clear = 3

[[test]]
match = "^db"
inputs = ["src/*.c", "a b"]
needs = ["^install$"]

[coverage]
merge = "join"
environment = { COVERAGE_FILE = "$SUBUNIT_COVERAGE/a" }

[history]
keep = 7
older_than = "90d"
max_size = "5G"
move_to = "../old"
"#;

#[test]
fn every_key_finds_its_place() {
    let suite = read(ALL).unwrap();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(suite.test_command, "c 100% %% $LISTOPT");
    assert_eq!(suite.test_id_option, some("-i $IDFILE"));
    assert_eq!(suite.test_list_option, some("-l"));
    assert_eq!(suite.test_id_list_default, some("a b"));
    assert_eq!(suite.concurrency, Some(Concurrency::Workers(3)));
    assert_eq!(suite.group_regex, some(r"(?P<m>\w+)\."));
    assert_eq!(suite.filter_tags, ["x", "y z"]);
    assert_eq!(suite.instance_provision, some("p"));
    assert_eq!(suite.instance_execute, some("e"));
    assert_eq!(suite.instance_dispose, some("d"));
    assert_eq!(suite.instance_check, some("t"));
    assert_eq!(suite.instance_identity, some("w"));
    assert!(suite.incremental);
    assert_eq!(suite.debug_prompt, some(r"^\(Pdb\)"));
    assert_eq!(suite.test_timeout, Limit::After(Duration::from_secs(300)));
    assert_eq!(suite.max_duration, Limit::Auto);
    assert_eq!(suite.no_output_timeout, Limit::After(Duration::from_millis(1500)));
    assert_eq!(suite.order, Order::Shuffle(Some(7)));
    assert_eq!(suite.retries, 2);
    assert_eq!(suite.changed_tests, some("git-tests"));
    let environment = [("A", "1"), ("B", "2"), ("C", "true")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(suite.environment, BTreeMap::from(environment));
    assert_eq!(suite.origins["retries"], Origin::line("x.toml", 20));
}

#[test]
fn every_key_of_the_list_is_set_or_has_been_looked_at() {
    for key in KEYS.iter().filter(|key| key.dialects.contains(&Dialect::Subunit)) {
        let value = match key.kind {
            Kind::Text if key.name == "older_than" => "'90d'",
            Kind::Text if key.name == "max_size" => "'5G'",
            Kind::Text if key.name == "fail" => "'1 of 2'",
            Kind::Command | Kind::Text | Kind::Regex | Kind::Words => "'x'",
            Kind::Flag => "true",
            Kind::Number | Kind::Concurrency | Kind::Batch => "1",
            Kind::Limit => "'7s'",
            Kind::Order => "'spread'",
            Kind::Environment => "{ A = 'x' }",
            Kind::Files | Kind::Tables => continue,
        };
        let line = format!("{} = {value}\n", key.name);
        let (text, before) = match key.place {
            Place::Group if key.name == "match" => (format!("[[group]]\n{line}"), ""),
            Place::Group => (format!("[[group]]\nmatch = 'm'\n{line}"), "[[group]]\nmatch = 'm'\n"),
            Place::Override => (format!("[[override]]\n{line}"), "[[override]]\n"),
            Place::Instance if key.name == "name" => (format!("[[instance]]\n{line}"), ""),
            Place::Instance => {
                (format!("[[instance]]\nname = 'n'\n{line}"), "[[instance]]\nname = 'n'\n")
            }
            Place::Policy if key.name == "fail" => (format!("[[policy]]\n{line}"), ""),
            Place::Policy => {
                (format!("[[policy]]\nfail = '2 of 3'\n{line}"), "[[policy]]\nfail = '2 of 3'\n")
            }
            Place::Test if key.name == "match" => (format!("[[test]]\n{line}"), ""),
            Place::Test => (format!("[[test]]\nmatch = 'm'\n{line}"), "[[test]]\nmatch = 'm'\n"),
            Place::Script if ["files", "name", "command"].contains(&key.name) => continue,
            Place::Script => {
                let script = "[[script]]\nfiles = 't/*'\n";
                (format!("{script}{line}"), script)
            }
            Place::Coverage => (format!("[coverage]\n{line}"), ""),
            Place::History => (format!("[history]\n{line}"), ""),
            Place::Suite => (line, ""),
            Place::Top => continue,
        };
        let values = |suite: Suite| {
            let overrides = suite.overrides.into_iter();
            let overrides =
                overrides.map(|one| crate::config::Override { origins: BTreeMap::new(), ..one });
            let overrides: Vec<_> = overrides.collect();
            let mut instances = suite.instances.clone();
            instances.iter_mut().for_each(|one| one.origins.clear());
            format!(
                "{:?}",
                Suite {
                    origins: BTreeMap::new(),
                    overrides,
                    instances,
                    ..Suite { overrides: Vec::new(), ..suite }
                }
            )
        };
        assert_ne!(values(read(&text).unwrap()), values(read(before).unwrap()), "{}", key.name);
    }
}

#[test]
fn concurrency_is_a_number_or_a_command() {
    let workers = |number| Some(Concurrency::Workers(number));
    let command = |text: &str| Some(Concurrency::Command(text.to_owned()));
    for (text, expected) in [
        ("concurrency = 4", workers(4)),
        ("concurrency = '4'", workers(4)),
        ("concurrency = 0", None),
        ("concurrency = 'nproc'", command("nproc")),
        ("concurrency = { command = 'nproc' }", command("nproc")),
        ("test_run_concurrency = 'nproc'", command("nproc")),
        ("test_run_concurrency = 2", workers(2)),
    ] {
        assert_eq!(read(text).unwrap().concurrency, expected, "{text}");
    }
}

#[test]
fn instances_are_read_and_one_of_a_known_name_changes_single_keys() {
    let text = "[[instance]]\nname = 'one'\nhost = 'user@host'\nslots = 2\nsync = 's'\n\
        directory = 'd'\nactivate = 'a'\n[[instance]]\nname = 'here'\n[profiles.x]\n\
        [[profiles.x.instance]]\nname = 'one'\nslots = 3\n";
    let suite = read(&format!("default_profile = 'x'\n{text}")).unwrap();
    let [one, here] = &suite.instances[..] else { panic!("{:?}", suite.instances) };
    assert_eq!((one.name.as_str(), one.host.as_deref()), ("one", Some("user@host")));
    assert_eq!((one.slots, one.sync.as_deref()), (Some(3), Some("s")));
    assert_eq!((one.directory.as_deref(), one.activate.as_deref()), (Some("d"), Some("a")));
    assert_eq!((here.name.as_str(), here.slots, here.host.is_some()), ("here", None, false));
    assert_eq!(one.origins["slots"], Origin::line("x.toml", 14));
    let shown = crate::config::show::suite(&suite);
    assert!(shown.contains("slots = 3") && shown.contains("# x.toml:14"), "{shown}");
}

#[test]
fn groups_and_overrides_are_read() {
    let text = "[[group]]\nmatch = 'db'\nmax = 2\nweight = 3\nexclusive = true\n\
        [[override]]\ntests = 'slow'\ntag = 't'\ntest_timeout = '9s'\nno_output_timeout = '1s'\nretries = 1\n\
        max = 1\nweight = 2\nexclusive = false\npriority = -5\n[override.environment]\nX = 'y'\n\
        [[override]]\nseries = 's'\nvariant = 'v'\nmax_duration = '1h'\ntest_order = 'spread'\n";
    let suite = read(text).unwrap();
    let origin = Origin::line("x.toml", 1);
    let group = TestGroup {
        tests: "db".to_owned(),
        max: Some(2),
        weight: Some(3),
        exclusive: true,
        origin,
    };
    assert_eq!(suite.groups, [group]);
    let [tests, runs] = &suite.overrides[..] else { panic!() };
    assert_eq!((tests.tests.as_deref(), tests.tag.as_deref()), (Some("slow"), Some("t")));
    assert_eq!(tests.test_timeout, Some(Limit::After(Duration::from_secs(9))));
    assert_eq!(tests.no_output_timeout, Some(Limit::After(Duration::from_secs(1))));
    assert_eq!((tests.retries, tests.max, tests.weight), (Some(1), Some(1), Some(2)));
    assert_eq!((tests.exclusive, tests.priority), (Some(false), Some(-5)));
    assert_eq!(tests.environment["X"], "y");
    assert_eq!(tests.origins["retries"], Origin::line("x.toml", 11));
    assert_eq!((runs.series.as_deref(), runs.variant.as_deref()), (Some("s"), Some("v")));
    assert_eq!(runs.max_duration, Some(Limit::After(Duration::from_secs(3600))));
    assert_eq!(runs.test_order, Some(Order::Spread));
    assert_eq!(runs.origin.line, Some(18));
}

#[test]
fn scripts_are_read() {
    let suite = read(ALL).unwrap();
    assert_eq!((suite.setup.as_deref(), suite.teardown.as_deref()), (Some("up"), Some("down")));
    let [files, command] = &suite.scripts[..] else { panic!("{:?}", suite.scripts) };
    let globs = ["t/*.sh", "u"].map(str::to_owned).to_vec();
    assert_eq!(files.tests, ScriptTests::Files { globs, line: Some("sh".to_owned()) });
    assert_eq!(files.test_timeout, Some(Limit::After(Duration::from_secs(9))));
    assert_eq!((files.retries, &*files.environment["D"]), (Some(1), "e"));
    let (name, line) = ("lint".to_owned(), "make lint".to_owned());
    assert_eq!(command.tests, ScriptTests::Command { name, line });
}

#[test]
fn a_script_says_which_test_it_is_in_one_way() {
    for (text, expected) in [
        ("retries = 1", "x.toml:1: script: there is no `files`, and no `command`"),
        ("name = 'a'", "x.toml:1: script: there is no `files`, and no `command`"),
        ("command = 'c'", "x.toml:2: script.command: there is no `name` for its test"),
        ("files = 'a'\nname = 'b'", "x.toml:3: script.name: does not go with `files`"),
        ("files = []", "x.toml:2: script.files: must name files, such as `tests.d/*`"),
        ("name = ''\ncommand = 'c'", "x.toml:2: script.name: must be one line that is not empty"),
        ("file = 'a'", "x.toml:2: script.file: unknown key; did you mean `files`?"),
        (
            "name = 'a'\ncommand = 'c'\n[[script]]\nname = 'a'\ncommand = 'd'",
            "x.toml:4: script.name: another script is called that",
        ),
    ] {
        let error = read(&format!("[[script]]\n{text}")).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_mistake_names_file_line_key_and_the_nearest_right_one() {
    for (text, expected) in [
        ("[[instance]]\nhost = 'h'", "x.toml:1: instance: there is no `name`"),
        (
            "[[instance]]\nname = '-x'",
            "x.toml:2: instance.name: must be at most 64 letters, digits,",
        ),
        (
            "[[instance]]\nname = 'a'\nhost = '-x'",
            "x.toml:3: instance.host: must be a destination of",
        ),
        (
            "[[instance]]\nname = 'a'\nslot = 1",
            "x.toml:3: instance.slot: unknown key; did you mean `slots`?",
        ),
        (
            "[[instance]]\nname = 'a'\nslots = 0",
            "x.toml:3: instance.slots: must be a whole number, 1 or more",
        ),
        ("\ntest_comand = 'x'", "x.toml:2: test_comand: unknown key; did you mean `test_command`?"),
        ("test_path = 'x'", "x.toml:1: test_path: unknown key; there are version, include, "),
        ("[[group]]\nmach = 'x'", "x.toml:2: group.mach: unknown key; did you mean `match`?"),
        ("[[override]]\ntest = 'x'", "x.toml:2: override.test: unknown key; did you mean `tests`?"),
        ("[[group]]\nmax = 1", "x.toml:1: group: there is no `match`"),
        ("[group]\nmatch = 'x'", "x.toml:1: group: must be tables: [[group]], and is a table"),
        ("profiles = 1", "x.toml:1: profiles: must be tables: [profiles.X], and is a number"),
        ("version = 2", "x.toml:1: version: version 2 is not known here; 1 is"),
        ("test_command = 1", "x.toml:1: test_command: must be a string, and is a number"),
        ("test_command = \"a\\u0000\"", "x.toml:1: test_command: has a NUL in it"),
        ("incremental = 'yes'", "x.toml:1: incremental: must be true or false, and is a string"),
        ("retries = -1", "x.toml:1: retries: must be a whole number, 0 or more"),
        ("retries = 99999999999999999999", "x.toml:1: retries: must be a whole number, 0 or more"),
        ("retries = 1.5", "x.toml:1: retries: must be a whole number, 0 or more"),
        ("concurrency = true", "x.toml:1: concurrency: must be a whole number, and is a boolean"),
        (
            "test_timeout = 0",
            "x.toml:1: test_timeout: must be more than 0 seconds; `disabled` is no limit",
        ),
        (
            "test_timeout = nan",
            "x.toml:1: test_timeout: must be more than 0 seconds; `disabled` is no limit",
        ),
        ("test_timeout = '5 parsec'", "x.toml:1: test_timeout: `5 parsec` is no limit; write"),
        (
            "test_order = 'shufle'",
            "x.toml:1: test_order: `shufle` is no order; did you mean `shuffle`?",
        ),
        (
            "batch = 'many'",
            "x.toml:1: batch: `many` is no batch; write `list`, `auto`, a time as in `10s`, or a number of",
        ),
        ("batch = 0", "x.toml:1: batch: must be a whole number, 1 or more"),
        (
            "group_regex = '('",
            "x.toml:1: group_regex: `(`: missing ), unterminated subpattern at position 0",
        ),
        ("filter_tags = [1]", "x.toml:1: filter_tags: must be a list of strings, and has a number"),
        ("environment = 'A=1'", "x.toml:1: environment: must be a table, and is a string"),
        ("[environment]\n'A=' = '1'", "x.toml:2: environment.A=: is no name of a variable"),
        ("[environment]\nA = []", "x.toml:2: environment.A: must be a string, and is a list"),
        (
            "[[override]]\ntests = 'x'\nmax_duration = 1",
            "x.toml:3: override.max_duration: is for a whole run, and this override is for some tests",
        ),
        (
            "test_command = { comand = 'x' }",
            "x.toml:1: test_command: must be a string, and is a table",
        ),
        (
            "test_command = { command = 1 }",
            "x.toml:1: test_command: command must be a string, and is a number",
        ),
        ("include = [1]", "x.toml:1: include: must be a list of strings, and has a number"),
        ("include = ['none.toml']", "x.toml:1: include: cannot read none.toml: "),
        ("include = ['!gen']", "x.toml:1: include: `gen` failed: none"),
        ("default_profile = 'x'", "x.toml:1: default_profile: no profile `x`; there are none"),
        ("retries", "x.toml:1: "),
    ] {
        let mistake = read(text).unwrap_err();
        assert!(mistake.starts_with(expected), "{text}\n{mistake}");
    }
}

#[test]
fn keys_that_inquest_does_not_know_are_left_alone() {
    let none = |_: &str| Err(io::Error::other("none"));
    let text = "test_command = 'c'\nfilter_tags = 'a b'\nretries = 5\ninclude = ['!x']\nother = 1\n\
        default_profile = 'p'\n[profiles.p]\ntest_timeout = '5m'\nother = 1\n";
    let suite = read_with(text, Dialect::Inquest, &none).unwrap();
    assert_eq!(suite.filter_tags, ["a", "b"]);
    assert_eq!(suite.retries, 0);
    assert_eq!(suite.test_timeout, Limit::After(Duration::from_secs(300)));
}

#[test]
fn a_value_may_be_what_a_command_prints() {
    let asked = RefCell::new(Vec::new());
    let run = |command: &str| {
        asked.borrow_mut().push(command.to_owned());
        match command {
            "text" => Ok(b"a b\n\n".to_vec()),
            "number" => Ok(b"3\n".to_vec()),
            "true" => Ok(b"true\n".to_vec()),
            "bytes" => Ok(b"\xff".to_vec()),
            _ => Err(io::Error::other("exit status: 1")),
        }
    };
    let read = |text| read_with(text, Dialect::Subunit, &run);
    let text = "test_command = { command = 'text' }\nretries = { command = 'number' }\n\
        incremental.command = 'true'\ntest_timeout = { command = 'number' }\nfilter_tags = { command = 'text' }\n\
        environment = { command = 'text', X = { command = 'text' } }\n";
    let suite = read(text).unwrap();
    assert_eq!(suite.test_command, "a b");
    assert_eq!(suite.retries, 3);
    assert!(suite.incremental);
    assert_eq!(suite.test_timeout, Limit::After(Duration::from_secs(3)));
    assert_eq!(suite.filter_tags, ["a", "b"]);
    assert_eq!(suite.environment["command"], "text");
    assert_eq!(suite.environment["X"], "a b");
    let origin = &suite.origins["test_command"];
    assert_eq!(origin.to_string(), "x.toml:1 (printed by `text`)");
    assert_eq!(asked.borrow().len(), 6);
    for (text, expected) in [
        ("retries = { command = 'text' }", "x.toml:1: retries: must be a whole number, 0 or more"),
        (
            "test_command = { command = 'bytes' }",
            "x.toml:1: test_command: `bytes` failed: it printed no UTF-8",
        ),
        (
            "test_command = { command = 'no' }",
            "x.toml:1: test_command: `no` failed: exit status: 1",
        ),
    ] {
        assert_eq!(read(text).unwrap_err(), expected);
    }
}

#[test]
fn what_a_command_prints_is_included_and_the_file_goes_over_it() {
    let run = |command: &str| match command {
        "./gen.sh" => Ok(b"retries = 1\ntest_command = 'gen'\n".to_vec()),
        "bad" => Ok(b"retrys = 1\n".to_vec()),
        "again" => Ok(b"include = '!again'\n".to_vec()),
        _ => Err(io::Error::other("none")),
    };
    let read = |text| read_with(text, Dialect::Subunit, &run);
    let suite = read("retries = 2\ninclude = ['!./gen.sh']\n").unwrap();
    assert_eq!((suite.retries, &*suite.test_command), (2, "gen"));
    assert_eq!(suite.origins["retries"], Origin::line("x.toml", 1));
    let origin = suite.origins["test_command"].to_string();
    assert_eq!(origin, "`./gen.sh`:2 (printed by `./gen.sh`)");
    for (text, expected) in [
        ("include = '!bad'", "`bad`:1: retrys: unknown key; did you mean `retries`?"),
        ("include = '!again'", "`again`:1: include: files include each other more than 8 deep"),
    ] {
        assert_eq!(read(text).unwrap_err(), expected);
    }
}

#[test]
fn commands_run_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), "text\n").unwrap();
    let run = shell(folder.path());
    assert_eq!(run("cat f; cat").unwrap(), b"text\n");
    assert!(run("exit 3").unwrap_err().to_string().contains("exit status: 3"));
}

proptest! {
    #[test]
    fn nothing_panics(
        lines in prop::collection::vec((prop::sample::select(KEYS), any::<prop::sample::Index>()), 0..6),
        bytes in any::<Vec<u8>>(),
    ) {
        let values = ["1", "-1", "1e400", "'x'", "'('", "[]", "[[1]]", "{}", "{ command = 'x' }", "true", "[{ a = 1 }]", "1979-05-27"];
        let lines = lines.iter().map(|(key, value)| format!("{} = {}\n", key.name, value.get(&values)));
        let _ = read(&lines.clone().collect::<String>());
        let _ = read(&format!("[[override]]\n{}", lines.clone().collect::<String>()));
        let _ = read(&format!("[[group]]\n{}", lines.collect::<String>()));
        let _ = read(&String::from_utf8_lossy(&bytes));
    }
}
