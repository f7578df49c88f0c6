//! Streams in, a filter, its output: the one loop that all commands share.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use subunit_core::{
    Damage, Event, MAX_LENGTH, Packet, Writer,
    sink::{Flow, Sink, Summary, Verdict},
};

use crate::{
    console::{Console, Source},
    exit::{Error, Exit},
    formats::Format,
    front::{Front, Reading},
    style,
};

/// Which streams a command reads.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Inputs {
    /// See [`FromArg`].
    #[command(flatten)]
    pub format: FromArg,
    /// Files to read, one after the other; `-` is standard input, as is none at all
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Which format a command reads.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct FromArg {
    /// Read this format; `auto` finds it out, line by line
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "auto",
        hide_possible_values = true,
        value_parser = from_parser(),
        long_help = from_help()
    )]
    from: From,
}

impl FromArg {
    /// The format, unless it is to be found out.
    pub fn known(self) -> Option<Format> {
        match self.from {
            From::Auto => None,
            From::Format(format) => Some(format),
        }
    }
}

/// Which format an input has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum From {
    /// To be found out.
    #[default]
    Auto,
    /// Known beforehand.
    Format(Format),
}

fn from_parser() -> impl TypedValueParser<Value = From> {
    let names = Format::ALL.into_iter().map(Format::name);
    PossibleValuesParser::new(std::iter::once("auto").chain(names))
        .map(|word| word.parse().map_or(From::Auto, From::Format))
}

fn from_help() -> String {
    let names: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
    format!("Read this format; `auto` finds it out, line by line. Formats: {}", names.join(" "))
}

impl Inputs {
    /// Files of version 2 of subunit and of nothing else, as the traditional tools read them.
    pub fn subunit(files: Vec<PathBuf>) -> Self {
        Self::of(Format::Subunit, files)
    }

    /// Files of a format that is known.
    pub fn of(format: Format, files: Vec<PathBuf>) -> Self {
        Self { format: FromArg { from: From::Format(format) }, files }
    }

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

    /// How long the input may be silent before [`Filter::tick`] is called, again and again; never where
    /// there is none. For reports that show how time passes.
    fn pace(&self) -> Option<Duration> {
        None
    }

    /// The input has paused, or a block of it is done, or it has been silent for one more
    /// [`Filter::pace`]. What is written is flushed.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn tick(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        Ok(())
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

    /// Writes an event as a packet; as several where its content is too long for one.
    ///
    /// # Errors
    ///
    /// Those of the output; [`io::ErrorKind::InvalidInput`] where the event cannot be a packet.
    pub fn emit(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.packet.clear();
        if event.encode(&mut self.packet).is_ok() {
            return self.console.stdout.write_all(&self.packet);
        }
        Writer::with_limit(&mut self.console.stdout, MAX_LENGTH).event(event)
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
    run_through(filter, inputs, text, console)?;
    Ok(Exit::Passed)
}

/// As [`run_filter`], and gives the filter back, which knows what the exit status is.
///
/// # Errors
///
/// Where an input cannot be read or the output cannot be written.
pub fn run_through<F: Filter>(
    filter: F,
    inputs: &Inputs,
    text: TextArgs,
    console: &mut Console<'_>,
) -> Result<F, Error> {
    let mut out = Out { console, summary: None, no_text: text.no_text, packet: Vec::new() };
    drive(filter, inputs, &mut out)
}

/// As [`run_filter`], for one input of version 2 that is open, and gives the filter back; `name` is the input's, for
/// messages.
///
/// # Errors
///
/// Where the input cannot be read or the output cannot be written.
pub fn run_source<F: Filter>(
    mut filter: F,
    input: &mut dyn Source,
    name: &str,
    console: &mut Console<'_>,
) -> Result<F, Error> {
    let mut out = Out { console, summary: None, no_text: false, packet: Vec::new() };
    read(input, Some(Format::Subunit), &mut filter, Some(name), &mut out)?;
    filter.finish(&mut out)?;
    out.console.flush()?;
    Ok(filter)
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
    let (filter, summary) = run_aside(filter, &args.inputs, args.text, console)?;
    Ok(Exit::of(filter.verdict(&summary), args.allow_empty))
}

/// As [`run_report`], and gives the filter back, and what the streams have said: for commands that need
/// to know more than these streams.
///
/// # Errors
///
/// Where an input cannot be read or the output cannot be written.
pub fn run_aside<F: Filter>(
    filter: F,
    inputs: &Inputs,
    text: TextArgs,
    console: &mut Console<'_>,
) -> Result<(F, Summary), Error> {
    let summary = Some(Summary::new());
    let mut out = Out { console, summary, no_text: text.no_text, packet: Vec::new() };
    let filter = drive(filter, inputs, &mut out)?;
    Ok((filter, out.summary.unwrap_or_default()))
}

/// Reads the streams, pushes what they hold through the filter, flushes whenever the input pauses.
///
/// Memory: see [`Front`]; nothing is kept but what the filter keeps.
fn drive<F: Filter>(mut filter: F, inputs: &Inputs, out: &mut Out<'_, '_>) -> Result<F, Error> {
    for path in inputs.or_standard() {
        if path.as_os_str() != "-" {
            let name = path.display().to_string();
            let failed = |source| Error::Input { name: name.clone(), source };
            let mut file = File::open(path).map_err(failed)?;
            read(&mut file, inputs.format.known(), &mut filter, Some(&name), out)?;
            continue;
        }
        let again = || Error::Usage("standard input can be read only once".into());
        let mut input = out.console.stdin.take().ok_or_else(again)?;
        read(&mut *input, inputs.format.known(), &mut filter, None, out)?;
    }
    filter.finish(out)?;
    out.console.flush()?;
    Ok(filter)
}

/// How much is asked of an input at once.
const BLOCK: usize = 256 * 1024;

/// A live stream that stands still for so long has paused: what it ended with is whole.
const PAUSE: Duration = Duration::from_millis(20);

/// One that stands still for so long within a packet is looked through for intact packets.
const SILENCE: Duration = Duration::from_millis(200);

/// Reads one stream to its end; `name` is that of its file, for messages.
fn read(
    input: &mut dyn Source,
    format: Option<Format>,
    filter: &mut dyn Filter,
    name: Option<&str>,
    out: &mut Out<'_, '_>,
) -> Result<(), Error> {
    let mut front = Front::new(format);
    let places = Damaged { name, count: 0 };
    let mut pusher = Pusher { filter, out, places, failed: None };
    loop {
        if front.is_waiting() && !input.wait(PAUSE) {
            front.pause(&mut pusher);
            pusher.flush()?;
            if !pusher.wait(input, SILENCE)? {
                front.settle(&mut pusher);
                pusher.flush()?;
            }
        }
        pusher.idle(input)?;
        let read = match input.read(&mut front.space(BLOCK)[..BLOCK]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => {
                let name = name.unwrap_or("standard input").to_owned();
                return Err(Error::Input { name, source });
            }
            Ok(0) => break,
            Ok(read) => read,
        };
        front.filled(read, &mut pusher);
        // The input has paused, or a block is done: what is known is shown.
        pusher.flush()?;
    }
    let recognised = front.finish(&mut pusher);
    pusher.end(recognised)
}

/// Pushes what a [`Front`] reads through a filter, and keeps the first error.
struct Pusher<'p, 'o, 'c> {
    filter: &'p mut dyn Filter,
    out: &'p mut Out<'o, 'c>,
    places: Damaged<'p>,
    failed: Option<io::Error>,
}

