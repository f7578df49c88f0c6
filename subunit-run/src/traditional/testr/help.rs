//! What testr says about itself.

use std::io;

use super::{
    Ended,
    call::{Call, Expects},
    options::COMMON,
    table::{VERBS, Verb},
    write_all,
};
use crate::traditional::{arguments::manual, show::table::write_table};

/// The usage line of a verb.
pub(super) fn usage(verb: &Verb) -> String {
    let arguments = match verb.expects {
        Expects::Nothing => "",
        Expects::Verb => " [COMMAND]",
        Expects::Files => " [FILE...]",
        Expects::FiltersAndArguments => " [FILTER...] [-- ARG...]",
    };
    format!("testr {} [options]{arguments}", verb.name)
}

/// The help of a verb.
pub(super) fn of_verb(verb: &Verb) -> String {
    let about = match verb.about {
        "" => verb.summary.to_owned(),
        more => format!("{}\n\n{more}", verb.summary),
    };
    manual(&usage(verb), &about, &[verb.options, COMMON])
}

/// `testr help`.
pub(super) fn help(call: &Call<'_>) -> Ended {
    let name = call.given.arguments.first();
    let verb = VERBS.iter().find(|verb| name.is_some_and(|name| verb.name == name));
    Ok(write_all(&verb.map_or_else(overview, of_verb)))
}

fn overview() -> String {
    format!(
        "testr {} runs tests and remembers their results\n\n\
         testr commands -- list all commands\n\
         testr quickstart -- how to begin\n\
         testr help [command] -- help for a command\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// `testr commands`.
pub(super) fn commands(_: &Call<'_>) -> Ended {
    let rows: Vec<_> =
        VERBS.iter().map(|verb| [verb.name.to_owned(), verb.summary.to_owned()]).collect();
    write_table(["command", "description"], &rows, &mut io::stdout())?;
    Ok(0)
}

/// `testr quickstart`.
pub(super) fn quickstart(_: &Call<'_>) -> Ended {
    Ok(write_all(QUICKSTART))
}

const QUICKSTART: &str = "\
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

Look at the results:

  $ testr last
  $ testr failing
  $ testr slowest

The results are in the folder .testrepository. Remove it to forget them.
";
