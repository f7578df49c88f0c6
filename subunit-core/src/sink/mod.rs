//! Where events go. Python calls this `StreamResult`.
//!
//! Events, text and damage are pushed into a [`Sink`], in the order of the stream. Readers of all formats
//! push into sinks; reports are sinks; sinks that pass on to other sinks are combined like pipes.

mod cancel;
mod channel;
mod fail_fast;
mod flow;
mod open_tests;
mod record;
#[cfg(feature = "testing")]
pub(crate) mod recorded;
mod recorder;
mod router;
mod tagger;
mod tee;
mod test_index;
mod test_map;
#[cfg(test)]
pub(crate) mod testing;
mod timestamper;

pub use cancel::{CancelHandle, Cancellable};
pub use channel::{Channel, Receiver, channel};
pub use fail_fast::FailFast;
pub use flow::Flow;
pub(crate) use open_tests::OpenState;
pub use open_tests::{OpenTest, OpenTests};
pub use record::{Attachment, TestRecord};
pub use recorder::{Recorder, Records};
pub use router::Router;
pub use tagger::Tagger;
pub use tee::Tee;
pub use test_map::TestMap;
pub use timestamper::Timestamper;

pub use crate::run::{Counts, Summary, Verdict};
use crate::{Damage, Event, Item, Packet, conventions::ToldDamage};

/// Takes what a stream says, in its order.
pub trait Sink {
    /// Takes an event. It borrows from the input: copy what you need later.
    fn event(&mut self, event: &Event<'_>) -> Flow;

    /// Takes a packet as it came, for sinks that pass packets on. By default it is passed to another method:
    /// to [`Sink::event`], or to [`Sink::damage`] if a multiplexer reports damage of an input.
    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        match ToldDamage::of(packet.event()) {
            None => self.event(packet.event()),
            Some(told) => self.damage(&told.as_damage()),
        }
    }

    /// Takes bytes outside packets, cut anywhere.
    fn text(&mut self, _bytes: &[u8]) -> Flow {
        Flow::Continue
    }

    /// Takes a place where a packet began that could not be read.
    fn damage(&mut self, _damage: &Damage<'_>) -> Flow {
        Flow::Continue
    }

    /// Takes note of the end of the stream. Called once, after everything else.
    fn finish(&mut self) {}

    /// Takes an item of a stream, and calls one of the methods above. Damage that provably reported the end
    /// of a test is a failure of that test as well, see [`Damage::failure`].
    fn item(&mut self, item: &Item<'_>) -> Flow {
        match item {
            Item::Packet(packet) => self.packet(packet),
            Item::Text(bytes) => self.text(bytes),
            Item::Damage(damage) => {
                let flow = self.damage(damage);
                match damage.failure() {
                    Some(failure) if flow.is_continue() => self.event(&failure.as_event()),
                    _ => flow,
                }
            }
        }
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        (**self).event(event)
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        (**self).packet(packet)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        (**self).text(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        (**self).damage(damage)
    }

    fn finish(&mut self) {
        (**self).finish();
    }

    fn item(&mut self, item: &Item<'_>) -> Flow {
        (**self).item(item)
    }
}

impl<S: Sink + ?Sized> Sink for Box<S> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        (**self).event(event)
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        (**self).packet(packet)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        (**self).text(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        (**self).damage(damage)
    }

    fn finish(&mut self) {
        (**self).finish();
    }

    fn item(&mut self, item: &Item<'_>) -> Flow {
        (**self).item(item)
    }
}
