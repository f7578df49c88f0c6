//! What is wrong with a command line is told in one line: program, thing, place, way out.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    process::{Command, Stdio},
};

/// Lines of words, and what is said of them.
const MISUSES: &[(&str, &str)] = &[
    ("run --nope", "there is no option `--nope`"),
    ("history", "no verb given: list, show, test, "),
    ("history check x", "unexpected argument `x`; see `subunit history check --help`"),
    ("history show --xyzzy", "there is no option `--xyzzy`; see `subunit history show --help`"),
    ("history dif", "there is no verb `dif`; there is `diff`"),
    ("run --job 2", "there is no option `--job`; there is `--jobs`"),
    ("run -x", "there is no option `-x`; `--fail-fast` is the option"),
    ("run --maxfail=1", "there is no option `--maxfail`; `--fail-fast` is the option"),
    ("run --lf", "there is no option `--lf`; `--failing` takes what failed last"),
    ("run -k x", "a part of the id is no option: `subunit run FILTER`"),
    ("run -n 2", "`--jobs` says how many workers there are"),
    ("run --collect-only", "`subunit list` lists the tests"),
    ("run --reruns 2", "`--retries` is the option"),
    ("run -v", "as in `subunit run -- pytest -s`"),
    ("run --jobs 0", "use a number from 1, or auto"),
    ("run --jobs", "`--jobs <N>` takes a value"),
    ("run --repeat 0", "use a number from 1"),
    ("run --fail-fast=0", "use a number from 1"),
    ("run --retries x", "use a number, or 0 for none"),
    ("run --test-timeout 0", "use a time more than 0"),
    ("run --max-duration soon", "use a time such as 30s, 5m, 1.5h or 500ms"),
    ("run --order nope", "`nope` is no order; there are discovery, "),
    ("run --shard 3/2", "write N/M with N from 1 to M"),
    ("run --rerun nope", "use one of fail, skip, xfail, uxsuccess, flaky, unfinished"),
    ("run (", "bad regular expression '(': "),
    ("run --exclude (", "bad regular expression '(': "),
    ("run --load-list missing", "missing: No such file or directory"),
    ("run --exclude-list folder", "folder: Is a directory: name a file in it"),
    ("run --profile nope", "--profile: no profile `nope`"),
    ("run --changed-since HEAD", "--changed-since needs `changed_tests` in the configuration"),
    ("run --resume", "--resume: there is no run to go on with"),
    ("run --resume --failing", "--failing does not go with --resume"),
    ("run --resume --repeat 2", "'--resume' cannot be used with '--repeat <N>'"),
    ("run --resume --until-failure", "'--resume' cannot be used with '--until-failure'"),
    ("run --subunit --brief", "'--subunit' cannot be used with '--brief'"),
    ("run --show-config a", "for one test write --show-config=TEST"),
    ("run --failing -- true", "--failing does not go with a command after `--`"),
    ("run a -- true", "a FILTER does not go with a command after `--`"),
    (
        "run --jobs 2 -- true",
        "--jobs does not go with a command after `--` that is run as it stands",
    ),
    ("run --isolated -- true", "--isolated does not go with a command after `--`"),
    ("run --as-is --jobs 2 -- pytest", "--jobs does not go with a command after `--`"),
    ("run --as-is", "`<COMMAND>...` is missing"),
    ("run --runner pytst", "there is no runner `pytst`; did you mean `pytest`?"),
    ("run --runner pytest", "this folder has no sign of it: pytest.ini, "),
    ("run --init", "--init: subunit.toml is there already"),
    ("run -- missing", "missing: command not found"),
    ("list --jobs 2", "there is no option `--jobs`"),
    ("list (", "bad regular expression '(': "),
    ("list --profile nope", "--profile: no profile `nope`"),
    ("running x", "unexpected argument `x`"),
    ("nope", "there is no verb `nope`"),
];

#[test]
fn each_misuse_is_told_in_one_line_that_names_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    let suite = "test_command = 'false $LISTOPT'\ntest_list_option = ''\n";
    fs::write(folder.path().join("subunit.toml"), suite).unwrap();
    for (line, wanted) in MISUSES {
        let output = Command::new(env!("CARGO_BIN_EXE_subunit-run"))
            .args(line.split(' '))
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
        assert_eq!(stderr.matches('\n').count(), 1, "{line}: {stderr}");
        let verb = line.split(' ').next().filter(|word| *word != "nope");
        let program =
            verb.map_or_else(|| "subunit: ".to_owned(), |verb| format!("subunit {verb}: "));
        assert!(stderr.starts_with(&program) && stderr.contains(wanted), "{line}: {stderr}");
        assert!(!stderr.contains("os error"), "{line}: {stderr}");
    }
}

#[test]
fn without_a_configuration_its_names_are_said() {
    let folder = tempfile::tempdir().unwrap();
    for verb in ["run", "list"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_subunit-run"));
        let output = command.arg(verb).current_dir(folder.path()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr.contains("no configuration in ") && stderr.contains("subunit.toml"));
        assert!(stderr.contains("No files of a runner are there: of pytest, "), "{stderr}");
    }
}
