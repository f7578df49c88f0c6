//! Starts the processes of workers.

use std::{
    ffi::OsStr,
    io::{self, Write},
    mem,
    path::Path,
    process::Command,
};

use subunit_mux::{
    InputId,
    process::{Processes, RESULT_FD, ResultSlot, Spawn},
};
use tempfile::TempPath;

use super::slot::{Feed, WorkerProcess};
use crate::{
    config::command::{IdList, default_ids, id_file, running},
    instances::Call,
    leftovers,
    schedule::TestSource,
    supervise::supervisor::Supervisor,
};

impl Supervisor {
    /// Starts a process that takes tests one by one.
    pub(in crate::supervise) fn start_incremental(&mut self, nth: usize) {
        let suite = &self.plan.suite;
        let worker = &self.slots[nth].worker;
        let is_elsewhere = self.instances.is_elsewhere(suite, &worker.instance);
        let line = running::<String>(suite, &self.plan.arguments, None);
        let line = self.line_on_instance(nth, &line, "", is_elsewhere);
        let name = worker.name.clone();
        let mut command = match is_elsewhere {
            // Packets go to its standard input, which a terminal would change.
            true => self.shell(&line, Some(nth)),
            false => self.command(&line, nth),
        };
        if self.listing.worker == Some(nth) {
            command.env("SUBUNIT_LISTS", "1");
        }
        let artifacts = if is_elsewhere { None } else { self.give_folder(&mut command) };
        match self.spawn_with_feed(&name, command, is_elsewhere) {
            Ok((input, feed)) => {
                let keeps_stdin = self.plan.keeps_stdin || !matches!(feed, Feed::Pipe(_));
                self.put_process(nth, input, feed, keeps_stdin).artifacts = artifacts;
            }
            Err(reason) => {
                self.slots[nth].is_done = true;
                if let Some(reason) = reason {
                    self.fail_run("(worker)", &format!("worker {name}: {reason}\n"));
                }
            }
        }
    }

    /// Starts a command that takes tests through a descriptor or, on an instance, in packets. An error
    /// without a reason is in the stream already.
    fn spawn_with_feed(
        &mut self,
        name: &str,
        mut command: Command,
        is_elsewhere: bool,
    ) -> Result<(InputId, Feed), Option<io::Error>> {
        let Self { processes, result_slot: results, .. } = self;
        let Some(slot) = self.test_slot.as_mut().filter(|_| !is_elsewhere) else {
            let input = spawn(processes, results, name, command, false)?;
            return Ok((input, Feed::Packets));
        };
        let pipe = slot.open().map_err(Some)?;
        pipe.tell(&mut command);
        let input = spawn(processes, results, name, command, self.plan.pty)?;
        Ok((input, pipe.into_feed().map_or(Feed::Ended(None), Feed::Pipe)))
    }

    fn put_process(
        &mut self,
        nth: usize,
        input: InputId,
        feed: Feed,
        keeps_stdin: bool,
    ) -> &mut WorkerProcess {
        self.processes.expect_live(input);
        if !keeps_stdin {
            self.processes.close_stdin(input);
        }
        let process = WorkerProcess::new(input, feed, self.elapsed());
        self.slots[nth].process.insert(process)
    }

    /// Starts a process with the list of this worker.
    pub(in crate::supervise) fn start_list(&mut self, nth: usize) {
        let list = self.take_list(nth);
        let first = list.first();
        self.slots[nth].attempt = first.map_or(1, |test_id| self.retries.attempt(test_id));
        match self.spawn_list(nth, Some(&list)) {
            Ok(process) => list.into_iter().for_each(|test_id| process.leases.add(test_id)),
            Err(why) => {
                self.never_run(nth, &list, &why);
                let slot = &mut self.slots[nth];
                slot.is_done = true;
                self.queue.gone(&slot.worker);
            }
        }
    }

    /// Starts a process that runs all tests, whatever they are.
    pub(in crate::supervise) fn start_all(&mut self, nth: usize) {
        let ids = default_ids(&self.plan.suite);
        match self.spawn_list(nth, ids.as_deref()) {
            Ok(process) => process.takes_all = true,
            Err(why) => {
                self.slots[nth].is_done = true;
                self.fail_run("(worker)", &format!("the tests cannot be run: {why}\n"));
            }
        }
    }

