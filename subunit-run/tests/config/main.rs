//! Configurations of the recorded runs of testr and stestr give the command lines and the errors that these
//! printed. Data: `tests/data/config`, a folder for each recorded run.

mod schema;

use std::path::{Path, PathBuf};

use subunit_run::config::{
    Suite,
    command::{self, IdList},
    stestr::{Options, Runner, Stestr},
    testr::Testr,
    user::User,
};

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config").join(name)
}

/// A text with the folder of the project as the recordings have it.
fn recorded(text: &str, project: &Path, name: &str) -> String {
    text.replace(&project.display().to_string(), name)
}

fn testr(name: &str) -> Result<Suite, String> {
    let folder = project(name);
    let suite = Testr::read(&folder).and_then(|testr| testr.suite(&folder, true));
    suite.map_err(|error| recorded(&error.to_string(), &folder, "<CWD>"))
}

/// What testr prints after `running=`: the recordings have no blanks at the end.
fn lines(suite: &Suite, arguments: &[String]) -> [String; 3] {
    let ids = Some(IdList { file: "<IDFILE>", ids: &["a.one", "b.three"] });
    let lines = [
        command::listing(suite, arguments),
        command::running::<&str>(suite, arguments, None),
        command::running(suite, arguments, ids),
    ];
    lines.map(|line| line.trim_end().to_owned())
}

#[test]
fn command_lines_are_those_of_testr() {
    for (name, listing, all, some) in [
        (
            "t-conf-continuation",
            "FOO=bar\npython3 ./emit.py\n\n--list",
            "FOO=bar\npython3 ./emit.py",
            "FOO=bar\npython3 ./emit.py\n\n\n--load-list <IDFILE>",
        ),
        (
            "t-conf-idlist",
            "python3 ./emit.py --list a.one b.three",
            "python3 ./emit.py",
            "python3 ./emit.py  a.one b.three",
        ),
        (
            "t-conf-idlist-empty",
            "python3 ./emit.py --list",
            "python3 ./emit.py",
            "python3 ./emit.py  a.one b.three",
        ),
        (
            "t-conf-inline-comment",
            "python3 ./emit.py --list # list",
            "python3 ./emit.py",
            "python3 ./emit.py  --load-list <IDFILE>",
        ),
        (
            "t-conf-interpolation",
            "python3 ./emit.py --list",
            "python3 ./emit.py",
            "python3 ./emit.py  --load-list <IDFILE>",
        ),
        (
            "t-conf-percent",
            "date +%s >/dev/null; python3 ./emit.py --list",
            "date +%s >/dev/null; python3 ./emit.py",
            "date +%s >/dev/null; python3 ./emit.py  --load-list <IDFILE>",
        ),
        (
            "t-conf-shell",
            "python3 ./emit.py ${EXTRA:-none} && true | cat --list",
            "python3 ./emit.py ${EXTRA:-none} && true | cat",
            "python3 ./emit.py ${EXTRA:-none} && true | cat  --load-list <IDFILE>",
        ),
    ] {
        let suite = testr(name).unwrap();
        assert_eq!(lines(&suite, &[]), [listing, all, some], "{name}");
    }
    let default = command::default_ids(&testr("t-conf-idlist").unwrap()).unwrap();
    assert_eq!(default, ["a.one", "b.three"]);
}

