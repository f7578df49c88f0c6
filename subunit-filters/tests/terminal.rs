//! `subunit watch -- COMMAND` on a terminal: what is seen, and what is typed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod terminal_support;

use std::process::Command;

use subunit_filters::{commands::VERBS, files::destination::Writes};
use terminal_support::{SAY_END, Terminal};

const SUBUNIT: &str = env!("CARGO_BIN_EXE_subunit");

/// A command whose session has a terminal.
fn on_terminal(command: &str) -> Terminal {
    let mut subunit = Command::new(SUBUNIT);
    subunit.args(["mux", "--on-terminal", command]);
    subunit.env("SUBUNIT", SUBUNIT).env("LC_ALL", "C.UTF-8").env_remove("PYTHONSTARTUP");
    Terminal::start(subunit)
}

/// Our own exit status comes back through a shell, which has a number for signals, too.
fn watch(options: &str, script: &str) -> Terminal {
    on_terminal(&format!("trap : INT; $SUBUNIT watch {options} -- sh -c '{script}'; {SAY_END}"))
}

#[test]
fn the_output_of_a_command_is_a_terminal_that_packets_pass() {
    let script = "test -t 1 && test -t 0 && $SUBUNIT output --success \"a\n\" --tag \"\t\r\" --timestamp none; \
                  stty size <&1 >&2";
    let (exit, screen) = watch("", script).end();
    assert_eq!(exit, Some(0), "{screen}");
    assert!(screen.contains("24 100\n"), "its size is that of ours: {screen}");
    assert!(screen.contains("PASSED  1 test"), "{screen}");
    let (exit, screen) = watch("--no-pty", "test -t 1 || $SUBUNIT output --success a").end();
    assert_eq!(exit, Some(0), "{screen}");
}

#[test]
fn a_prompt_is_seen_and_answered() {
    let script = "$SUBUNIT output --inprogress a; printf \"your name: \"; read name; \
                  $SUBUNIT output --success \"$name\"; $SUBUNIT output --success a; sleep 0.3";
    let mut terminal = watch("--show all", script);
    terminal.until(|screen| screen.trim_end() == "your name:");
    assert_eq!(terminal.screen.screen().cursor_position().1, 11);
    terminal.press("nobody\n");
    terminal.until(|screen| screen.contains("your name: nobody\n"));
    let (exit, screen) = terminal.end();
    assert_eq!(exit, Some(0), "{screen}");
    assert!(screen.contains("- nobody\n"), "{screen}");
}

