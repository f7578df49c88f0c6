//! A line of a shell whose session has a terminal.

#[path = "../../../subunit-filters/tests/terminal_support/mod.rs"]
mod terminal_support;

use std::{path::Path, process::Command};

pub(crate) use terminal_support::Terminal;

use crate::project::Project;

/// `$RUN` is `subunit run` in the project.
pub(crate) fn shell(project: &Project, line: &str) -> Terminal {
    let program = Path::new(env!("CARGO_BIN_EXE_subunit-run"));
    let mut command = Command::new(program.parent().unwrap().join("examples/on_terminal"));
    command.arg(line).current_dir(project.folder());
    command.env("RUN", format!("{} run", program.display())).env("HOME", project.folder());
    command.env("PS1", "$ ").env_remove("ENV").env_remove("XDG_CONFIG_HOME");
    Terminal::start(command)
}
