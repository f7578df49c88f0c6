//! The command line: the table of commands as clap sees it, and back.

pub mod command;
mod complaint;
pub mod duration;
pub mod elsewhere;
mod help;
pub mod mistake;
mod unknown_verb;

use std::{
    ffi::{OsStr, OsString},
    fmt::Write as _,
    io::Write,
    path::Path,
};

use clap::{ArgMatches, error::ErrorKind};

use self::elsewhere::Elsewhere;
use crate::{
    cli::{
        command::{Entry, Group},
        complaint::complaint,
    },
    console::{Console, Definitions, stdin_is_a_stream},
    exit::Exit,
    style::ColourChoice,
};

/// A program, as a table of its commands.
#[derive(Debug)]
pub struct Program {
    /// What it is for, in a line.
    pub about: &'static str,
    /// What stands at the end of its help.
    pub after: &'static str,
    /// What other programs do for it.
    pub elsewhere: &'static [Elsewhere],
    /// The verbs that tell of all verbs, also of those that other programs have.
    pub tell_of_all: &'static [&'static str],
    /// The verbs.
    pub groups: &'static [Group],
    /// The traditional tools it is started as, by links.
    pub tools: &'static [Entry],
    /// The same as clap knows it, for commands that tell of all.
    pub definitions: Definitions,
}

impl Program {
    /// All verbs, in the order of the help.
    pub fn verbs(&self) -> impl Iterator<Item = &'static Entry> {
        self.groups.iter().flat_map(|group| group.verbs)
    }

    /// The names of all verbs, also of those that other programs have: first what people type most.
    fn verb_names(&self) -> Vec<&'static str> {
        let elsewhere = self.elsewhere.iter().flat_map(|other| other.verbs);
        elsewhere.map(|(name, _)| *name).chain(self.verbs().map(|verb| verb.name)).collect()
    }

    /// What clap knows of the program and its verbs.
    pub fn definition(&self) -> clap::Command {
        self.definition_with(self.verbs())
    }

    /// What clap knows of the traditional tools.
    pub fn tool_definitions(&self) -> Vec<clap::Command> {
        self.tools.iter().map(Entry::definition).collect()
    }

    fn definition_with<'e>(&self, verbs: impl IntoIterator<Item = &'e Entry>) -> clap::Command {
        let colour = clap::Arg::new("color")
            .long("color")
            .value_name("WHEN")
            .value_parser(clap::value_parser!(ColourChoice))
            .default_value("auto")
            .global(true)
            .hide_possible_values(true)
            .help("Use colour: auto, always or never");
        // Whatever the file is called: other programs are reached through this one.
        clap::Command::new("subunit")
            .bin_name("subunit")
            .about(self.about)
            .version(env!("CARGO_PKG_VERSION"))
            .after_help(self.after)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .disable_help_subcommand(true)
            .subcommand_value_name("VERB")
            .arg(colour)
            .subcommands(verbs.into_iter().map(Entry::definition))
    }

    /// Whether these arguments ask what tells of all verbs.
    pub fn is_asked_to_tell(&self, arguments: &[OsString]) -> bool {
        arguments.get(1).is_some_and(|verb| self.tell_of_all.iter().any(|name| verb == name))
    }

    fn verb(&self, name: &OsStr) -> Option<&'static Entry> {
        self.verbs().find(|verb| name == verb.name)
    }

    /// The whole definition, whose help has the verbs in their groups.
    fn definition_in_groups(&self) -> clap::Command {
        let definition = self.definition();
        let groups = self.described_elsewhere() + &described(self.groups, &definition);
        definition.help_template(format!(
            "{{about}}\n\n{{usage-heading}} {{usage}}\n\n{groups}Options:\n{{options}}{{after-help}}"
        ))
    }

    /// What fits a screen: what the program is for, the first group of verbs, and the names of the others.
    fn overview(&self) -> String {
        const WIDTH: usize = 80;
        let mut text = format!("{}\n\n", self.about);
        for other in self.elsewhere {
            let names: Vec<_> = other.verbs.iter().map(|(name, _)| *name).collect();
            let _ = writeln!(text, "{}: {}{}", other.title, names.join(" "), missing(*other));
        }
        let (first, others) = self.groups.split_at(self.groups.len().min(1));
        // No blank line follows: all of it fits a screen of 24 lines.
        text.push_str(described(first, &self.definition()).trim_end());
        text.push('\n');
        for group in others {
            let mut line = format!("{}:", group.title);
            for verb in group.verbs {
                if line.len() + 1 + verb.name.len() > WIDTH {
                    let _ = writeln!(text, "{line}");
                    line = " ".to_owned();
                }
                let _ = write!(line, " {}", verb.name);
            }
            let _ = writeln!(text, "{line}");
        }
        text.push_str(
            "`subunit --help` says what each is for; `subunit help VERB` describes one.\n",
        );
        text
    }

    /// The verbs of other programs.
    fn described_elsewhere(&self) -> String {
        let width = self.verbs().map(|verb| verb.name.len()).max().unwrap_or_default();
        let mut text = String::new();
        for other in self.elsewhere {
            let _ = writeln!(text, "{}{}:", other.title, missing(*other));
            for (name, about) in other.verbs {
                let _ = writeln!(text, "  {name:width$}  {about}");
            }
            text.push('\n');
        }
        text
    }

    /// The traditional tool that the command was started as, by a link or a copy of that name.
    fn tool(&self, path: &Path) -> Option<&'static Entry> {
        let name = path.file_stem()?.to_str()?;
        self.tools.iter().find(|tool| tool.name == name)
    }
}

