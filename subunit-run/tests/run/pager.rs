//! What is longer than the screen is shown by a pager.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use subunit_core::{Status, Writer};

use crate::{
    project::Project,
    terminal::{Terminal, shell},
};

/// A project with a kept run in which so many tests failed, and a line of a shell in it; `$P` is the program.
fn after_a_run(failures: u32, line: &str) -> (Project, Terminal) {
    let project = Project::new("a.pass\n", true);
    let mut writer = Writer::new(Vec::new());
    for number in 0..failures {
        writer.end(&format!("test-{number:02}"), Status::Fail).unwrap();
    }
    let mut load = Command::new(env!("CARGO_BIN_EXE_subunit-run"));
    load.arg("load").current_dir(project.folder()).env_remove("SUBUNIT_HISTORY");
    load.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut load = load.spawn().unwrap();
    load.stdin.take().unwrap().write_all(&writer.close().unwrap()).unwrap();
    assert_eq!(load.wait().unwrap().code(), Some(1));
    let pager = "trap 'echo heard' INT\nhead -n 2\nuntil [ \"$key\" = q ]; do read key < /dev/tty; done\necho left\n";
    project.write("pager", pager);
    let terminal = shell(&project, &format!("P=${{RUN% run}}; unset LESS LV; {line}"));
    (project, terminal)
}

#[test]
fn output_that_is_longer_than_the_screen_goes_through_the_pager() {
    for (failures, line, paged) in [
        (23, "PAGER='sed s/^/P-/' $P failing", false),
        (24, "PAGER='sed s/^/P-/' $P failing", true),
        (24, "PAGER='sed s/^/P-/' $P failing --no-pager", false),
        (24, "PAGER='sed s/^/P-/' $P failing --list", true),
        (24, "PAGER='sed s/^/P-/' $P last", true),
        (24, "PAGER='sed s/^/P-/' $P history show @1", true),
        (24, "PAGER='sed s/^/P-/' $P history grid", true),
        (24, "PAGER='sed s/^/P-/' $P failing | sed s/^/Q-/", false),
        (24, "PAGER= $P failing", false),
        (24, "PAGER=cat $P failing", false),
        (24, "PAGER='sed s/^/P-/' TERM=dumb $P failing", false),
        // Nobody loses what there is because of a pager that is not there.
        (24, "PAGER=no-such-program $P failing", false),
    ] {
        let (_project, terminal) = after_a_run(failures, &format!("{line}; echo exit $?"));
        let (_, screen) = terminal.end();
        let last = format!("test-{:02}", failures - 1);
        let shown: Vec<&str> = screen.lines().filter(|line| line.contains(&last)).collect();
        assert!(shown.len() == 1, "{line}: {screen}");
        assert_eq!(shown[0].starts_with("P-"), paged, "{line}: {screen}");
        let exit = if line.contains("grid") || line.contains('|') { "exit 0" } else { "exit 1" };
        assert!(screen.contains(exit), "{line}: {screen}");
    }
}

#[test]
fn keys_are_for_the_pager_until_it_is_left() {
    let (_project, mut terminal) =
        after_a_run(60, "trap : INT; PAGER='sh pager' $P failing; echo exit $?");
    terminal.until(|screen| screen.contains("test-01") && !screen.contains("test-02"));
    // A shell that is about to read hears of a signal after that only.
    terminal.press("\x03\n");
    terminal.until(|screen| screen.contains("heard"));
    assert!(!terminal.screen().contains("exit"), "{}", terminal.screen());
    terminal.press("q\n");
    let (_, screen) = terminal.end();
    assert!(screen.contains("left\n") && screen.contains("exit 1"), "{screen}");
}

#[test]
fn colours_and_options_are_those_that_pagers_are_used_to() {
    let (_project, terminal) =
        after_a_run(60, "PAGER='tail -n 1; echo $LESS $LV' $P history grid; echo exit $?");
    let (_, screen) = terminal.end();
    assert!(screen.contains("FRX -c\n"), "{screen}");
}
