//! `subunit combine`: the streams of several commands as one.

mod config;

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
    process::{Command as Process, Stdio},
};

use config::{Child, Variables, check, parse};
use subunit_core::{
    Damage, Event, MAX_LENGTH, Packet, Writer,
    sink::{Sink, Summary},
};
use subunit_formats::files::temporary::Failed;
use subunit_mux::ending::{Tail, broken, closed_tests, described, explained, signal_of};
use tempfile::NamedTempFile;

use crate::{
    child::status::shell_words,
    cli::command::Command,
    console::{Console, Source},
    exit::{Error, Exit},
    files::destination::Writes,
    id_list::read_list,
    pipeline::{self, Out, run_on},
};

/// Which commands to run, and which of their tests.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct Combine {
    /// The configuration in YAML: `commands`, a list of mappings with `argv` and, where wanted, `prefix`,
    /// `cwd`, `env`, `list_option` and `id_option`
    #[arg(value_name = "CONFIG")]
    config: PathBuf,
    /// Run these tests only: each command gets the ids that begin with its prefix
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// List tests in place of running them: puts `list_option` in the place of `$LISTOPT`
    #[arg(long)]
    list: bool,
    /// Run the tests of this list only, one id a line
    #[arg(long, value_name = "LIST")]
    load_list: Option<PathBuf>,
}

/// Run commands and join their streams
///
/// The commands run one after the other. The prefix of each is put in front of its ids. In `argv` and
/// `id_option`, $LISTOPT, $IDLIST, $IDFILE and $IDOPTION stand for what to run. Text stays text. If a
/// command cannot be started, or fails without a failed test, the stream gets a failure with the id
/// `command`.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct CombineVerb {
    #[command(flatten)]
    combine: Combine,
}

impl Command for CombineVerb {
    const NAME: &'static str = "combine";
    const WRITES: Writes = Writes::Stream;
    const EXAMPLES: &'static str = "\
Examples:
  $ echo 'commands: [{prefix: \"a/\", argv: [cat, run.subunit]}]' > c.yaml && subunit combine c.yaml | subunit ls
  $ echo 'commands: [{argv: [cat, run.subunit]}]' > c.yaml && subunit combine c.yaml > all.subunit

Exit status: 0; 1 if a command failed; 2 if one cannot be started.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.combine.run(console, &Verb)
    }
}

/// How the streams of the commands are read, and what is said of how they end.
pub(in crate::commands) trait Way<'c> {
    /// Whether the stream tells of a command that did not end well, and an odd configuration is refused.
    const TELLS: bool;

    /// Reads what a command writes through the filter.
    fn read(
        &self,
        prefixer: Prefixer,
        input: &mut dyn Source,
        name: &str,
        console: &mut Console<'c>,
    ) -> Result<Prefixer, Error>;
}

/// That of the verb.
struct Verb;

impl<'c> Way<'c> for Verb {
    const TELLS: bool = true;

    fn read(
        &self,
        prefixer: Prefixer,
        input: &mut dyn Source,
        name: &str,
        console: &mut Console<'c>,
    ) -> Result<Prefixer, Error> {
        run_on(prefixer, input, name, console)
    }
}

impl Combine {
    /// Runs the commands.
    pub(in crate::commands) fn run<'c, W: Way<'c>>(
        &self,
        console: &mut Console<'c>,
        way: &W,
    ) -> Result<Exit, Error> {
        let name = self.config.display().to_string();
        let text = fs::read_to_string(&self.config)
            .map_err(|source| Error::File { name: name.clone(), source })?;
        let refused = |problem| Error::Usage(format!("{name}: {problem}"));
        if W::TELLS {
            check(&text).map_err(refused)?;
        }
        let children = parse(&text).map_err(refused)?;
        let wanted = self.wanted()?;
        let (mut exit, mut missing) = (Exit::Passed, None);
        for child in &children {
            let ids = wanted.as_ref().map(|wanted| below(wanted, &child.prefix));
            if ids.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            match self.run_child(child, ids.as_deref(), console, way)? {
                Ended::Well => {}
                Ended::Badly => exit = Exit::Failed,
                // The others are run even so, where the stream tells what it lacks.
                Ended::Never(error) if W::TELLS => _ = missing.get_or_insert(error),
                Ended::Never(error) => return Err(error),
            }
        }
        missing.map_or(Ok(exit), Err)
    }

    /// The ids of tests to run; `None` for all of them.
    fn wanted(&self) -> Result<Option<Vec<String>>, Error> {
        let mut wanted = self.load_list.as_deref().map(read_list).transpose()?;
        if !self.ids.is_empty() {
            wanted.get_or_insert_default().extend(self.ids.iter().cloned());
        }
        Ok(wanted)
    }

