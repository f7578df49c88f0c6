//! `subunit mux`: many streams into one, and input back to one of them.

#[cfg(unix)]
mod control;
#[cfg(not(unix))]
mod files;
#[cfg(unix)]
mod messages;
mod names;
#[cfg(unix)]
mod run;

use std::{collections::HashSet, num::NonZeroUsize, path::PathBuf, time::Duration};

use clap::ValueHint;
use subunit_core::TagsBuf;
use subunit_mux::{Annotations, Options, Readers};

use self::names::name_of;
use crate::{
    cli::{command::Command, duration},
    console::Console,
    exit::{Error, Exit},
    files::{destination::Writes, packed::UnpackingReader, same_file::refuse_standard_output},
    pipeline::{FromOf, format_names},
};

/// Run commands side by side and join their streams
///
/// The format of each input is detected unless --from names it. Each input has a route: its name, or its
/// number from 0, counting commands first, then files, then connections. The route is put in front of every
/// route code from that input; an input cannot change it. Text of an input becomes `stdout` and `stderr`
/// packets under its route.
///
/// Standard input takes packets. `stdin` files go to the input that their route names, or to one below it.
/// Packets that match no input, or that stay unread beyond 1 MiB, are returned as `undelivered`. Packets
/// with the status `exists` are tests to run. Those with a route go to that input; the others go to the next
/// idle input that takes tests, at any level. An input has 10 seconds to say that it takes tests. Tests that
/// an input leaves unstarted go to others. A test that nobody runs is a failure by name, with the reason and
/// the tag `never-run`.
///
/// If the clock of an input is ahead, or a worker says that it is behind, its times are moved to the local
/// clock, and a file of no test records by how much. Durations without dates count from the input's first
/// event.
///
/// A command that dies, or whose exit status is not 0, is a failure, and so are the tests that it was
/// running.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Mux {
    /// Run this command with `sh -c`; may be given several times
    #[arg(long, value_name = "COMMAND", allow_hyphen_values = true)]
    run: Vec<String>,
    /// Read a file or a FIFO; may be given several times
    #[arg(long, value_name = "PATH")]
    file: Vec<PathBuf>,
    /// Accept connections at this socket
    #[arg(long, value_name = "unix:PATH", value_parser = parse_address, value_hint = ValueHint::Other)]
    listen: Option<PathBuf>,
    /// End after this many connections instead of with the last command
    #[arg(long, value_name = "N", requires = "listen")]
    connections: Option<u64>,
    /// Accept at most N connections at a time; others wait. At most half of the descriptor limit
    #[arg(long, value_name = "N", requires = "listen")]
    max_clients: Option<NonZeroUsize>,
    /// Names of the inputs (comma-separated)
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    names: Vec<String>,
    /// Read this format, for one input or for all; `auto` detects it. May be given several times
    #[arg(
        long,
        value_name = "[NAME=]FORMAT",
        value_parser = FromOf::parser(),
        hide_possible_values = true,
        long_help = from_help()
    )]
    from: Vec<FromOf>,
    /// Give a command up to N tests without a route at a time
    #[arg(long, value_name = "N", default_value = "1")]
    depth: NonZeroUsize,
    /// Give each command a terminal of its own
    #[arg(long)]
    pty: bool,
    /// Size of that terminal
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "80x24", value_parser = parse_size)]
    pty_size: Size,
    /// Give events without a time the time when they arrived
    #[arg(long)]
    timestamps: bool,
    /// Add a tag to all tests; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Stop a command, connection or FIFO that writes nothing for this long, such as 30s, 5m or 1.5h
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    idle_timeout: Option<Duration>,
    /// Stop a command, connection or FIFO if one of its tests runs longer than this
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    test_timeout: Option<Duration>,
    /// Wait this long for inputs to stop before the next, stronger signal [default: 5s, or half of what an
    /// outer mux has]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    grace: Option<Duration>,
    /// Wait this long after a command has ended for outputs that other processes keep open
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration::parse)]
    linger: Duration,
    /// Exit with 0 if there was no test at all
    #[arg(long)]
    allow_empty: bool,
    /// Become this command on the terminal that standard input is
    #[arg(long, value_name = "COMMAND", hide = true, exclusive = true, allow_hyphen_values = true)]
    on_terminal: Option<String>,
}

/// Columns and rows.
#[cfg_attr(not(unix), allow(dead_code, reason = "commands take a Unix system"))]
#[derive(Clone, Copy, Debug, Default)]
struct Size(u16, u16);

