//! A gate that can be closed from elsewhere, to stop a run.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{Flow, Sink};
use crate::{Damage, Event};

/// Passes all on and, once its handle has closed it, asks to stop.
///
/// What is pushed after that is passed on as well: no event that did happen is lost.
#[derive(Debug)]
pub struct Gate<S> {
    sink: S,
    handle: GateHandle,
}

/// Closes a [`Gate`], from any thread. Clones close the same one.
#[derive(Clone, Debug, Default)]
pub struct GateHandle {
    closed: Arc<AtomicBool>,
}

impl GateHandle {
    /// Closes the gate. It cannot be opened again.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Whether the gate is closed.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn or_stop(&self, flow: Flow) -> Flow {
        if self.is_closed() { ControlFlow::Break(()) } else { flow }
    }
}

impl<S: Sink> Gate<S> {
    /// An open gate. Take its handle before it goes where it is pushed into.
    pub fn new(sink: S) -> Self {
        Self { sink, handle: GateHandle::default() }
    }

    /// What closes this gate.
    pub fn handle(&self) -> GateHandle {
        self.handle.clone()
    }

    /// Gives the sink back.
    pub fn into_inner(self) -> S {
        self.sink
    }
}

impl<S: Sink> Sink for Gate<S> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let flow = self.sink.event(event);
        self.handle.or_stop(flow)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        let flow = self.sink.text(bytes);
        self.handle.or_stop(flow)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        let flow = self.sink.damage(damage);
        self.handle.or_stop(flow)
    }

    fn finish(&mut self) {
        self.sink.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Status, sink::testing::Log};

    #[test]
    fn a_closed_gate_asks_to_stop_and_loses_nothing() {
        let mut gate = Gate::new(Log::default());
        let handle = gate.handle();
        assert!(gate.event(&Event::status("a", Status::InProgress)).is_continue());
        std::thread::spawn(move || handle.close()).join().unwrap();
        assert!(gate.event(&Event::status("a", Status::Success)).is_break());
        assert!(gate.text(b"t").is_break());
        assert_eq!(gate.into_inner().lines, ["a inprogress", "a success", "text t"]);
    }
}
