//! What testr says about itself.

use std::io::{self, Write};

use super::{
    options::COMMON,
    table::{Expects, TestrVerb, VERBS},
};
use crate::traditional::{arguments::manual, exit::VerbEnd, show::table::write_table};

/// The usage line of a verb.
pub(super) fn usage(verb: &TestrVerb) -> String {
    let arguments = match verb.expects {
        Expects::Nothing => "",
        Expects::Verb => " [COMMAND]",
        Expects::Files => " [FILE...]",
        Expects::FiltersAndArguments => " [FILTER...] [-- ARG...]",
    };
    format!("testr {} [options]{arguments}", verb.name)
}

/// The help of a verb.
pub(super) fn of_verb(verb: &TestrVerb) -> String {
    let about = match verb.about {
        "" => verb.summary.to_owned(),
        more => format!("{}\n\n{more}", verb.summary),
    };
    manual(&usage(verb), &about, &[verb.options, COMMON])
}

/// The help of the verb of this name, or of all.
pub(super) fn of(name: Option<&String>) -> String {
    let verb = VERBS.iter().find(|verb| name.is_some_and(|name| verb.name == name));
    verb.map_or_else(overview, of_verb)
}

/// The help of all.
pub(super) fn overview() -> String {
    format!(
        "testr {} runs tests and remembers their results\n\n\
         testr commands -- list all commands\n\
         testr quickstart -- how to begin\n\
         testr help [command] -- help for a command\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// `testr commands`.
pub(super) fn commands() -> VerbEnd {
    let rows: Vec<_> =
        VERBS.iter().map(|verb| [verb.name.to_owned(), verb.summary.to_owned()]).collect();
    write_table(["command", "description"], &rows, &mut io::stdout())?;
    Ok(0)
}

/// Writes to standard output. If that fails, nobody is left to be told.
pub(super) fn say(text: &str) -> u8 {
    let _ = io::stdout().write_all(text.as_bytes());
    0
}

/// `testr quickstart`.
pub(super) const QUICKSTART: &str = "\
Say how your tests run, in the file .testr.conf:

  [DEFAULT]
  test_command=python3 -m subunit.run discover . $LISTOPT $IDOPTION
  test_id_option=--load-list $IDFILE
  test_list_option=--list

Create a repository for the results:

  $ testr init

Run all tests, then only those that failed:

  $ testr run
  $ testr run --failing

Or load a stream that another program wrote:

  $ testr load < results.subunit

RunLook at the results:

  $ testr last
  $ testr failing
  $ testr slowest

The results are in the folder .testrepository. Remove it to forget them.
";
