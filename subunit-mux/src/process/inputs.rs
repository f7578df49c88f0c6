//! Adds inputs, and removes them at their end.

use std::{io, os::unix::net::UnixStream, path::Path};

use super::{
    endpoint::{Endpoint, Side, Unattached},
    notice::{Notice, SpawnError},
    spawn::Spawn,
    state::Processes,
};
use crate::{
    Ending, InputId,
    asides::{State, Worker},
};

impl Processes {
    /// Starts a command. Its output is the input; it reads what it is sent on its standard input.
    ///
    /// # Errors
    ///
    /// If the name is taken, or the command cannot be started.
    pub fn spawn(&mut self, name: &str, command: Spawn) -> Result<InputId, SpawnError> {
        let grace = self.limits.grace;
        self.add(name, true, |name| Endpoint::spawn(command, name, grace))
    }

    /// Reads a file or a FIFO. It takes no input.
    ///
    /// # Errors
    ///
    /// If the name is taken, or the file cannot be opened.
    pub fn open(&mut self, name: &str, path: &Path) -> Result<InputId, SpawnError> {
        self.add(name, false, |name| Endpoint::open(path, name))
    }

    /// Takes a connection, such as one that came to a [`Listener`](super::Listener).
    ///
    /// # Errors
    ///
    /// If the name is taken.
    pub fn connect(&mut self, name: &str, stream: UnixStream) -> Result<InputId, SpawnError> {
        self.add(name, false, |name| Endpoint::connection(stream, name))
    }

    /// Adds an input. One that cannot be opened counts as broken.
    fn add(
        &mut self,
        name: &str,
        is_command: bool,
        make: impl FnOnce(&str) -> io::Result<Unattached>,
    ) -> Result<InputId, SpawnError> {
        let id = self.hub.attach_reader(name, self.readers.of(name))?;
        let added = match make(name) {
            Ok(endpoint) => {
                self.attach(endpoint, id);
                Ok(id)
            }
            Err(source) => {
                let done = if is_command { "started" } else { "opened" };
                let cause = format!("it could not be {done}: {source}");
                let ending = Ending::Broken { cause: &cause, crashed: true };
                let moment = self.moment();
                self.hub.detach(id, ending, moment, &mut self.out);
                if is_command {
                    let worker = Worker::new(self.by, State::Crashed, None).because(&cause);
                    self.say(&worker.event(name).as_event());
                }
                Err(SpawnError::Start { name: name.to_owned(), source })
            }
        };
        if self.control_ended {
            self.end_control();
        }
        added
    }

    fn attach(&mut self, endpoint: Unattached, id: InputId) {
        if endpoint.is_file() {
            self.hub.keep_times(id);
        }
        let endpoint = endpoint.under(id, self.moment().elapsed);
        if let Some(started) = endpoint.described(self.by, false) {
            self.say(&started.as_event());
            self.started += 1;
        }
        if endpoint.side(Side::Input).is_none() {
            // Nothing can be sent to a file, whatever it says of tests.
            self.hub.close_stdin(id, &mut self.out);
        }
        if endpoint.side(Side::Results).is_some() {
            self.hub.add_results(id, self.readers.of_results(&endpoint.name));
        }
        self.endpoints.push(endpoint);
    }

    /// Detaches inputs that have ended.
    pub(super) fn reap(&mut self) {
        let (moment, now) = (self.moment(), self.clock.now);
        let mut index = 0;
        while let Some(endpoint) = self.endpoints.get_mut(index) {
            endpoint.look(now);
            endpoint.drain(&self.limits, &mut self.hub, moment, &mut self.out, now);
            if endpoint.is_over() {
                let endpoint = self.endpoints.remove(index);
                self.end(endpoint);
            } else {
                index += 1;
            }
        }
        self.end_leftovers();
    }

    /// If nothing else is left, outputs that something holds open are not waited for.
    pub(super) fn end_leftovers(&mut self) {
        if !self.more_inputs && self.has_only_leftovers() {
            self.ready.clear();
            for endpoint in std::mem::take(&mut self.endpoints) {
                self.end(endpoint);
            }
        }
        let moment = self.moment();
        self.hub.expect_inputs(self.more_inputs, moment, &mut self.out);
    }

    /// Ends an input. While others continue, outputs that something it started holds open are read further.
    fn end(&mut self, mut endpoint: Endpoint) {
        let moment = self.moment();
        let stopping = self.stopping.is_some();
        let others = self.more_inputs || !self.has_only_leftovers();
        let reads_on = endpoint.is_held() && !endpoint.is_leftover() && others && !stopping;
        let leftover = if reads_on { endpoint.take_leftover() } else { None };
        let name = endpoint.name.clone();
        if endpoint.is_held() {
            self.notices.push(Notice::HeldOpen { name: name.clone() });
        }
        let ended = endpoint.described(self.by, true);
        let (input, status) = (endpoint.id, endpoint.status());
        endpoint.detach(self.by, stopping, &mut self.hub, moment, &mut self.out);
        if let Some(ended) = ended {
            self.say(&ended.as_event());
        }
        self.notices.push(Notice::Ended { input, name: name.clone(), status });
        if let Some(leftover) = leftover {
            // The name has just become free, and the outputs are open, so this does not fail.
            let _ = self.add(&name, false, |_| Ok(leftover));
        }
    }
}