#[test]
fn arguments_come_last() {
    let suite = testr("t-conf-interpolation").unwrap();
    let lines = lines(&suite, &["--extra".to_owned(), "x y".to_owned()]);
    let expected = [
        "python3 ./emit.py --list  --extra x y",
        "python3 ./emit.py   --extra x y",
        "python3 ./emit.py  --load-list <IDFILE> --extra x y",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn instances_are_reached_as_testr_reaches_them() {
    let suite = testr("t-instances").unwrap();
    let listing = command::listing(&suite, &[]);
    let listing = command::on_instance(&suite, "0", "", &listing);
    assert_eq!(listing.trim_end(), "./instance-execute 0  -- python3 ./emit.py --list");
    let ids = Some(IdList { file: "<IDFILE>", ids: &["a.one"] });
    let run = command::running(&suite, &[], ids);
    let run = command::on_instance(&suite, "1", "<IDFILE>", &run);
    let expected = "./instance-execute 1 <IDFILE> -- python3 ./emit.py  --load-list <IDFILE>";
    assert_eq!(run, expected);
    assert_eq!(command::provision(&suite, 2).as_deref(), Some("./instance-provision 2"));
    let dispose = command::dispose(&suite, &["1", "0"]);
    assert_eq!(dispose.as_deref(), Some("./instance-dispose 0 1"));
}

#[test]
fn errors_are_those_of_testr() {
    for (name, expected) in [
        ("t-conf-missing", "No .testr.conf config file"),
        ("t-conf-no-id-option", "No test_id_option option present in .testr.conf"),
        ("t-conf-other-section", "No test_command option present in .testr.conf"),
        (
            "t-conf-no-section",
            "File contains no section headers.\nfile: '<CWD>/.testr.conf', line: 1\n\
             'test_command=python3 ./emit.py $LISTOPT $IDOPTION\\n'",
        ),
        ("t-group-regex-bad", "missing ), unterminated subpattern at position 0"),
    ] {
        assert_eq!(testr(name).unwrap_err(), expected, "{name}");
    }
    let suite = testr("t-parallel-no-list-option").unwrap();
    assert!(!command::can_list(&suite, &[]));
    let error = subunit_run::config::testr::TestrError::NoListing;
    assert_eq!(error.to_string(), "LISTOPT not configured in .testr.conf");
}

#[test]
fn command_lines_and_errors_are_those_of_stestr() {
    let runner =
        Runner { python: "./fakepy".to_owned(), module: "stestr.subunit_runner.run".to_owned() };
    let no_path = |file| {
        Err(format!(
            "No test_path can be found in either the command line options nor in the specified config \
             file {file}.  Please specify a test path either in the config file or via the --test-path \
             argument"
        ))
    };
    let tests = Some("./tests");
    for (name, test_path, expected) in [
        ("s-conf-shell", None, Ok(("./", "${OS_TEST_PATH:-./tests}/$SUB"))),
        ("s-conf-tox", None, Ok(("./", "./t1"))),
        ("s-conf-pyproject", None, Ok(("./src", "./tests"))),
        ("s-conf-pyproject-other", None, Ok(("./", "./x"))),
        ("s-conf-option-no-file", tests, Ok(("./", "./tests"))),
        ("s-conf-no-test-path", None, no_path(".stestr.conf")),
        ("s-conf-option-no-file", None, no_path("tox.ini")),
    ] {
        let folder = project(name);
        let options = Options { test_path: test_path.map(str::to_owned), ..Options::default() };
        let suite = Stestr::read(&folder, None)
            .and_then(|found| found.suite(&folder, &options, &runner))
            .map_err(|error| error.to_string());
        let line = suite.map(|suite| lines(&suite, &[])[1].clone());
        let expected = expected.map(|(top, path)| {
            format!("./fakepy -m stestr.subunit_runner.run discover -t \"{top}\" \"{path}\"")
        });
        assert_eq!(line, expected, "{name}");
    }
    let folder = project("s-run-parallel-class");
    let suite = Stestr::read(&folder, None).unwrap();
    let suite = suite.suite(&folder, &Options::default(), &runner).unwrap();
    assert_eq!(suite.group_regex.as_deref(), Some(r"([^\.]*\.)*"));
}

#[test]
fn what_users_of_stestr_set_is_found() {
    let read = |name| {
        let home = project(name).join("HOME");
        User::read(None, &home).map_err(|error| recorded(&error.to_string(), &home, "<HOME>"))
    };
    assert_eq!(read("s-user-config-xdg").unwrap().flag("run", "abbreviate"), Some(true));
    assert_eq!(read("s-user-config-last").unwrap().flag("last", "no-subunit-trace"), Some(true));
    assert_eq!(
        read("s-user-config-bad").unwrap_err(),
        "Provided user config file <HOME>/.stestr.yaml is invalid because:\n\
         extra keys not allowed @ data['run']['unknown']"
    );
}
