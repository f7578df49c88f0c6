//! Which calls a filter gets, and when.

use std::{
    cell::RefCell,
    io::{self, Read},
    rc::Rc,
    time::Duration,
};

use subunit_core::{Event, Packet, sink::Verdict};

use super::{heard::SILENCE, read::PAUSE, *};
use crate::{
    interrupts::{Interrupts, Signal},
    style::Look,
};

/// An input that is silent before each of its pieces, and counts how long it was waited for.
struct Silent {
    pieces: Vec<&'static [u8]>,
    silence: RefCell<Duration>,
    waited: Rc<RefCell<Vec<Duration>>>,
}

const SILENT: Duration = Duration::from_millis(450);

impl Read for Silent {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        *self.silence.borrow_mut() = SILENT;
        let piece = if self.pieces.is_empty() { &[][..] } else { self.pieces.remove(0) };
        buffer[..piece.len()].copy_from_slice(piece);
        Ok(piece.len())
    }
}

impl Source for Silent {
    fn wait(&mut self, time: Duration) -> bool {
        self.waited.borrow_mut().push(time);
        let mut silence = self.silence.borrow_mut();
        *silence = silence.saturating_sub(time);
        silence.is_zero()
    }
}

struct Ticking {
    tick_interval: Option<Duration>,
    seen: String,
}

impl Filter for Ticking {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.seen += event.test_id.unwrap_or_default();
        Ok(())
    }

    fn tick_interval(&self) -> Option<Duration> {
        self.tick_interval
    }

    fn tick(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        self.seen.push('.');
        Ok(())
    }
}

fn watched(tick_interval: Option<Duration>) -> (String, Vec<Duration>) {
    let waited = Rc::default();
    let pieces = vec![&b"ok 1 - a\n"[..], b"ok 2 - b\n1..2\n"];
    let silence = RefCell::new(SILENT);
    let input = Silent { pieces, silence, waited: Rc::clone(&waited) };
    let mut console = Console {
        name: "test".into(),
        stdin: Some(Box::new(input)),
        stdout: Box::new(io::sink()),
        stderr: Box::new(io::sink()),
        stdout_look: Look::default(),
        stderr_look: Look::default(),
        interrupts: Interrupts::default(),
        definitions: crate::console::Definitions::default(),
    };
    let summary = Some(Summary::new());
    let mut out = Out::new(&mut console, summary, false);
    let filter = Ticking { tick_interval, seen: String::new() };
    let filter = drive(filter, &Inputs::default(), &mut out).unwrap();
    (filter.seen, waited.take())
}

#[test]
fn a_filter_ticks_while_the_input_is_silent() {
    let (seen, waited) = watched(Some(Duration::from_millis(60)));
    // Seven times in the first silence and once after the first read; `a` comes with the pause, then
    // come the rest of the silence and the next read with `b`, and at last the end.
    assert_eq!(seen, "........a........b..........");
    let waited: Vec<u128> = waited.iter().map(Duration::as_millis).collect();
    let held = [20, 60, 60, 60, 20, 60, 60, 60, 60];
    assert_eq!(waited, [&[60; 8][..], &held, &held].concat());
}

#[test]
fn a_filter_that_does_not_tick_lets_the_read_wait() {
    let (_, waited) = watched(None);
    assert_eq!(waited, [PAUSE, SILENCE, PAUSE, SILENCE]);
}

/// Gives its pieces one by one; a signal comes with the first one.
struct Interrupted {
    pieces: Vec<&'static [u8]>,
    interrupts: Interrupts,
    signal: Signal,
}

impl Read for Interrupted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupts.raise(self.signal);
        let piece = self.pieces.remove(0);
        buffer[..piece.len()].copy_from_slice(piece);
        Ok(piece.len())
    }
}

impl Source for Interrupted {
    /// Silent after the last piece, without an end.
    fn wait(&mut self, _time: Duration) -> bool {
        !self.pieces.is_empty()
    }
}

/// The ids of the tests that were told, and how the run is judged.
fn interrupted(signal: Signal) -> (String, Verdict) {
    let interrupts = Interrupts::default();
    let pieces = vec![&b"1..2\nok 1 - a\n"[..], b"ok 2 - last\n"];
    let input = Interrupted { pieces, interrupts: interrupts.clone(), signal };
    let mut console = Console {
        name: "test".into(),
        stdin: Some(Box::new(input)),
        stdout: Box::new(io::sink()),
        stderr: Box::new(io::sink()),
        stdout_look: Look::default(),
        stderr_look: Look::default(),
        interrupts,
        definitions: crate::console::Definitions::default(),
    };
    let filter = Ticking { tick_interval: None, seen: String::new() };
    let inputs = Inputs::of(Format::Tap, vec!["-".into(), "no-such-file".into()]);
    let (filter, summary) =
        run_and_summarise(filter, &inputs, TextArgs::default(), &mut console).unwrap();
    (filter.seen.replace('.', ""), summary.counts().verdict())
}

#[test]
fn an_interrupt_ends_what_is_silent_and_is_never_green() {
    // Who writes the input was interrupted as well, and says what it has to say; a second input is not read.
    assert_eq!(interrupted(Signal::Interrupt), ("alast(interrupted)".into(), Verdict::Failed));
}

#[test]
fn a_request_to_end_is_not_put_off() {
    assert_eq!(interrupted(Signal::Terminate), ("aplan(interrupted)".into(), Verdict::Failed));
}
