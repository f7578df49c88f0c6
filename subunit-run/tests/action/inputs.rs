//! How are the inputs understood, and which are refused?

use crate::runner::Job;

#[test]
fn a_command_is_split_as_a_shell_splits_it_and_nothing_in_it_is_run() {
    let mut job = Job::new();
    job.write(
        "say",
        "#!/bin/sh\nfor word; do printf 'word: <%s>\\n' \"$word\"; done\necho 'ok 1 - said'\necho 1..1\n",
    );
    let command =
        r#"./say  'two words' "$(touch pwned) $HOME" '' a\ b * "say \"it\" \n \\" x'\'"'"y "#;
    let step = job.step("run", &[("COMMAND", command)]);
    step.assert("passed", 0, [1, 1, 0, 0, 0]);
    for word in ["two words", "$(touch pwned) $HOME", "", "a b", "*", "say \"it\" \\n \\", "x\\'y"]
    {
        assert!(step.log.contains(&format!("word: <{word}>\n")), "{word}: {}", step.log);
    }
    assert_eq!(step.log.matches("word: ").count(), 7, "{}", step.log);
    assert!(!job.project().join("pwned").exists());
}

#[test]
fn inputs_that_are_wrong_are_refused_by_name() {
    let mut job = Job::of("shop");
    for (inputs, why) in [
        (vec![("COMMAND", "tests.d"), ("FILES", "a.xml")], "not both"),
        (vec![("COMMAND", "cd x && pytest")], "`&&` is for a shell"),
        (vec![("COMMAND", "pytest | tee log")], "`|` is for a shell"),
        (vec![("COMMAND", "npm ci\nnpm test")], "command is one line"),
        (vec![("COMMAND", "sh -c 'exit 1")], "command: a quote has no end"),
        (vec![("ARGS", "-e \"a")], "args: a quote has no end"),
        (vec![("HISTORY", "yes")], "`yes` is neither true nor false"),
        (vec![("ALLOW_EMPTY", "1")], "`1` is neither true nor false"),
        (vec![("ARTIFACT", "reports")], "name one of these"),
        (vec![("JUNIT", "a\nverdict=passed")], "one line"),
        (vec![("WORKING_DIRECTORY", "nowhere")], "there is no folder nowhere"),
    ] {
        let step = job.step("run", &inputs);
        step.assert_refused(why);
        assert_eq!(step.outputs["verdict"], "error", "{why}");
        assert!(step.summary.starts_with("## ❌ ERROR"), "{why}: {}", step.summary);
    }
}

#[test]
fn without_the_program_the_step_says_what_is_missing() {
    let mut job = Job::bare();
    job.set("PATH", "/usr/bin:/bin");
    job.step("run", &[("COMMAND", "true")]).assert_refused("there is no subunit in the PATH");
}
