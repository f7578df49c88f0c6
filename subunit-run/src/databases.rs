//! Histories in a database: this program knows their addresses, and becomes the one that knows the database.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use subunit_filters::{cli::elsewhere::Elsewhere, exit::Exit};
use subunit_history::{is_address, knows_databases};

/// The program that knows databases. It has the verbs of this one as well.
pub(crate) const SERVER: Elsewhere = Elsewhere {
    program: "subunit-server",
    title: "Histories in a database",
    verbs: &[],
    tools: &[],
};

/// Whether a history in a database is meant by the arguments, or by `$SUBUNIT_HISTORY`, and this program knows none.
pub(crate) fn are_meant(arguments: &[OsString]) -> bool {
    let variable = || std::env::var_os("SUBUNIT_HISTORY");
    !knows_databases()
        && (is_named(arguments) || variable().is_some_and(|at| is_address(at.as_ref())))
}

/// Whether one of the arguments is the address of a history. What stands after `--` is of another program.
fn is_named(arguments: &[OsString]) -> bool {
    let ours = arguments.iter().take_while(|argument| *argument != "--");
    ours.skip(1).any(|argument| {
        let value = argument.to_str().and_then(|argument| argument.strip_prefix("--history="));
        is_address(Path::new(value.map_or(argument.as_os_str(), OsStr::new)))
    })
}

/// Becomes the program that knows databases, with the same arguments.
pub(crate) fn go_on(arguments: &[OsString]) -> Exit {
    SERVER.start(arguments.get(1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_front_of_a_command() {
        for (line, is) in [
            ("subunit-run last --history postgres://h/d?project=p", true),
            ("subunit-run last --history=postgresql://h/d?project=p", true),
            ("subunit-run history move 1 postgres://h/d?project=p", true),
            ("subunit-run last --history .subunit", false),
            ("subunit-run run -- pytest postgres://h/d", false),
            ("subunit-run last", false),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(is_named(&words), is, "{line}");
        }
    }
}
