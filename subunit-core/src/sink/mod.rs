//! Where events go: what the Python world calls `StreamResult`.
//!
//! A [`Sink`] is pushed events, text and damage, in the order of the stream. Readers of all formats
//! push into sinks; reports are sinks; sinks that pass on to other sinks are put together like pipes.

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
    /// An event. It borrows from the input; keep what is needed later.
    fn event(&mut self, event: &Event<'_>) -> Flow;

    /// A packet as it came, for who passes packets on. Unless told otherwise it is what it says: an event, or
    /// damage that a multiplexer found in an input.
    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        match ToldDamage::of(packet.event()) {
            None => self.event(packet.event()),
            Some(told) => self.damage(&told.as_damage()),
        }
    }

    /// Bytes outside packets, cut anywhere.
    fn text(&mut self, _bytes: &[u8]) -> Flow {
        Flow::Continue
    }

    /// A place where a packet began and none could be read.
    fn damage(&mut self, _damage: &Damage<'_>) -> Flow {
        Flow::Continue
    }

    /// The stream has ended. Called once, after everything else.
    fn finish(&mut self) {}

    /// An item of a subunit stream: one of the above. Damage of which it is proved that it told the end
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