/// The verbs with what they are for, a paragraph each group.
fn described(groups: &[Group], definition: &clap::Command) -> String {
    let verbs = groups.iter().flat_map(|group| group.verbs);
    let width = verbs.map(|verb| verb.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for group in groups {
        let _ = writeln!(text, "{}:", group.title);
        for verb in group.verbs {
            let about = definition.find_subcommand(verb.name).and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {:width$}  {about}", verb.name);
        }
        text.push('\n');
    }
    text
}

/// Runs the program with these arguments, the first of which is the name it was started under.
pub fn run(program: &'static Program, arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let tool = arguments.first().and_then(|path| program.tool(path.as_ref()));
    if tool.is_none()
        && let Some(other) =
            named_elsewhere(program, &arguments).or_else(|| told_elsewhere(program, &arguments))
    {
        return other;
    }
    let words = arguments.clone();
    let matches = match parsed(program, tool, arguments) {
        Ok(matches) => matches,
        Err(error) => {
            // Neither the help nor a complaint can be put anywhere else if this fails.
            let _ = match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                    let _ = error.print();
                    return Exit::Passed;
                }
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                    if std::io::IsTerminal::is_terminal(&std::io::stdin()) =>
                {
                    std::io::stderr().write_all(program.overview().as_bytes())
                }
                // What the traditional tools say is as it was.
                _ if tool.is_some() => error.print(),
                _ => {
                    let names = program.verb_names();
                    let line = complaint(&error, &words, program.verbs(), &names);
                    writeln!(std::io::stderr(), "{line}")
                }
            };
            return Exit::Broken;
        }
    };
    if let Some(tool) = tool {
        return start(program, tool, tool.name.to_owned(), ColourChoice::default(), &matches);
    }
    let Some((verb, of_verb)) = matches.subcommand() else { return Exit::Broken };
    let Some(entry) = program.verb(verb.as_ref()) else { return Exit::Broken };
    let choice = of_verb.get_one("color").copied().unwrap_or_default();
    start(program, entry, format!("subunit {verb}"), choice, of_verb)
}

/// Becomes another program if the verb is one of its own: `subunit VERB ...` or `subunit help VERB`.
fn named_elsewhere(program: &Program, arguments: &[OsString]) -> Option<Exit> {
    let words = arguments.get(1..)?;
    let is_help = words.first().is_some_and(|word| word == "help");
    let verb = words.get(usize::from(is_help))?;
    let other = Elsewhere::of(program.elsewhere, verb)?;
    if is_help {
        return Some(other.start(&[verb.clone(), "--help".into()]));
    }
    Some(other.start(words))
}

/// Becomes the program that knows most if the verb tells of all verbs: the last of the table links the libraries of the others.
fn told_elsewhere(program: &Program, arguments: &[OsString]) -> Option<Exit> {
    if !program.is_asked_to_tell(arguments) {
        return None;
    }
    let other = program.elsewhere.iter().rev().find(|other| other.path().is_some())?;
    Some(other.start(&arguments[1..]))
}

/// What to add to the title of verbs whose program is not there.
fn missing(other: Elsewhere) -> &'static str {
    if other.path().is_some() { "" } else { " (not installed)" }
}

/// What clap finds in the arguments. Where no verb is given and a stream comes in, it is watched.
fn parsed(
    program: &Program,
    tool: Option<&Entry>,
    mut arguments: Vec<OsString>,
) -> Result<ArgMatches, clap::Error> {
    if let Some(tool) = tool {
        return tool.definition().try_get_matches_from(arguments);
    }
    if arguments.get(1).is_some_and(|word| word == "help") {
        // `subunit help VERB` is `subunit VERB --help`.
        arguments.remove(1);
        arguments.truncate(2);
        arguments.push("--help".into());
    }
    // Defining all the verbs takes longer than reading a small stream.
    if let Some(verb) = arguments.get(1).and_then(|word| program.verb(word)) {
        return program.definition_with([verb]).try_get_matches_from(arguments);
    }
    let parsed = program.definition_in_groups().try_get_matches_from(&arguments);
    let verbless = parsed.as_ref().is_err_and(|error| {
        matches!(
            error.kind(),
            ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        )
    });
    if !verbless || !stdin_is_a_stream() {
        return parsed;
    }
    if arguments.is_empty() {
        arguments.push("subunit".into());
    }
    arguments.push("watch".into());
    program.definition().try_get_matches_from(arguments)
}

fn start(
    program: &Program,
    entry: &Entry,
    name: String,
    choice: ColourChoice,
    matches: &ArgMatches,
) -> Exit {
    let mut console = match Console::of_process(name, choice, program.definitions) {
        Ok(console) => console,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "subunit: {error}");
            return Exit::Broken;
        }
    };
    let result = entry.run(matches, &mut console);
    if let Some(signal) = console.interrupts.heard() {
        // Who waits for us learns by this that it is to end as well. Does not come back.
        let _ = console.flush();
        let _ = signal.end_process();
    }
    let error = match result {
        Ok(exit) => return exit,
        Err(error) if error.is_closed_pipe() => return Exit::Passed,
        Err(error) => error,
    };
    // What was made of the input so far is worth having; the first error is the one to report.
    let _ = console.stdout.flush();
    let _ = console.say(error);
    let _ = console.stderr.flush();
    Exit::Broken
}
