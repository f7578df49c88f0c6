//! The programs testr and stestr: their commands, options, outputs, exit codes and repositories, without
//! their defects.

mod arguments;
mod error;
mod exit;
mod keep;
mod show;
mod stestr;
mod testr;
mod work;

use std::{
    ffi::OsString,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

pub use crate::memory::Tool;

/// The program that the first argument names: that of a link to us.
pub fn tool_of(program: &OsString) -> Option<Tool> {
    let name = Path::new(program).file_stem()?;
    [Tool::Testr, Tool::Stestr].into_iter().find(|tool| name == tool.name())
}

/// Runs a program with its arguments, without its name.
pub fn run(tool: Tool, arguments: Vec<OsString>) -> ExitCode {
    let words: Result<Vec<_>, _> = arguments.into_iter().map(OsString::into_string).collect();
    let Ok(words) = words else {
        eprintln!("{}: an argument is not UTF-8", tool.name());
        return ExitCode::from(2);
    };
    let status = match tool {
        Tool::Testr => testr::main(&words),
        Tool::Stestr => stestr::main(&words),
    };
    // What could not be written is nothing that an exit status of these programs has a number for.
    let _ = io::stdout().flush();
    ExitCode::from(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_known_by_its_name() {
        for (program, expected) in [
            ("testr", Some(Tool::Testr)),
            ("/usr/bin/stestr", Some(Tool::Stestr)),
            ("./testr.exe", Some(Tool::Testr)),
            ("subunit-run", None),
            ("/testr/", Some(Tool::Testr)),
            ("/", None),
        ] {
            assert_eq!(tool_of(&program.into()), expected, "{program}");
        }
    }
}
