//! A sink that another thread can make ask for the end of the run.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{Flow, Sink};
use crate::{Damage, Event};

/// Passes everything on. Asks to stop after its handle has cancelled it.
///
/// It passes on what is pushed after that as well: no event that happened is lost.
#[derive(Debug)]
pub struct Cancellable<S> {
    sink: S,
    handle: CancelHandle,
}

/// Cancels a [`Cancellable`], from any thread. Clones cancel the same one.
#[derive(Clone, Debug, Default)]
pub struct CancelHandle {
    cancelled: Arc<AtomicBool>,
}

impl CancelHandle {
    /// Asks for the end of the run. This cannot be undone.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
    }

    /// Whether it has been cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    pub(super) fn or_stop(&self, flow: Flow) -> Flow {
        if self.is_cancelled() { Flow::Break } else { flow }
    }
}

impl<S: Sink> Cancellable<S> {
    /// Wraps `sink`. Take the handle before you pass this on.
    pub fn new(sink: S) -> Self {
        Self { sink, handle: CancelHandle::default() }
    }

    /// A handle that cancels this.
    pub fn handle(&self) -> CancelHandle {
        self.handle.clone()
    }

    /// Returns the sink.
    pub fn into_inner(self) -> S {
        self.sink
    }
}

impl<S: Sink> Sink for Cancellable<S> {
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
    fn a_cancelled_sink_asks_to_stop_and_loses_nothing() {
        let mut sink = Cancellable::new(Log::default());
        let handle = sink.handle();
        assert!(sink.event(&Event::status("a", Status::InProgress)).is_continue());
        std::thread::spawn(move || handle.cancel()).join().unwrap();
        assert!(sink.event(&Event::status("a", Status::Success)).is_break());
        assert!(sink.text(b"t").is_break());
        assert_eq!(sink.into_inner().lines, ["a inprogress", "a success", "text t"]);
    }
}
