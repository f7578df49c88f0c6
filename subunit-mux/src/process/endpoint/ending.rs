//! How an input ends, and what the stream says of that.

use subunit_core::{EventBuf, conventions::INTERRUPTED};

use super::{Endpoint, Kind, Unattached};
use crate::{
    Ending, Hub, Moment, Outbox, Stream,
    asides::{State, Worker},
    ending::{described, signal_of},
    process::HELD_OPEN,
};

impl Endpoint {
    /// Whether another process has its outputs open after its end.
    pub(in crate::process) fn is_held(&self) -> bool {
        self.has_open_output() && matches!(self.kind, Kind::Process { .. } | Kind::Leftover)
    }

    pub(in crate::process) fn is_leftover(&self) -> bool {
        matches!(self.kind, Kind::Leftover)
    }

    /// The outputs that another process holds open, to read further.
    pub(in crate::process) fn take_leftover(&mut self) -> Option<Unattached> {
        // What is not read to its end may still say more.
        if !self.has_open_output() {
            return None;
        }
        let (output, errors) = (self.output.take(), self.errors.take());
        let results = self.results.take();
        Some(Unattached {
            name: self.name.clone(),
            kind: Kind::Leftover,
            output,
            errors,
            results,
            input: None,
        })
    }

    /// What the stream tells programs as it starts or, with `ends`, as it ends. `None` if nothing runs, as
    /// for a file.
    pub(in crate::process) fn described(&self, by: &'static str, ends: bool) -> Option<EventBuf> {
        let stopped = self.stopping.as_ref().map(|stopping| (stopping.state(), &*stopping.why));
        let (pid, ended, over) = match &self.kind {
            Kind::Process { child, .. } => (Some(child.id()), child.status(), ""),
            Kind::Fifo => (None, None, "its last writer went away"),
            Kind::Connection => (None, None, "the connection ended"),
            Kind::File | Kind::Leftover => return None,
        };
        let worker = match (pid, ended) {
            _ if !ends => Worker::new(by, State::Started, pid),
            (Some(pid), ended) => {
                let status = ended.unwrap_or_default();
                Worker::of_process(by, pid, status, stopped)
            }
            (None, _) => {
                let (state, why) = stopped.unwrap_or((State::Ended, over));
                Worker::new(by, state, None).because(why)
            }
        };
        Some(worker.event(&self.name))
    }

    /// The end of it.
    pub(in crate::process) fn detach(
        self,
        by: &str,
        stopping: bool,
        hub: &mut Hub,
        now: Moment,
        out: &mut Outbox,
    ) {
        if self.is_held() {
            let told = format!("subunit {by}: {HELD_OPEN}\n");
            hub.feed(self.id, Stream::Stderr, told.as_bytes(), now, out);
        }
        let cause;
        let ending = match (&self.kind, &self.stopping) {
            (Kind::File, _) if !stopping => Ending::Read,
            (Kind::Process { child, .. }, stopped) => {
                let status = child.status().unwrap_or_default();
                let mut told = described(status);
                if let Some(stopped) = stopped {
                    told = format!("{}: {told}", stopped.why);
                }
                cause = told;
                let hung = stopped.is_some() && !stopping;
                if status.success() && !hung {
                    Ending::Gone { cause: &cause }
                } else {
                    Ending::Broken { cause: &cause, crashed: hung || signal_of(status).is_some() }
                }
            }
            (_, Some(stopped)) if !stopping => {
                Ending::Broken { cause: &stopped.why, crashed: true }
            }
            (Kind::File, _) | (_, Some(_)) => Ending::Gone { cause: INTERRUPTED },
            (Kind::Fifo, None) => Ending::Gone { cause: "its last writer went away" },
            (Kind::Leftover, None) => Ending::Gone { cause: "the command had ended" },
            (Kind::Connection, None) => Ending::Gone { cause: "the connection ended" },
        };
        hub.detach(self.id, ending, now, out);
    }
}
