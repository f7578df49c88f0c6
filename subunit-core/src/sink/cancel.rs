//! A sink that can be told from elsewhere to ask for the run's end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{Flow, Sink};
use crate::{Damage, Event};

/// Passes all on and, once its handle has cancelled it, asks to stop.
///
/// What is pushed after that is passed on as well: no event that did happen is lost.
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
    /// Asks for the run's end, for good.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
    }

    /// Whether that was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    pub(super) fn or_stop(&self, flow: Flow) -> Flow {
        if self.is_cancelled() { Flow::Break } else { flow }
    }
}

impl<S: Sink> Cancellable<S> {
    /// Not cancelled yet. Take its handle before it goes where it is pushed into.
    pub fn new(sink: S) -> Self {
        Self { sink, handle: CancelHandle::default() }
    }

    /// What cancels this.
    pub fn handle(&self) -> CancelHandle {
        self.handle.clone()
    }

    /// Gives the sink back.
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
