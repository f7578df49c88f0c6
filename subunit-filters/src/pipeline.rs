//! Streams in, a filter, its output: the one loop that all commands share.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use subunit_core::{
    Damage, Decoder, Event, Item, Packet,
    sink::{Sink, Summary, Verdict},
};

use crate::{
    console::{Console, Source},
    exit::{Error, Exit},
    style,
};

/// Which streams a command reads.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Inputs {
    /// Files to read, one after the other; `-` is standard input, as is none at all
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

impl Inputs {
    /// The files; standard input where there is none.
    pub fn or_standard(&self) -> Vec<&Path> {
        if self.files.is_empty() {
            return vec![Path::new("-")];
        }
        self.files.iter().map(PathBuf::as_path).collect()
    }
}

/// What becomes of bytes outside packets.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct TextArgs {
    /// Drop bytes that belong to no packet, in place of passing them on
    #[arg(long)]
    pub no_text: bool,
}

/// The flags that all reports share.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ReportArgs {
    /// Exit with 0 where there was no test at all
    #[arg(long)]
    pub allow_empty: bool,
    /// See [`TextArgs`].
    #[command(flatten)]
    pub text: TextArgs,
    /// See [`Inputs`].
    #[command(flatten)]
    pub inputs: Inputs,
}

/// Reads a stream and makes something of it.
pub trait Filter {
    /// An event. `packet` is the packet it was read from, to be forwarded as it is; there is none for
    /// events that were read from another format.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()>;

    /// Bytes outside packets.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        out.text(bytes)
    }

    /// A place where a packet began and none could be read. Has been reported on standard error.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        out.text(damage.bytes)
    }

    /// All streams have ended.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn finish(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        Ok(())
    }

    /// What a report says about the run; the summary's verdict, unless the report knows better.
    fn verdict(&self, summary: &Summary) -> Verdict {
        summary.counts().verdict()
    }
}

/// Where a filter writes to.
pub struct Out<'o, 'c> {
    /// The streams and how they look.
    pub console: &'o mut Console<'c>,
    /// Where standard output carries a report: what the stream has said so far.
    pub summary: Option<Summary>,
    no_text: bool,
    packet: Vec<u8>,
}

impl Out<'_, '_> {
    /// Where a report goes.
    pub fn report(&mut self) -> &mut dyn Write {
        &mut self.console.stdout
    }

    /// Writes an event as it came, or as a packet where it came from another format.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn forward(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) -> io::Result<()> {
        match packet {
            Some(packet) => self.console.stdout.write_all(packet.bytes()),
            None => self.emit(event),
        }
    }

    /// Writes an event as a packet.
    ///
    /// # Errors
    ///
    /// Those of the output; [`io::ErrorKind::InvalidInput`] where the event cannot be a packet.
    pub fn emit(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.packet.clear();
        event
            .encode(&mut self.packet)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        self.console.stdout.write_all(&self.packet)
    }

    /// Passes on bytes that belong to no packet: in the stream, or beside a report.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn text(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.no_text {
            return Ok(());
        }
        match self.summary {
            None => self.console.stdout.write_all(bytes),
            Some(_) => style::pass_text(self.console.stderr_look, bytes, &mut self.console.stderr),
        }
    }
}

/// Runs a filter whose output is a stream: text stays in its place, and the exit status says nothing
/// about the tests.
///
/// # Errors
///
/// Where an input cannot be read or the output cannot be written.
pub fn run_filter(
    filter: impl Filter,
    inputs: &Inputs,
    text: TextArgs,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let mut out = Out { console, summary: None, no_text: text.no_text, packet: Vec::new() };
    drive(filter, inputs, &mut out)?;
    Ok(Exit::Passed)
}

/// Runs a filter whose output is a report: text goes to standard error, and the exit status is the
/// verdict.
///
/// # Errors
///
/// Where an input cannot be read or the output cannot be written.
pub fn run_report(
    filter: impl Filter,
    args: &ReportArgs,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let summary = Some(Summary::new());
    let mut out = Out { console, summary, no_text: args.text.no_text, packet: Vec::new() };
    let filter = drive(filter, &args.inputs, &mut out)?;
    let verdict = filter.verdict(&out.summary.unwrap_or_default());
    Ok(Exit::of(verdict, args.allow_empty))
}