#[test]
fn what_is_printed_without_a_flush_is_seen_at_once() {
    // A program of the C library that writes to a pipe would keep this until its end.
    let mut terminal = watch("--plain", "grep --line-buffered . | cut -c 1-");
    terminal.press("ok 1 - a\n");
    terminal.until(|screen| screen.contains("success           - a"));
    terminal.press("1..1\n\u{4}");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn an_interrupt_from_the_keyboard_reaches_the_command_once() {
    let folder = tempfile::tempdir().unwrap();
    let done = folder.path().join("done");
    // A shell that is about to read, or has just begun to, may hear of a signal only with the next line.
    let wait = format!("until test -e {}; do sleep 0.05; done", done.display());
    let script = format!("trap \"echo heard\" INT; $SUBUNIT output --inprogress a; {wait}; exit 7");
    let mut terminal = watch("", &script);
    terminal.until(|screen| screen.contains("1 running"));
    terminal.press("\u{3}");
    terminal.until(|screen| screen.contains("heard"));
    terminal.press("\u{3}");
    terminal.until(|screen| screen.matches("heard").count() > 1);
    std::fs::write(done, "").unwrap();
    let (exit, screen) = terminal.end();
    assert_eq!(exit, Some(130), "{screen}");
    assert_eq!(screen.matches("heard\n").count(), 2, "{screen}");
    assert!(
        screen.contains("exit status 7") && screen.contains("FAILED  1 test and 1 other"),
        "{screen}"
    );
}

#[test]
fn a_result_after_a_prompt_is_read() {
    let mut terminal =
        watch("", "echo 1..2; printf \"go on? \"; read answer; echo ok 1 - a; echo not ok 2 - b");
    terminal.until(|screen| screen.trim_end() == "go on?");
    terminal.press("yes\n");
    let (exit, screen) = terminal.end();
    assert_eq!(exit, Some(1), "{screen}");
    assert!(screen.contains("FAILED  2 tests\n       1 success\n       1 fail\n"), "{screen}");
}

/// Takes python3.
#[cfg(feature = "python-tests")]
#[test]
fn a_breakpoint_of_python_is_answered() {
    let script = "import sys\n\
        print(\"1..1\", flush=True)\n\
        def test():\n    value = 1\n    breakpoint()\n    return value == 42\n\
        print(\"ok 1 - a\" if test() else \"not ok 1 - a\")\n";
    let path = format!("{}/breakpoint-{}.py", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    std::fs::write(&path, script).unwrap();
    let mut terminal = watch("", &format!("exec python3 {path}"));
    terminal.until(|screen| screen.trim_end().ends_with("(Pdb)"));
    terminal.press("value = 6 * 7\n");
    terminal.until(|screen| screen.trim_end().ends_with("(Pdb) value = 6 * 7\n(Pdb)"));
    terminal.press("p valu\u{8}\u{8}\u{8}\u{8}value\n");
    terminal.until(|screen| screen.trim_end().ends_with("(Pdb) p value\n42\n(Pdb)"));
    terminal.press("continue\n");
    let (exit, screen) = terminal.end();
    assert_eq!(exit, Some(0), "{screen}");
    assert!(screen.contains("PASSED  1 test"), "{screen}");
}

/// The words after a verb with which it writes a stream, where it takes more than a file.
fn words(verb: &str) -> &str {
    match verb {
        "split" => "--shard 1/2 run",
        "rename" => "a b run",
        "known-failures" => "list run",
        "mux" => "--file run",
        "worker" => "-- cat run",
        "combine" => "combine.yaml",
        "output" => "--success a",
        "from-log" => "--rules rules.toml run",
        _ => "run",
    }
}

/// A folder with a stream `run` of one test, and what the verbs take besides.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut run = Vec::new();
    subunit_core::Event::status("a", subunit_core::Status::Success).encode(&mut run).unwrap();
    let files: [(&str, &[u8]); 4] = [
        ("run", &run),
        ("list", b"a\n"),
        ("rules.toml", b"[[rule]]\nkind = 'expect'\nid = 'x'\nmatch = ['x']\n"),
        ("combine.yaml", b"commands: [{argv: [cat, run]}]"),
    ];
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn a_stream_is_not_written_to_a_terminal() {
    let streams: Vec<_> = VERBS
        .iter()
        .filter(|verb| !matches!(verb.writes(), Writes::Nothing | Writes::Text))
        .map(|verb| verb.name)
        .collect();
    assert!(streams.len() > 14 && streams.contains(&"from-tap"), "{streams:?}");
    let folder = folder();
    let lines: String = streams
        .iter()
        .map(|verb| format!("$SUBUNIT {verb} {} 2>> said; echo $? >> ended\n", words(verb)))
        .collect();
    let script = format!("cd {}\n{lines}", folder.path().display());
    let (_, screen) = on_terminal(&script).end();
    assert_eq!(screen.trim(), "", "nothing of it is shown");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("ended"), "2\n".repeat(streams.len()));
    for (verb, said) in streams.iter().zip(read("said").lines()) {
        let wanted =
            format!("subunit {verb}: standard output is a terminal, and a stream is binary: ");
        assert!(said.starts_with(&wanted) && said.ends_with("by `| subunit watch`"), "{said}");
    }
}

#[test]
fn a_terminal_may_be_there_while_a_stream_goes_elsewhere() {
    let folder = folder();
    std::os::unix::fs::symlink(SUBUNIT, folder.path().join("subunit-tags")).unwrap();
    let script = "$SUBUNIT cat run -o new && $SUBUNIT cat run > new2 && $SUBUNIT split --by route -d parts run && \
                  $SUBUNIT ls new new2 parts/none.subunit && ./subunit-tags x < run | wc -c; \
                  ./subunit-tags x < run > /dev/tty && echo done";
    let script = format!("cd {} && {script}", folder.path().display());
    let (exit, screen) = on_terminal(&script).end();
    assert_eq!(exit, Some(0), "{screen}");
    assert!(screen.starts_with("a\na\na\n") && screen.trim_end().ends_with("done"), "{screen}");
    // The traditional name does as it did.
    let script = format!("cd {} && ./subunit-tags x < run; echo $?", folder.path().display());
    let (_, screen) = on_terminal(&script).end();
    assert!(screen.trim_end().ends_with('0') && !screen.contains("binary"), "{screen}");
}

#[test]
fn whoever_has_to_type_the_input_is_told() {
    let mut terminal = on_terminal("$SUBUNIT stats; exit $?");
    terminal.until(|screen| {
        screen.starts_with("subunit stats: reading standard input, a terminal: name a file, ")
    });
    terminal.press("1..1\nok 1 - a\n\u{4}");
    let (exit, screen) = terminal.end();
    assert_eq!(exit, Some(0), "{screen}");
    assert!(screen.contains("PASSED  1 test\n"), "{screen}");
}

#[test]
fn the_command_alone_shows_one_screen() {
    let (exit, screen) = on_terminal("stty columns 80; $SUBUNIT; exit $?").end();
    assert_eq!(exit, Some(2), "{screen}");
    assert!(
        screen.starts_with("Test results as a stream") && screen.lines().count() < 24,
        "{screen}"
    );
    for verb in VERBS {
        assert!(screen.split_whitespace().any(|word| word == verb.name), "{}: {screen}", verb.name);
    }
    assert!(screen.lines().all(|line| line.len() <= 80), "{screen}");
}
