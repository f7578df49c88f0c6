//! `subunit from-NAME`: how the row of a format becomes a command.

use std::{
    io,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use clap::Args;
use subunit_core::{Event, EventBuf, Packet, Status, Timestamp};
use subunit_formats::{Format, format::Told};

use crate::{
    cli::command::{Entry, named, of_matches},
    console::Console,
    exit::{Error, Exit},
    pipeline::{Filter, Inputs, Out, TextArgs, run_filter},
};

/// The flags of the commands that read a format.
///
/// Anything between the format's lines is passed through as text. Results that come through a pipe without a
/// time get that of their arrival; those of files have the times that the format names.
#[derive(Clone, Debug, Default, clap::Args)]
struct FormatArgs {
    #[command(flatten)]
    text: TextArgs,
    /// Files to read, in order; reads standard input if none is given, or for `-`
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// The verb of a format.
pub(in crate::commands) const fn entry(format: Format) -> Entry {
    Entry::of_format(format, definition, run)
}

fn definition(format: Format) -> clap::Command {
    let row = format.row();
    let about = format!("Make a stream from {}", row.title);
    let examples: String = row.examples.iter().map(|example| format!("  $ {example}\n")).collect();
    let last = format!("Examples:\n{examples}\n{EXIT}");
    let command = FormatArgs::augment_args(named(format.verb())).after_long_help(last);
    let command = match row.details {
        "" => command.long_about(None),
        details => command.long_about(format!("{about}\n\n{details}")),
    };
    command.about(about)
}

const EXIT: &str =
    "Exit status: 0, or 2 if an input cannot be read or the stream cannot be written.";

fn run(
    format: Format,
    matches: &clap::ArgMatches,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let FormatArgs { text, files } = of_matches(matches)?;
    let clock = match format.row().told {
        _ if !is_live(&files) => Clock::OfInput,
        Told::Afterwards => Clock::OfInput,
        // The days of its times are made up.
        Told::LiveDurations => Clock::Durations,
        Told::Live => Clock::Arrival,
    };
    let packets = Packets { clock, now: Timestamp::now, held: Vec::new() };
    run_filter(packets, &Inputs::of(format, files), text, console)
}

/// Whether what is read happens now: only standard input can, and only where it is no file.
fn is_live(files: &[PathBuf]) -> bool {
    files.iter().all(|file| file.as_os_str() == "-") && !stdin_is_file()
}

#[cfg(unix)]
fn stdin_is_file() -> bool {
    use std::os::fd::AsFd;
    let stdin = io::stdin();
    let copy = stdin.as_fd().try_clone_to_owned().map(std::fs::File::from);
    copy.and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.is_file())
}

#[cfg(not(unix))]
fn stdin_is_file() -> bool {
    false
}

/// Which times events get.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Clock {
    /// Those that they have.
    OfInput,
    /// That of their arrival, if they have none, or one that is no date.
    Arrival,
    /// That of their arrival, and tests begin so much earlier as theirs say they took.
    Durations,
}

/// Writes events as packets.
struct Packets {
    clock: Clock,
    now: fn() -> Option<Timestamp>,
    /// The beginning of a test, and what belongs to it, until it is known how long the test took. Readers
    /// push all of a test at once: this waits for no input.
    held: Vec<EventBuf>,
}

impl Filter for Packets {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        match self.clock {
            Clock::OfInput => out.forward(event, packet),
            // A packet in between knows its own time.
            _ if packet.is_some() && event.timestamp.is_some() => out.forward(event, packet),
            Clock::Arrival => {
                let date = event.timestamp.filter(|time| !time.is_relative());
                let timestamp = date.or_else(self.now);
                out.emit(&Event { timestamp, ..*event })
            }
            Clock::Durations => self.measured(event, out),
        }
    }

    fn tick(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let now = (self.now)();
        self.release(now, now, out)
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.tick(out)
    }
}

