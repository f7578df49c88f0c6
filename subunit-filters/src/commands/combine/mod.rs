//! `subunit combine`: the streams of several commands as one.

mod config;

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
    process::{Command as Process, Stdio},
};

use subunit_core::{Event, Packet};
use tempfile::NamedTempFile;

use super::ids::read_list;
use crate::{
    command::Command,
    console::{Console, Source},
    exit::{Error, Exit},
    pipeline::{self, Out, run_source},
    temporary::Failed,
};
use config::{Child, Variables, parse};

/// Which commands to run, and which of their tests.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Combine {
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
/// The commands run one after the other; a prefix is put in front of all ids of each. In `argv` and
/// `id_option`, $LISTOPT, $IDLIST, $IDFILE and $IDOPTION stand for what to run. Text stays text.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct CombineVerb {
    #[command(flatten)]
    combine: Combine,
}

impl Command for CombineVerb {
    const NAME: &'static str = "combine";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo 'commands: [{prefix: \"a/\", argv: [cat, run.subunit]}]' > c.yaml && subunit combine c.yaml | subunit ls
  $ echo 'commands: [{argv: [cat, run.subunit]}]' > c.yaml && subunit combine c.yaml > all.subunit

Exit status: 0; 1 where a command failed; 2 where one cannot be started.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.combine.run(console, run_source)
    }
}

impl Combine {
    /// Runs the commands; `read` reads what one of them writes through the filter.
    pub(super) fn run<'c>(
        &self,
        console: &mut Console<'c>,
        mut read: impl FnMut(
            Prefixer,
            &mut dyn Source,
            &str,
            &mut Console<'c>,
        ) -> Result<Prefixer, Error>,
    ) -> Result<Exit, Error> {
        let name = self.config.display().to_string();
        let text = fs::read_to_string(&self.config)
            .map_err(|source| Error::Input { name: name.clone(), source })?;
        let children =
            parse(&text).map_err(|problem| Error::Usage(format!("{name}: {problem}")))?;
        let wanted = self.wanted()?;
        let mut exit = Exit::Passed;
        for child in &children {
            let ids = wanted.as_ref().map(|wanted| below(wanted, &child.prefix));
            if ids.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            if !self.run_child(child, ids.as_deref(), console, &mut read)? {
                exit = Exit::Failed;
            }
        }
        Ok(exit)
    }

    /// The ids of tests to run; `None` for all of them.
    fn wanted(&self) -> Result<Option<Vec<String>>, Error> {
        let mut wanted = self.load_list.as_deref().map(read_list).transpose()?;
        if !self.ids.is_empty() {
            wanted.get_or_insert_default().extend(self.ids.iter().cloned());
        }
        Ok(wanted)
    }

    /// Whether the command has ended well.
    fn run_child<'c>(
        &self,
        child: &Child,
        ids: Option<&[String]>,
        console: &mut Console<'c>,
        read: &mut impl FnMut(
            Prefixer,
            &mut dyn Source,
            &str,
            &mut Console<'c>,
        ) -> Result<Prefixer, Error>,
    ) -> Result<bool, Error> {
        let failed = |name: &str| {
            let name = name.to_owned();
            move |source| Error::Input { name, source }
        };
        // It goes away with us.
        let id_file = ids.map(write_ids).transpose()?;
        let path = id_file.as_ref().map(|file| file.path().display().to_string());
        let id_file = path.as_deref().unwrap_or_default();
        let words = child.expanded(Variables { list: self.list, ids, id_file });
        let Some((program, arguments)) = words.split_first() else {
            return Err(Error::Usage("a command has no words left".into()));
        };
        let mut process = Process::new(program);
        process.args(arguments).envs(child.env.iter().cloned()).stdout(Stdio::piped());
        if let Some(folder) = &child.cwd {
            process.current_dir(folder);
        }
        let mut process = process.spawn().map_err(failed(program))?;
        if let Some(stdout) = process.stdout.take() {
            let prefixer = Prefixer { prefix: child.prefix.clone(), id: String::new() };
            let done = read(prefixer, &mut source(stdout), program, console);
            if let Err(error) = done {
                // Nobody reads it any more.
                let _ = process.kill();
                let _ = process.wait();
                return Err(error);
            }
        }
        Ok(process.wait().map_err(failed(program))?.success())
    }
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
pub(super) struct Prefixer {
    prefix: String,
    /// Reused for putting ids together.
    id: String,
}

impl pipeline::Filter for Prefixer {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        let Some(id) = event.test_id.filter(|_| !self.prefix.is_empty()) else {
            return out.forward(event, packet);
        };
        self.id.clear();
        self.id.push_str(&self.prefix);
        self.id.push_str(id);
        out.emit(&Event { test_id: Some(&self.id), ..*event })
    }
}
