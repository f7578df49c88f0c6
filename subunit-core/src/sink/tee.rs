//! Copies one stream to several sinks.

use super::{Flow, Sink};
use crate::{Damage, Event, Item, Packet};

/// Copies everything to several sinks, in their order.
///
/// Every sink gets everything. Asks to stop as soon as one of them does. For sinks of several kinds, let `S`
/// be `&mut dyn Sink` or `Box<dyn Sink>`.
#[derive(Clone, Debug, Default)]
pub struct Tee<S> {
    sinks: Vec<S>,
}

impl<S: Sink> Tee<S> {
    /// Copies to `sinks`.
    pub fn new(sinks: impl IntoIterator<Item = S>) -> Self {
        Self { sinks: sinks.into_iter().collect() }
    }

    /// Returns the sinks.
    pub fn into_inner(self) -> Vec<S> {
        self.sinks
    }

    fn each(&mut self, mut push: impl FnMut(&mut S) -> Flow) -> Flow {
        let mut all = Flow::Continue;
        for sink in &mut self.sinks {
            if push(sink).is_break() {
                all = Flow::Break;
            }
        }
        all
    }
}

impl<S: Sink> Sink for Tee<S> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.each(|sink| sink.event(event))
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.each(|sink| sink.text(bytes))
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.each(|sink| sink.damage(damage))
    }

    fn finish(&mut self) {
        self.sinks.iter_mut().for_each(Sink::finish);
    }
}

/// Two sinks of different kinds: both get everything, the first one first. Asks to stop as soon as one of
/// them does.
impl<A: Sink, B: Sink> Sink for (A, B) {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        first_stop(self.0.event(event), self.1.event(event))
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        first_stop(self.0.packet(packet), self.1.packet(packet))
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        first_stop(self.0.text(bytes), self.1.text(bytes))
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        first_stop(self.0.damage(damage), self.1.damage(damage))
    }

    fn finish(&mut self) {
        self.0.finish();
        self.1.finish();
    }

    fn item(&mut self, item: &Item<'_>) -> Flow {
        first_stop(self.0.item(item), self.1.item(item))
    }
}

fn first_stop(one: Flow, other: Flow) -> Flow {
    if one.is_break() { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Status,
        sink::{FailFast, testing::Log},
    };

    #[test]
    fn all_get_all_of_it_though_one_asks_to_stop() {
        let (mut log, mut fast) = (Log::default(), FailFast::new(Log::default()));
        let mut tee = Tee::<&mut dyn Sink>::new([&mut fast as &mut dyn Sink, &mut log]);
        assert!(tee.event(&Event::status("a", Status::Fail)).is_break());
        assert!(tee.text(b"more").is_break());
        tee.finish();
        assert_eq!(log.lines, ["a fail", "text more", "finish"]);
        assert_eq!(fast.into_inner().lines, log.lines);
    }

    #[test]
    fn a_pair_gets_all_of_it_though_one_asks_to_stop() {
        let mut pair = (FailFast::new(Log::default()), Log::default());
        assert!(pair.event(&Event::status("a", Status::Fail)).is_break());
        assert!(pair.text(b"more").is_break());
        pair.finish();
        assert_eq!(pair.1.lines, ["a fail", "text more", "finish"]);
        assert_eq!(pair.0.into_inner().lines, pair.1.lines);
    }
}