impl Packets {
    fn measured(&mut self, event: &Event<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        let now = (self.now)();
        let begins = event.status == Some(Status::InProgress) && event.timestamp.is_some();
        let first = self.held.first();
        let goes_on = first.is_some_and(|first| first.test_id.as_deref() == event.test_id);
        let start = first.and_then(|first| first.timestamp).filter(|_| goes_on && !begins);
        if begins || !goes_on {
            self.release(now, now, out)?;
        }
        let ends = event.status.is_some_and(Status::is_final);
        if begins || (goes_on && !ends) {
            self.held.push(event.to_buf());
            return Ok(());
        }
        let took = start.zip(event.timestamp).and_then(|(start, stop)| stop.since(start));
        self.release(took.and_then(|took| before(now?, took)).or(now), now, out)?;
        out.emit(&Event { timestamp: now, ..*event })
    }

    /// Writes what is held: the first event has the time `start`, the others `now`.
    fn release(
        &mut self,
        start: Option<Timestamp>,
        now: Option<Timestamp>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        for (nth, event) in self.held.drain(..).enumerate() {
            let timestamp = if nth == 0 { start } else { now };
            out.emit(&Event { timestamp, ..event.as_event() })?;
        }
        Ok(())
    }
}

fn before(time: Timestamp, duration: Duration) -> Option<Timestamp> {
    SystemTime::from(time).checked_sub(duration)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use subunit_core::{Decoder, Item};

    use super::*;
    use crate::{interrupts::Interrupts, style::Look};

    /// Ids, statuses and times of what is written of a pipe at the second 1000.
    fn arrived(clock: Clock, format: Format, input: &[u8]) -> Vec<(String, String)> {
        let mut stdout = Vec::new();
        let mut console = Console {
            name: "test".into(),
            stdin: Some(Box::new(input)),
            stdout: Box::new(&mut stdout),
            stderr: Box::new(io::sink()),
            stdout_look: Look::default(),
            stderr_look: Look::default(),
            interrupts: Interrupts::default(),
            definitions: crate::console::Definitions::default(),
        };
        let now = || Some(Timestamp::new(1000, 0));
        let packets = Packets { clock, now, held: Vec::new() };
        let inputs = Inputs::of(format, Vec::new());
        run_filter(packets, &inputs, TextArgs::default(), &mut console).unwrap();
        drop(console);
        let mut decoder = Decoder::new();
        decoder.feed(&stdout);
        decoder.finish();
        let mut found = Vec::new();
        while let Some(item) = decoder.next_item() {
            let Item::Packet(packet) = item else { panic!("{item:?}") };
            let event = packet.event();
            let what = event.status.map_or("file", Status::name);
            let time = event.timestamp.map(|time| time.since(Timestamp::new(0, 0)).unwrap());
            found.push((format!("{} {what}", event.test_id.unwrap_or("-")), format!("{time:?}")));
        }
        found
    }

    #[test]
    fn durations_end_where_a_test_arrives() {
        let input = b"1..2\nok 1 - a\n  ---\n  duration_ms: 1500\n  ...\nok 2 - b\n";
        let found = arrived(Clock::Durations, Format::Tap, input);
        let time = |what: &str| found.iter().filter(|(name, _)| name == what).collect::<Vec<_>>();
        assert_eq!(time("a inprogress")[0].1, "Some(998.5s)", "{found:?}");
        assert_eq!(time("a success")[0].1, "Some(1000s)");
        assert_eq!(time("b success")[0].1, "Some(1000s)");
        assert!(found.iter().all(|(_, time)| time != "None"));
        let made_up = arrived(Clock::OfInput, Format::Tap, input);
        assert_eq!(
            made_up.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            found.iter().map(|(name, _)| name).collect::<Vec<_>>()
        );
    }

    #[test]
    fn times_that_are_no_dates_are_those_of_arrival() {
        let input =
            b"##teamcity[testStarted name='a']\n##teamcity[testFinished name='a' duration='7']\n";
        let found = arrived(Clock::Arrival, Format::Teamcity, input);
        assert!(found.iter().all(|(_, time)| time == "Some(1000s)"), "{found:?}");
    }

    #[test]
    fn times_that_the_input_names_are_kept() {
        let input = b"{\"Time\":\"1971-01-01T00:00:07Z\",\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"}\n\
            {\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"U\"}\n";
        let found = arrived(Clock::Arrival, Format::Gojson, input);
        let success: Vec<_> = found.iter().filter(|(name, _)| name.ends_with("success")).collect();
        assert_eq!(
            (&*success[0].1, &*success[1].1),
            ("Some(31536007s)", "Some(1000s)"),
            "{found:?}"
        );
    }
}
