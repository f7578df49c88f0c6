//! One stream from several threads.

use std::sync::mpsc::{self, SyncSender};

use super::{CancelHandle, Flow, Sink};
use crate::{Damage, DamageBuf, Event, EventBuf, RouteCodeBuf};

/// Opens a channel that holds at most `bound` things. A sender that pushes more waits.
///
/// The receiver ends when the [`Channel`] and all its clones are gone.
pub fn channel(bound: usize) -> (Channel, Receiver) {
    let (sender, queue) = mpsc::sync_channel(bound);
    let stopped = CancelHandle::default();
    (Channel { sender, stopped: stopped.clone(), route: None }, Receiver { queue, stopped })
}

/// A sink whose clones are used by several threads. What they get arrives at one [`Receiver`], as whole
/// events, in order for each clone.
///
/// Asks to stop after the receiver's sink has, or after the receiver is gone. It ends when the last clone is
/// dropped; [`Sink::finish`] does nothing.
#[derive(Clone, Debug)]
pub struct Channel {
    sender: SyncSender<Message>,
    stopped: CancelHandle,
    route: Option<RouteCodeBuf>,
}

/// The receiving end of a [`channel`].
#[derive(Debug)]
pub struct Receiver {
    queue: mpsc::Receiver<Message>,
    stopped: CancelHandle,
}

#[derive(Debug)]
enum Message {
    Event(EventBuf),
    Text(Vec<u8>),
    Damage(DamageBuf),
}

impl Channel {
    /// A clone that puts `route` before the route code of every event.
    #[must_use]
    pub fn with_route(&self, route: RouteCodeBuf) -> Self {
        Self { route: Some(route), ..self.clone() }
    }

    fn send(&self, message: Message) -> Flow {
        match self.sender.send(message) {
            Ok(()) => self.stopped.or_stop(Flow::Continue),
            Err(_) => Flow::Break,
        }
    }
}

impl Sink for Channel {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let route = self.route.as_ref().map(|route| route.join(event.route_code));
        let route_code = route.as_ref().map(RouteCodeBuf::as_route).or(event.route_code);
        self.send(Message::Event(Event { route_code, ..*event }.to_buf()))
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.send(Message::Text(bytes.to_vec()))
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.send(Message::Damage(damage.into()))
    }
}

impl Receiver {
    /// Pushes all that arrives into `sink` until every sender is gone, then finishes it.
    ///
    /// If `sink` asks to stop, the senders are asked to stop. What they still push is taken, so that none of
    /// them is left waiting. Returns `Break` if `sink` ever did.
    pub fn drain(self, sink: &mut dyn Sink) -> Flow {
        for message in &self.queue {
            let flow = match message {
                Message::Event(event) => sink.event(&event.as_event()),
                Message::Text(bytes) => sink.text(&bytes),
                Message::Damage(damage) => sink.damage(&damage.as_damage()),
            };
            if flow.is_break() {
                self.stopped.cancel();
            }
        }
        sink.finish();
        self.stopped.or_stop(Flow::Continue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        RouteCode, Status,
        sink::{FailFast, Summary, testing::Log},
    };

    #[test]
    fn threads_share_one_stream_and_nothing_is_lost() {
        let (channel, receiver) = channel(4);
        std::thread::scope(|scope| {
            for worker in 0..4 {
                let mut channel = channel.with_route(RouteCodeBuf::new(worker.to_string()));
                scope.spawn(move || {
                    for _ in 0..100 {
                        channel.event(&Event::status("a", Status::InProgress));
                        channel.text(b"t");
                        channel.event(&Event::status("a", Status::Success));
                    }
                });
            }
            drop(channel);
            let mut summary = Summary::new();
            assert!(receiver.drain(&mut summary).is_continue());
            let counts = summary.counts();
            assert_eq!((counts.success, counts.unfinished, counts.text_bytes), (400, 0, 400));
        });
    }

    #[test]
    fn puts_its_route_in_front() {
        let (channel, receiver) = channel(4);
        let mut inner = channel.with_route(RouteCodeBuf::new("0"));
        let event = Event::status("a", Status::Success);
        inner.event(&event);
        inner.event(&Event { route_code: Some(RouteCode::new("1")), ..event });
        drop((channel, inner));
        let mut log = Log::default();
        receiver.drain(&mut log);
        assert_eq!(log.lines, ["0: a success", "0/1: a success", "finish"]);
    }

    #[test]
    fn a_sink_that_asks_to_stop_is_heard_by_the_senders() {
        let (mut channel, receiver) = channel(0);
        let sender = std::thread::spawn(move || {
            let mut pushed = 0;
            // With no room in the channel, the answer to the first failure is known two pushes on.
            while channel.event(&Event::status("a", Status::Fail)).is_continue() {
                pushed += 1;
            }
            pushed
        });
        assert!(receiver.drain(&mut FailFast::new(Log::default())).is_break());
        assert!(sender.join().unwrap() <= 2);
    }

    #[test]
    fn without_a_receiver_a_sender_is_asked_to_stop() {
        let (mut channel, receiver) = channel(1);
        drop(receiver);
        assert!(channel.text(b"t").is_break());
    }
}
