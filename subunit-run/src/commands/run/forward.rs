//! Writes the stream of a run to standard output.

use std::io;

use subunit_core::{Event, Packet};
use subunit_filters::pipeline::{Filter, Out};

/// Writes all that it gets.
pub(super) struct ForwardStream;

impl Filter for ForwardStream {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        out.forward(event, packet)
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        out.report().write_all(bytes)
    }

    fn damage(
        &mut self,
        damage: &subunit_core::Damage<'_>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        out.report().write_all(damage.bytes)
    }
}
