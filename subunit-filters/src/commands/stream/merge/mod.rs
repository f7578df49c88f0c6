//! `subunit merge`: several streams as one, in the order of their times.

mod stream;

use std::{cmp::Reverse, collections::BinaryHeap, io::Write};

use subunit_core::Timestamp;

use self::stream::Stream;
use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::{destination::Writes, input::open},
    pipeline::{Inputs, TextArgs, told_in_stream},
};

/// Join streams in the order of their times
///
/// The earliest packet comes first; of two with the same time, the one of the stream named first. The order
/// within a stream stays: text and events without a time follow the event before them. Packets are written
/// byte for byte. All streams are open at once, with one block of each in memory.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Merge {
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    inputs: Inputs,
}

impl Command for Merge {
    const NAME: &'static str = "merge";
    const WRITES: Writes = Writes::Stream;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit merge worker-0.subunit worker-1.subunit > run.subunit
  $ subunit tags --add w0 worker-0.subunit | subunit merge - worker-1.subunit | subunit stats

Exit status: 0, or 2 if a stream cannot be read or written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.inputs.refuse_output()?;
        let merged = self.merge(console);
        told_in_stream(merged, console)?;
        Ok(Exit::Passed)
    }
}

impl Merge {
    fn merge(&self, console: &mut Console<'_>) -> Result<(), Error> {
        let mut streams = Vec::new();
        for path in self.inputs.or_standard() {
            let (input, name) = open(path, console)?;
            let name = Some(name).filter(|_| path.as_os_str() != "-");
            streams.push(Stream::new(input, name, self.inputs.format.known(), self.text.no_text));
        }
        merge(&mut streams, console)?;
        for stream in &streams {
            stream.finish(console)?;
        }
        Ok(console.flush()?)
    }
}

/// Writes the streams as one.
fn merge(streams: &mut [Stream<'_>], console: &mut Console<'_>) -> Result<(), Error> {
    /// What comes next of a stream: its time, and the stream's place among all, which decides ties.
    type Next = Reverse<(Timestamp, usize)>;
    let mut next: BinaryHeap<Next> = BinaryHeap::new();
    let mut seam = Seam::default();
    for (place, stream) in streams.iter_mut().enumerate() {
        seam.stream_changes(console)?;
        next.extend(run_on(stream, console, &mut seam)?.map(|time| Reverse((time, place))));
    }
    let mut last = streams.len().checked_sub(1);
    while let Some(Reverse((_, place))) = next.pop() {
        let Some(stream) = streams.get_mut(place) else { break };
        if last != Some(place) {
            seam.stream_changes(console)?;
        }
        last = Some(place);
        seam.write(stream.take(), console)?;
        next.extend(run_on(stream, console, &mut seam)?.map(|time| Reverse((time, place))));
    }
    Ok(())
}

/// Writes what has no time, up to what has one, of which the time is given; none at the stream's end.
fn run_on(
    stream: &mut Stream<'_>,
    console: &mut Console<'_>,
    seam: &mut Seam,
) -> Result<Option<Timestamp>, Error> {
    while let Some(time) = stream.peek(console)? {
        if time.is_some() {
            return Ok(time);
        }
        seam.write(stream.take(), console)?;
    }
    Ok(None)
}

/// Where two streams meet, the first may have stopped within a character, which would swallow the first
/// byte of the packet after it.
#[derive(Debug, Default)]
struct Seam {
    /// The last bytes that were written, up to three.
    tail: Vec<u8>,
}

impl Seam {
    fn write(&mut self, bytes: &[u8], console: &mut Console<'_>) -> Result<(), Error> {
        console.stdout.write_all(bytes)?;
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(3)..]);
        self.tail.drain(..self.tail.len().saturating_sub(3));
        Ok(())
    }

    /// Ends the line where the last character is not whole.
    fn stream_changes(&mut self, console: &mut Console<'_>) -> Result<(), Error> {
        let last = self.tail.iter().rposition(|byte| *byte >= 0xC0);
        let rest = last.and_then(|last| self.tail.get(last..)).unwrap_or_default();
        let cut = std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none());
        if cut { self.write(b"\n", console) } else { Ok(()) }
    }
}
