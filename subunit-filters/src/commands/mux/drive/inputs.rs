//! Which inputs there are: from the first to the last.

use std::io;

use subunit_mux::{
    Ending, Hub,
    asides::{State, Worker},
};

use super::{
    Driver,
    leaf::{BY, Leaf, Side, Unattached},
    listener::{Accepted, Listener},
};
use crate::exit::Error;

impl Driver<'_, '_, '_> {
    /// What is wrong with the names is said before anything is started.
    pub(super) fn check_names(&self) -> Result<(), Error> {
        let mut hub = Hub::default();
        let inputs = self.plan.commands.len() + self.plan.files.len();
        (0..inputs.max(self.plan.names.len())).try_for_each(|ordinal| {
            let named = hub.attach(&self.name(ordinal)).map(drop);
            named.map_err(|error| Error::Usage(error.to_string()))
        })
    }

    fn name(&self, ordinal: usize) -> String {
        self.plan.names.get(ordinal).cloned().unwrap_or_else(|| ordinal.to_string())
    }

    /// Adds an input under the next name. One that cannot be made is one that broke.
    pub(super) fn add(
        &mut self,
        make: impl FnOnce(&str) -> io::Result<Unattached>,
    ) -> Result<(), Error> {
        let name = self.name(self.named);
        self.named += 1;
        self.attach(&name, make)
    }

    fn attach(
        &mut self,
        name: &str,
        make: impl FnOnce(&str) -> io::Result<Unattached>,
    ) -> Result<(), Error> {
        let id = match self.hub.attach_reader(name, self.plan.readers.of(name)) {
            Ok(id) => id,
            // Names were checked; but a late connection's number may be an earlier input's name.
            Err(error) => return Ok(self.console.say(error)?),
        };
        match make(name) {
            Ok(leaf) => {
                if leaf.is_file() {
                    self.hub.keep_times(id);
                }
                let leaf = leaf.under(id, self.moment().elapsed);
                if let Some(started) = leaf.told(false) {
                    self.say(&started);
                    self.workers += 1;
                }
                if leaf.side(Side::Input).is_none() {
                    // Nothing can be told to a file, whatever it says of tests.
                    self.hub.close_stdin(id, &mut self.out);
                }
                self.leaves.push(leaf);
            }
            Err(error) => {
                let cause = format!("it could not be started: {error}");
                self.console.say(format_args!("{name}: {cause}"))?;
                let ending = Ending::Broken { cause: &cause, crashed: true };
                let moment = self.moment();
                self.hub.detach(id, ending, moment, &mut self.out);
                if self.named <= self.plan.commands.len() {
                    let worker = Worker::new(BY, State::Crashed, None).because(&cause);
                    self.say(&worker.event(name));
                }
            }
        }
        if self.deaf {
            self.hear_no_more();
        }
        Ok(())
    }

    /// How many connections are open.
    pub(super) fn clients(&self) -> usize {
        self.leaves.iter().filter(|leaf| leaf.is_client()).count()
    }

    pub(super) fn accept(&mut self) -> Result<(), Error> {
        let mut open = self.clients();
        while let Some(listener) = &mut self.listener
            && listener.has_room(open, self.now)
        {
            match listener.accept(self.now) {
                Ok(Accepted::Client(stream)) => {
                    open += 1;
                    self.connected += 1;
                    self.add(|name| Leaf::connection(stream, name))?;
                }
                Ok(Accepted::Nobody | Accepted::Full) => break,
                Err(error) => {
                    self.console.say(format_args!("a connection was not accepted: {error}"))?;
                    break;
                }
            }
            if self.plan.connections.is_some_and(|limit| self.connected >= limit) {
                self.listener = None;
            }
        }
        Ok(())
    }

    /// What came to its end is detached, and when nothing else is left, nobody is listened for.
    pub(super) fn reap(&mut self) -> Result<(), Error> {
        let moment = self.moment();
        let mut index = 0;
        while let Some(leaf) = self.leaves.get_mut(index) {
            leaf.look(self.now);
            leaf.drain(&self.plan.limits, &mut self.hub, moment, &mut self.out, self.now);
            if leaf.is_over() {
                let leaf = self.leaves.remove(index);
                self.end(leaf)?;
            } else {
                index += 1;
            }
        }
        let done = self.leaves.iter().all(Leaf::is_leftover);
        if done && !self.plan.commands.is_empty() || self.stopping.is_some() {
            self.listener = None;
        }
        if done && self.listener.is_none() {
            for leaf in std::mem::take(&mut self.leaves) {
                self.end(leaf)?;
            }
        }
        self.hub.expect_inputs(self.listener.is_some(), moment, &mut self.out);
        Ok(())
    }

    /// The end of an input. While others go on, what something that it started has to say is read on.
    fn end(&mut self, mut leaf: Leaf) -> Result<(), Error> {
        let moment = self.moment();
        let stopping = self.stopping.is_some();
        self.listener.iter_mut().for_each(Listener::go_on);
        let others = self.listener.is_some() || !self.leaves.iter().all(Leaf::is_leftover);
        let reads_on = leaf.is_held() && !leaf.is_leftover() && others && !stopping;
        let leftover = if reads_on { leaf.take_leftover() } else { None };
        if leaf.is_held() {
            self.held.push(leaf.name.clone());
        }
        let name = leaf.name.clone();
        let ended = leaf.told(true);
        leaf.detach(stopping, &mut self.hub, moment, &mut self.out);
        if let Some(ended) = ended {
            self.say(&ended);
        }
        match leftover {
            Some(leftover) => self.attach(&name, |_| Ok(leftover)),
            None => Ok(()),
        }
    }
}
