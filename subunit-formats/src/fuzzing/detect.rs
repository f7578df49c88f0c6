//! Which format is it: any input through the reader that finds it out.

use subunit_core::{
    Damage, Event, InputReader, Packet,
    fuzzing::{Log, reads_the_same},
    sink::{Flow, Sink},
};

use crate::auto::AutoReader;

/// What the reader has pushed.
#[derive(Default)]
struct Pushed {
    log: Log,
    /// Whether all of it was text and damage.
    nothing_read: bool,
}

impl Sink for Pushed {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.nothing_read = false;
        self.log.event(event)
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        // A packet as it came need not have a place on the wire: its time may be after 2106.
        self.nothing_read = false;
        self.log.text(packet.bytes())
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.log.text(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.log.damage(damage)
    }
}

fn read(pieces: &[&[u8]], pause: bool) -> (Pushed, bool) {
    let mut reader = AutoReader::new(None);
    let mut pushed = Pushed { nothing_read: true, ..Pushed::default() };
    for piece in pieces {
        reader.space(piece.len())[..piece.len()].copy_from_slice(piece);
        reader.filled(piece.len(), &mut pushed);
        if pause {
            reader.pause(&mut pushed);
            reader.settle(&mut pushed);
        }
    }
    let recognised = reader.finish(&mut pushed);
    (pushed, recognised)
}

/// The same format and the same events however the input is cut; and where no format was found, all of
/// it is text and damage.
pub fn detect(input: &[u8]) {
    reads_the_same(input, |pieces| read(pieces, false).0.log);
    for pause in [false, true] {
        let [_, _, small, _] = subunit_core::fuzzing::cuts(input);
        let (pushed, recognised) = read(&small, pause);
        if !recognised {
            assert!(pushed.nothing_read, "recognised nothing and read something");
            assert_eq!(pushed.log.bytes(), input, "bytes vanished");
        }
    }
}