/// Reads the streams, pushes what they hold through the filter, flushes whenever the input pauses.
///
/// Memory: see [`Decoder`]; nothing is kept but what the filter keeps.
fn drive<F: Filter>(mut filter: F, inputs: &Inputs, out: &mut Out<'_, '_>) -> Result<F, Error> {
    let mut stdin = out.console.stdin.take();
    for path in inputs.or_standard() {
        if path.as_os_str() != "-" {
            let name = path.display().to_string();
            let failed = |source| Error::Input { name: name.clone(), source };
            let mut file = File::open(path).map_err(failed)?;
            read(&mut file, &mut filter, Some(&name), out)?;
            continue;
        }
        let again = || Error::Usage("standard input can be read only once".into());
        let mut input = stdin.take().ok_or_else(again)?;
        read(&mut *input, &mut filter, None, out)?;
    }
    filter.finish(out)?;
    out.console.flush()?;
    Ok(filter)
}

/// How much is asked of an input at once.
const BLOCK: usize = 256 * 1024;

/// A live stream that stands still for so long within a packet is looked through for intact packets.
const PATIENCE: Duration = Duration::from_millis(200);

/// Reads one stream to its end; `name` is that of its file, for messages.
fn read(
    input: &mut dyn Source,
    filter: &mut impl Filter,
    name: Option<&str>,
    out: &mut Out<'_, '_>,
) -> Result<(), Error> {
    let mut decoder = Decoder::new();
    let mut places = Damaged { name, count: 0 };
    loop {
        if decoder.pending() > 0 && !input.wait(PATIENCE) {
            decoder.settle();
            push(&mut decoder, filter, &mut places, out)?;
            out.console.flush()?;
        }
        let read = match input.read(&mut decoder.space(BLOCK)[..BLOCK]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => {
                let name = name.unwrap_or("standard input").to_owned();
                return Err(Error::Input { name, source });
            }
            Ok(read) => read,
        };
        if read == 0 {
            decoder.finish();
        }
        decoder.filled(read);
        push(&mut decoder, filter, &mut places, out)?;
        if read == 0 {
            return Ok(places.finish(out)?);
        }
        // The input has paused, or a block is done: what is known is shown.
        out.console.flush()?;
    }
}

fn push(
    decoder: &mut Decoder,
    filter: &mut impl Filter,
    places: &mut Damaged<'_>,
    out: &mut Out<'_, '_>,
) -> io::Result<()> {
    while let Some(item) = decoder.next_item() {
        if let Some(summary) = &mut out.summary {
            let _ = summary.item(&item);
        }
        match item {
            Item::Packet(packet) => filter.event(packet.event(), Some(&packet), out)?,
            Item::Text(bytes) => filter.text(bytes, out)?,
            Item::Damage(damage) => {
                places.say(&damage, out)?;
                filter.damage(&damage, out)?;
            }
        }
    }
    Ok(())
}

/// Reports places of damage on standard error, but does not flood it.
struct Damaged<'n> {
    /// The stream's file.
    name: Option<&'n str>,
    count: u64,
}

impl Damaged<'_> {
    /// So many places of a stream are told one by one.
    const SHOWN: u64 = 100;

    fn say(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.count += 1;
        if self.count > Self::SHOWN {
            return Ok(());
        }
        let count = match damage.bytes.len() {
            1 => "1 byte".into(),
            length => format!("{length} bytes"),
        };
        self.line(format_args!("{damage}; {count} passed on"), out)
    }

    fn finish(&self, out: &mut Out<'_, '_>) -> io::Result<()> {
        match self.count.saturating_sub(Self::SHOWN) {
            0 => Ok(()),
            more => self.line(format_args!("and {more} more places of damage"), out),
        }
    }

    fn line(&self, message: std::fmt::Arguments<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        match self.name {
            Some(name) => out.console.say(format_args!("{name}: {message}")),
            None => out.console.say(message),
        }
    }
}