fn parse_size(text: &str) -> Result<Size, &'static str> {
    let numbers = text
        .split_once('x')
        .and_then(|(columns, rows)| Some(Size(columns.parse().ok()?, rows.parse().ok()?)));
    numbers.ok_or("use columns and rows such as 80x24")
}

fn parse_address(text: &str) -> Result<PathBuf, &'static str> {
    text.strip_prefix("unix:").map(PathBuf::from).ok_or("use `unix:` and the path of a socket")
}

impl Command for Mux {
    const NAME: &'static str = "mux";
    const WRITES: Writes = Writes::LiveStream(Some("on_terminal"));
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit mux --run 'cat worker-0.subunit' --run 'cat worker-1.subunit' > all.subunit
  $ subunit mux --names new,old --run 'echo 1..1; echo ok' --from new=tap --file run.subunit

Exit status: 0 all passed; 1 a test or a command failed; 2 the stream cannot be written;
4 there was no test at all, unless this runs within another mux.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        #[cfg(unix)]
        if let Some(command) = &self.on_terminal {
            let source = subunit_mux::process::run_on_terminal(command);
            return Err(Error::System { name: command.clone(), source });
        }
        if self.run.is_empty() && self.file.is_empty() && self.listen.is_none() {
            let message = "nothing to read: give --run, --file or --listen";
            return Err(Error::Usage(message.into()));
        }
        self.check_formats()?;
        self.file.iter().try_for_each(|path| refuse_standard_output(path))?;
        self.start(console)
    }
}

fn from_help() -> String {
    format!(
        "Read this format, for the input of this name (or number), or for all that are not named; \
         `auto`, the default, detects the format line by line. May be given several times. \
         Formats: {}",
        format_names()
    )
}

impl Mux {
    /// A format of an input that there is not is a mistake. Connections are numbered as they come.
    fn check_formats(&self) -> Result<(), Error> {
        let inputs = self.run.len() + self.file.len();
        let is_there = |name: &str| {
            self.names.iter().any(|known| known == name)
                || name.parse::<usize>().is_ok_and(|number| {
                    number >= self.names.len() && (number < inputs || self.listen.is_some())
                })
        };
        let mut names = self.from.iter().filter_map(|from| from.name.as_deref());
        match names.find(|name| !is_there(name)) {
            None => Ok(()),
            Some(name) => Err(Error::Usage(format!(
                "--from {name}=...: there is no input `{name}`; use a name from --names, or \
                 a number from 0"
            ))),
        }
    }

    fn readers(&self) -> Readers {
        let from = self.from.clone();
        let files = self.run.len()..self.run.len() + self.file.len();
        let files: HashSet<String> = files.map(|ordinal| name_of(&self.names, ordinal)).collect();
        Readers::new(move |name| {
            let reader = FromOf::reader(&from, name);
            if files.contains(name) { Box::new(UnpackingReader::new(reader)) } else { reader }
        })
    }

    fn options(&self) -> Options {
        let tags: TagsBuf = self.tags.iter().map(String::as_str).collect();
        Options {
            annotations: Annotations { timestamps: self.timestamps, tags },
            watch_tests: false,
        }
    }

    #[cfg(unix)]
    fn start(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        use subunit_mux::process::{Limits, inherited_grace, is_nested};

        use self::run::{Plan, run};
        let (options, readers) = (self.options(), self.readers());
        let limits = Limits {
            idle: self.idle_timeout,
            test: self.test_timeout,
            grace: self.grace.unwrap_or_else(inherited_grace),
            linger: self.linger,
        };
        let plan = Plan {
            commands: self.run,
            files: self.file,
            listen: self.listen,
            connections: self.connections,
            clients: self.max_clients,
            names: self.names,
            terminal: self.pty.then_some((self.pty_size.0, self.pty_size.1)),
            depth: self.depth,
            limits,
            allow_empty: self.allow_empty || is_nested(),
        };
        run(&plan, options, readers, console)
    }

    #[cfg(not(unix))]
    fn start(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        if !self.run.is_empty() || self.listen.is_some() {
            let message = "only --file works on this system";
            return Err(Error::Usage(message.into()));
        }
        let verdict =
            files::run(&self.file, &self.names, &self.readers(), self.options(), console)?;
        Ok(Exit::of(verdict, self.allow_empty))
    }
}
