//! `subunit completions`: what a shell needs to complete our arguments.

use clap::{Arg, ValueHint};
use clap_complete::Shell;

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
};

/// Write the completions for a shell
///
/// They complete the verbs of `subunit-run` and `subunit-server` as well if these programs are installed.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Command for Completions {
    const NAME: &'static str = "completions";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit completions bash > subunit.bash && . ./subunit.bash
  $ subunit completions zsh > _subunit

Exit status: 0, or 2 for an unknown shell.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut definition = hinted((console.definitions.verbs)());
        clap_complete::generate(self.shell, &mut definition, "subunit", &mut console.stdout);
        console.flush()?;
        Ok(Exit::Passed)
    }
}

/// The definition that says of each value whether it is a file, a folder, a command or nothing that a shell knows of.
fn hinted(definition: clap::Command) -> clap::Command {
    let hinted_argument = |argument: Arg| match hint(&argument) {
        Some(hint) => argument.value_hint(hint),
        None => argument,
    };
    definition.mut_args(hinted_argument).mut_subcommands(hinted)
}

/// What kind of value an argument has; `None` where that is said already, or words are.
fn hint(argument: &Arg) -> Option<ValueHint> {
    if !argument.get_action().takes_values() || !argument.get_possible_values().is_empty() {
        return None;
    }
    let names = argument.get_value_names().unwrap_or_default();
    let name = names.first().map_or("", |name| name.as_str());
    match (argument.get_value_hint(), name) {
        // A folder, or what stands for one: `DIR|ADDRESS`.
        (ValueHint::AnyPath | ValueHint::Unknown, name) if name.starts_with("DIR") => {
            Some(ValueHint::DirPath)
        }
        (ValueHint::AnyPath, _) => Some(ValueHint::FilePath),
        (ValueHint::Unknown, "COMMAND") if argument.is_last_set() => {
            Some(ValueHint::CommandWithArguments)
        }
        (ValueHint::Unknown, "COMMAND") => Some(ValueHint::CommandString),
        (ValueHint::Unknown, _) => Some(ValueHint::Other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::PROGRAM;

    #[test]
    fn arguments_without_a_flag_are_of_a_kind() {
        let definition = hinted(PROGRAM.definition());
        let mut seen = 0;
        for verb in definition.get_subcommands() {
            for argument in verb.get_positionals() {
                let name = argument.get_value_names().unwrap()[0].as_str();
                let expected = match name {
                    "FILE" | "OLD" | "NEW" | "LIST" | "CONFIG" => ValueHint::FilePath,
                    "DIR" => ValueHint::DirPath,
                    "COMMAND" => ValueHint::CommandWithArguments,
                    "FROM" | "TO" | "ID" | "RUN" => ValueHint::Other,
                    // Words are offered.
                    "SHELL" => ValueHint::Unknown,
                    _ => panic!("{}: {name}: of which kind is it?", verb.get_name()),
                };
                assert_eq!(argument.get_value_hint(), expected, "{}: {name}", verb.get_name());
                seen += 1;
            }
        }
        assert!(seen > 50, "{seen}");
    }
}
