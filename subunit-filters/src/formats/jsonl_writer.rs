//! Writes JSON Lines: see [`jsonl`].

use std::io::{self, Write};

use subunit_core::{
    Damage, Event,
    sink::{Flow, Sink},
};

use super::{jsonl, output::Output};

/// Writes a line for each event, text and damage, in one write.
#[derive(Debug)]
pub struct JsonlWriter<W> {
    out: Output<W>,
    line: Vec<u8>,
}

impl<W: Write> JsonlWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out: Output::new(out), line: Vec::new() }
    }

    /// The output, or the first error there was with it. Nothing is written behind an error.
    pub fn into_result(self) -> io::Result<W> {
        self.out.into_result()
    }

    fn write(&mut self, push: impl FnOnce(&mut Vec<u8>)) -> Flow {
        self.line.clear();
        push(&mut self.line);
        self.out.write(&self.line);
        self.out.flow()
    }
}

impl<W: Write> Sink for JsonlWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.write(|line| jsonl::push_event(line, event))
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.write(|line| jsonl::push_text(line, bytes))
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.write(|line| jsonl::push_damage(line, damage))
    }
}