impl Pusher<'_, '_, '_> {
    fn keep(&mut self, result: io::Result<()>) -> Flow {
        match result {
            Ok(()) if self.failed.is_none() => Flow::Continue(()),
            Ok(()) => Flow::Break(()),
            Err(error) => {
                self.failed.get_or_insert(error);
                Flow::Break(())
            }
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        if let Some(error) = self.failed.take() {
            return Err(error.into());
        }
        self.filter.tick(self.out)?;
        Ok(self.out.console.flush()?)
    }

    /// Waits for input, at most `time`, with the filter ticking. Whether there is some.
    fn wait(&mut self, input: &dyn Source, time: Duration) -> Result<bool, Error> {
        let mut left = time;
        loop {
            let step = self.filter.pace().map_or(left, |pace| pace.min(left));
            if input.wait(step) {
                return Ok(true);
            }
            left = left.saturating_sub(step);
            if left.is_zero() {
                return Ok(false);
            }
            self.flush()?;
        }
    }

    /// Waits for input with the filter ticking, if it wants to; else the read that follows waits.
    fn idle(&mut self, input: &dyn Source) -> Result<(), Error> {
        while let Some(pace) = self.filter.pace() {
            if input.wait(pace) {
                break;
            }
            self.flush()?;
        }
        Ok(())
    }

    fn end(mut self, recognised: bool) -> Result<(), Error> {
        self.places.finish(self.out)?;
        if !recognised && self.out.summary.is_some() {
            let message = "no test results found; looked for subunit, TAP, JUnit XML, JSON of go \
                           test, libtest, pytest-reportlog and CTRF, TeamCity messages and others: \
                           see --from";
            self.places.line(format_args!("{message}"), self.out)?;
        }
        self.flush()
    }
}

impl Sink for Pusher<'_, '_, '_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(summary) = &mut self.out.summary {
            let _ = summary.event(event);
        }
        let result = self.filter.event(event, None, self.out);
        self.keep(result)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        if let Some(summary) = &mut self.out.summary {
            let _ = summary.text(bytes);
        }
        let result = self.filter.text(bytes, self.out);
        self.keep(result)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        if let Some(summary) = &mut self.out.summary {
            let _ = summary.damage(damage);
        }
        let result =
            self.places.say(damage, self.out).and_then(|()| self.filter.damage(damage, self.out));
        self.keep(result)
    }
}

impl Reading for Pusher<'_, '_, '_> {
    fn packet(&mut self, packet: &Packet<'_>) {
        if let Some(summary) = &mut self.out.summary {
            let _ = summary.event(packet.event());
        }
        let result = self.filter.event(packet.event(), Some(packet), self.out);
        let _ = self.keep(result);
    }
}

/// Reports places of damage on standard error, but does not flood it.
pub(crate) struct Damaged<'n> {
    /// The stream's file.
    name: Option<&'n str>,
    count: u64,
}

impl Damaged<'_> {
    /// So many places of a stream are told one by one.
    pub(crate) const SHOWN: u64 = 100;

    /// What is said of a place of damage.
    pub(crate) fn message(damage: &Damage<'_>) -> String {
        let count = match damage.bytes.len() {
            1 => "1 byte".into(),
            length => format!("{length} bytes"),
        };
        format!("{damage}; {count} passed on")
    }

    fn say(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.count += 1;
        if self.count > Self::SHOWN {
            return Ok(());
        }
        self.line(format_args!("{}", Self::message(damage)), out)
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

#[cfg(test)]
mod tests;