    /// The tests of a list that find the variables of the first one. The others are for the next process.
    fn take_list(&mut self, nth: usize) -> Vec<String> {
        let list = mem::take(&mut self.slots[nth].list);
        let Some(first) = list.first() else { return list };
        let environment = self.settings.of(first).environment;
        let fits = |test_id: &String| self.settings.of(test_id).environment == environment;
        let (now, later) = list.into_iter().partition(fits);
        let slot = &mut self.slots[nth];
        (slot.environment, slot.list) = (environment, later);
        now
    }

    /// Starts a command with a list, or with none. An error says why it cannot be.
    fn spawn_list(
        &mut self,
        nth: usize,
        list: Option<&[String]>,
    ) -> Result<&mut WorkerProcess, String> {
        let run = self.plan.run.uuid();
        let id_file = list.map(|list| write_ids(run, list)).transpose();
        let id_file =
            id_file.map_err(|error| format!("the file of its ids cannot be written: {error}"))?;
        let path = id_file.as_deref().map(Path::to_string_lossy).unwrap_or_default().into_owned();
        let (suite, worker) = (&self.plan.suite, &self.slots[nth].worker);
        let is_elsewhere = self.instances.is_elsewhere(suite, &worker.instance);
        let there = self.instances.id_path(&worker.instance, &path);
        let ids = list.map(|ids| IdList { file: &there, ids });
        let line = running(suite, &self.plan.arguments, ids);
        let line = self.line_on_instance(nth, &line, &path, false);
        let mut command = self.command(&line, nth);
        let artifacts = if is_elsewhere { None } else { self.give_folder(&mut command) };
        let (name, pty) = (&self.slots[nth].worker.name, self.plan.pty);
        let input = spawn(&mut self.processes, &mut self.result_slot, name, command, pty);
        let input = input.map_err(|_| "its worker could not be started".to_owned())?;
        let keeps_stdin = self.plan.keeps_stdin;
        let process = self.put_process(nth, input, Feed::List, keeps_stdin);
        (process._id_file, process.artifacts) = (id_file, artifacts);
        Ok(process)
    }
}

impl Supervisor {
    /// A line for `sh` that runs a command where this worker runs.
    fn line_on_instance(
        &self,
        nth: usize,
        line: &str,
        id_file: &str,
        takes_packets: bool,
    ) -> String {
        let slot = &self.slots[nth];
        let told = self.with_environment(Command::new("sh"), Some(nth));
        let text = |text: &OsStr| text.to_string_lossy().into_owned();
        let variable = |(name, value): (&OsStr, Option<&OsStr>)| Some((text(name), text(value?)));
        let environment: Vec<_> = told.get_envs().filter_map(variable).collect();
        let environment = &environment[..];
        let is_suspect = slot.fruitless > 0 || slot.has_lost_process;
        let is_console = self.plan.suite.console;
        let call = Call { line, id_file, takes_packets, is_console, environment, is_suspect };
        self.instances.line(&self.plan.suite, &slot.worker.instance, &call)
    }
}

/// Starts a command that may write results beside its output; on a terminal of its own if `pty`. An error
/// without a reason is in the stream already.
pub(in crate::supervise) fn spawn(
    processes: &mut Processes,
    results: &mut Option<ResultSlot>,
    name: &str,
    mut command: Command,
    pty: bool,
) -> Result<InputId, Option<io::Error>> {
    let (pipe, ours) = results.as_mut().map(ResultSlot::open).transpose().map_err(Some)?.unzip();
    match &pipe {
        Some(pipe) => pipe.tell(&mut command),
        // That of a run around this one is not meant.
        None => _ = command.env_remove(RESULT_FD),
    }
    let mut spawn = Spawn::new(command);
    if let Some(ours) = ours {
        spawn = spawn.with_results(ours);
    }
    if pty {
        spawn = spawn.on_terminal(TERMINAL);
    }
    processes.spawn(name, spawn).map_err(|_| None)
}

/// Columns and rows of the terminals of workers.
const TERMINAL: (u16, u16) = (80, 24);

/// A file of ids, one a line.
fn write_ids(run: &str, list: &[String]) -> io::Result<TempPath> {
    let mut file = tempfile::Builder::new().prefix(&leftovers::ids(run)).tempfile()?;
    file.write_all(id_file(list).as_bytes())?;
    Ok(file.into_temp_path())
}
