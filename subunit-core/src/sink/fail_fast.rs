//! Ends the run at its first failure.

use super::{Flow, Sink};
use crate::{Damage, Event, Status};

/// Passes everything on. Asks to stop from the first failure on (`fail` or `uxsuccess`).
///
/// It passes on what is pushed after that as well. A test that never ends is not a failure here, since only
/// the end of the run shows that.
#[derive(Clone, Debug)]
pub struct FailFast<S> {
    sink: S,
    failed: bool,
}

impl<S: Sink> FailFast<S> {
    /// Wraps `sink`. Nothing has failed yet.
    pub fn new(sink: S) -> Self {
        Self { sink, failed: false }
    }

    /// Whether something has failed.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// Returns the sink.
    pub fn into_inner(self) -> S {
        self.sink
    }

    fn or_stop(&self, flow: Flow) -> Flow {
        if self.failed { Flow::Break } else { flow }
    }
}

impl<S: Sink> Sink for FailFast<S> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.failed |= event.status.is_some_and(Status::is_failure);
        let flow = self.sink.event(event);
        self.or_stop(flow)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        let flow = self.sink.text(bytes);
        self.or_stop(flow)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        let flow = self.sink.damage(damage);
        self.or_stop(flow)
    }

    fn finish(&mut self) {
        self.sink.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::testing::Log;

    #[test]
    fn stops_at_a_failure_and_at_nothing_else() {
        for status in Status::ALL {
            let mut fast = FailFast::new(Log::default());
            let flow = fast.event(&Event::status("a", status));
            assert_eq!(flow.is_break(), status.is_failure(), "{status}");
            assert_eq!(fast.has_failed(), status.is_failure());
        }
    }

    #[test]
    fn a_failure_of_no_test_is_one_and_what_follows_is_passed_on() {
        let mut fast = FailFast::new(Log::default());
        assert!(fast.event(&Event { status: Some(Status::Fail), ..Event::default() }).is_break());
        assert!(fast.text(b"t").is_break());
        assert_eq!(fast.into_inner().lines, ["fail", "text t"]);
    }
}
