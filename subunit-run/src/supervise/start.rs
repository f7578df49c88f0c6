//! Starts the processes of workers.

use std::{
    collections::HashMap,
    io::{self, Write},
    process::Command,
};

use subunit_mux::{InputId, process::Spawn};

use super::{
    Plan, Supervisor,
    hand::{Feed, Leases, Process},
    prompt::OpenLine,
};
use crate::{
    config::command::{Ids, id_file, on_instance, running},
    processes::{RUNS, runs_with},
};

/// A line for `sh -c`, in the folder and with the variables of the suite.
pub(super) fn shell(line: &str, plan: &Plan) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(&plan.folder).envs(&plan.suite.environment);
    command
}

impl Supervisor {
    /// The variables that tests find.
    pub(super) fn set_environment(&self, command: &mut Command, nth: Option<usize>) {
        command.env("SUBUNIT_RUN_ID", self.plan.run.uuid());
        command.env(RUNS, runs_with(self.plan.run.uuid()));
        command.env("SUBUNIT_WORKERS", self.hands.len().to_string());
        // Python would keep what it prints until a block of a pipe is full.
        for (name, value) in [("PYTHONUNBUFFERED", "1"), ("PYTHONFAULTHANDLER", "1")] {
            if std::env::var_os(name).is_none() && !self.plan.suite.environment.contains_key(name) {
                command.env(name, value);
            }
        }
        let Some(nth) = nth else { return };
        let name = &self.hands[nth].worker.name;
        let outer = std::env::var("SUBUNIT_ROUTE").ok().filter(|route| !route.is_empty());
        let route = outer.map_or_else(|| name.clone(), |outer| format!("{outer}/{name}"));
        command.env("SUBUNIT_WORKER", nth.to_string()).env("SUBUNIT_ROUTE", route);
    }

    /// Starts a process that takes tests one by one.
    pub(super) fn start_incremental(&mut self, nth: usize) {
        let suite = &self.plan.suite;
        let line = running::<String>(suite, &self.plan.arguments, None);
        let instance = self.hands[nth].worker.instance.clone();
        let elsewhere = suite.instance_execute.is_some();
        let line = if elsewhere { on_instance(suite, &instance, "", &line) } else { line };
        let mut command = shell(&line, &self.plan);
        self.set_environment(&mut command, Some(nth));
        let name = self.hands[nth].worker.name.clone();
        match self.spawn_with_feed(&name, command, elsewhere) {
            Ok((input, feed)) => {
                self.processes.expect_live(input);
                if matches!(feed, Feed::Pipe(_)) && !self.plan.keeps_stdin {
                    self.processes.close_stdin(input);
                }
                self.hands[nth].process = Some(Process::new(input, feed, self.elapsed()));
            }
            Err(reason) => {
                self.hands[nth].is_done = true;
                if let Some(reason) = reason {
                    self.fail("(worker)", false, &format!("worker {name}: {reason}\n"));
                }
            }
        }
    }

    /// Starts a command that takes tests through a descriptor or, `elsewhere`, in packets. An error without
    /// a reason is one that the stream has told of.
    fn spawn_with_feed(
        &mut self,
        name: &str,
        mut command: Command,
        elsewhere: bool,
    ) -> Result<(InputId, Feed), Option<io::Error>> {
        let Some(slot) = self.slot.as_mut().filter(|_| !elsewhere) else {
            let input = self.processes.spawn(name, Spawn::new(command)).map_err(|_| None)?;
            return Ok((input, Feed::Packets));
        };
        let pipe = slot.open().map_err(Some)?;
        pipe.tell(&mut command);
        let input = self.processes.spawn(name, Spawn::new(command)).map_err(|_| None)?;
        Ok((input, pipe.into_feed().map_or(Feed::Ended(None), Feed::Pipe)))
    }

    /// Starts a process with the list of this worker.
    pub(super) fn start_list(&mut self, nth: usize) {
        let list = std::mem::take(&mut self.hands[nth].list);
        let ids = match ids_in_file(&list) {
            Ok(file) => file,
            Err(error) => {
                let why = format!("the file of its ids cannot be written: {error}");
                self.never_run(nth, &list, &why);
                self.hands[nth].is_done = true;
                return;
            }
        };
        let suite = &self.plan.suite;
        let path = ids.to_string_lossy().into_owned();
        let line = running(suite, &self.plan.arguments, Some(Ids { file: &path, ids: &list }));
        let instance = &self.hands[nth].worker.instance;
        let line = match &suite.instance_execute {
            Some(_) => on_instance(suite, instance, &path, &line),
            None => line,
        };
        let mut command = shell(&line, &self.plan);
        self.set_environment(&mut command, Some(nth));
        let name = self.hands[nth].worker.name.clone();
        let started = self.processes.spawn(&name, Spawn::new(command));
        let Ok(input) = started else {
            self.never_run(nth, &list, "its worker could not be started");
            self.hands[nth].is_done = true;
            return;
        };
        let mut process = Process::new(input, Feed::List, self.elapsed());
        list.into_iter().for_each(|test_id| process.leases.add(test_id));
        process.keep_file(ids);
        self.processes.expect_live(input);
        if !self.plan.keeps_stdin {
            self.processes.close_stdin(input);
        }
        self.hands[nth].process = Some(process);
    }
}

/// A file of ids, one a line.
fn ids_in_file(list: &[String]) -> io::Result<tempfile::TempPath> {
    let mut file = tempfile::Builder::new().prefix("subunit-ids-").tempfile()?;
    file.write_all(id_file(list).as_bytes())?;
    Ok(file.into_temp_path())
}

impl Process {
    fn new(input: InputId, feed: Feed, now: std::time::Duration) -> Self {
        Self {
            input,
            feed,
            leases: Leases::default(),
            running: HashMap::new(),
            has_shown: false,
            heard: now,
            line: OpenLine::default(),
            asks_since: None,
            stopped: None,
            _ids: None,
        }
    }

    fn keep_file(&mut self, file: tempfile::TempPath) {
        self._ids = Some(file);
    }
}