    fn run_child<'c, W: Way<'c>>(
        &self,
        child: &Child,
        ids: Option<&[String]>,
        console: &mut Console<'c>,
        way: &W,
    ) -> Result<Ended, Error> {
        // It goes away with us.
        let id_file = ids.map(write_ids).transpose()?;
        let path = id_file.as_ref().map(|file| file.path().display().to_string());
        let id_file = path.as_deref().unwrap_or_default();
        let words = child.expanded(Variables { list: self.list, ids, id_file });
        let Some((program, arguments)) = words.split_first() else {
            return Err(Error::Usage("a command has no words left".into()));
        };
        let failed = |source| Error::File { name: program.clone(), source };
        let mut process = Process::new(program);
        process.args(arguments).envs(child.env.iter().cloned()).stdout(Stdio::piped());
        if let Some(folder) = &child.cwd {
            process.current_dir(folder);
        }
        let mut prefixer = Prefixer::new(&child.prefix);
        let mut process = match process.spawn() {
            Ok(process) => process,
            Err(error) => {
                if W::TELLS {
                    prefixer.tell(&format!("{program}: {error}"), true, console)?;
                }
                return Ok(Ended::Never(failed(error)));
            }
        };
        if let Some(stdout) = process.stdout.take() {
            match way.read(prefixer, &mut source(stdout), program, console) {
                Ok(read) => prefixer = read,
                Err(error) => {
                    // Nobody reads it any more.
                    let _ = process.kill();
                    let _ = process.wait();
                    return Err(error);
                }
            }
        }
        let status = process.wait().map_err(failed)?;
        if status.success() {
            return Ok(Ended::Well);
        }
        if W::TELLS {
            let command = shell_words(words.iter().map(AsRef::as_ref));
            let cause = format!("{command}: {}", described(status));
            prefixer.tell(&cause, signal_of(status).is_some(), console)?;
        }
        Ok(Ended::Badly)
    }
}

/// How a command came to its end.
enum Ended {
    Well,
    Badly,
    /// It could not be started.
    Never(Error),
}

#[cfg(unix)]
fn source(stdout: std::process::ChildStdout) -> fs::File {
    std::os::fd::OwnedFd::from(stdout).into()
}

#[cfg(windows)]
fn source(stdout: std::process::ChildStdout) -> fs::File {
    std::os::windows::io::OwnedHandle::from(stdout).into()
}

/// The ids that begin with the prefix, without it.
fn below(ids: &[String], prefix: &str) -> Vec<String> {
    ids.iter().filter_map(|id| id.strip_prefix(prefix)).map(str::to_owned).collect()
}

fn write_ids(ids: &[String]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    let mut file = builder.prefix("subunit-").suffix(".list").tempfile().map_err(Failed::of)?;
    let list: String = ids.iter().map(|id| format!("{id}\n")).collect();
    file.write_all(list.as_bytes()).map_err(Failed::of)?;
    Ok(file)
}

/// Puts a prefix in front of all ids.
pub(in crate::commands) struct Prefixer {
    prefix: String,
    /// Reused for putting ids together.
    id: String,
    /// What the command has said, without the prefix.
    summary: Summary,
}

impl Prefixer {
    fn new(prefix: &str) -> Self {
        Self { prefix: prefix.into(), id: String::new(), summary: Summary::new().without_tags() }
    }

    /// Says of a command that it did not end well, as a multiplexer does: its tests in progress fail, and so
    /// does the command, unless failed tests explain that. `crashed` is what they do not explain.
    fn tell(&self, cause: &str, crashed: bool, console: &mut Console<'_>) -> io::Result<()> {
        let tail = Tail::default();
        let told = explained(&self.summary.counts()) && !crashed;
        let mut events = closed_tests(self.summary.open(), cause, &tail);
        events.push(broken(cause, told, &tail));
        for mut event in events {
            event.test_id = event.test_id.map(|id| format!("{}{id}", self.prefix));
            Writer::with_limit(&mut console.stdout, MAX_LENGTH).event(&event.as_event())?;
        }
        console.flush()
    }
}

impl pipeline::Filter for Prefixer {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.summary.event(event);
        let Some(id) = event.test_id.filter(|_| !self.prefix.is_empty()) else {
            return out.forward(event, packet);
        };
        self.id.clear();
        self.id.push_str(&self.prefix);
        self.id.push_str(id);
        out.emit(&Event { test_id: Some(&self.id), ..*event })
    }
    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.summary.damage(damage);
        out.damage(damage)
    }
}
