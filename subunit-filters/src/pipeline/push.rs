//! Passes what is read to the filter, reports damage, and keeps the first error.

use std::{
    io,
    time::{Duration, Instant},
};

use subunit_core::{
    Damage, Event, InputReader, Packet,
    conventions::{STOPPED_RUN, ToldDamage},
    run::counted,
    sink::{Flow, Sink, Verdict},
};
use subunit_formats::{auto::AutoReader, events::emit::Outcome};

use super::{
    Filter, Out,
    heard::SILENCE,
    out::{CommandOutput, OutputContent},
};
use crate::{console::Source, consoles::Guess, exit::Error, interrupts::Signal};

/// A stream that is silent for this long within a packet is searched for intact packets.
const GIVE_UP: Duration = Duration::from_secs(5);

/// Pushes what a [`AutoReader`] reads through a filter, and keeps the first error.
pub(super) struct Pusher<'p, 'o, 'c> {
    pub(super) filter: &'p mut dyn Filter,
    pub(super) out: &'p mut Out<'o, 'c>,
    pub(super) places: Damaged<'p>,
    pub(super) failed: Option<io::Error>,
    /// Whose text this is, while nothing else has come.
    guess: Guess,
    is_text: bool,
    /// How many events had come before this input.
    before: u64,
}

impl<'p, 'o, 'c> Pusher<'p, 'o, 'c> {
    /// For one input, of this name.
    pub(super) fn new(
        filter: &'p mut dyn Filter,
        out: &'p mut Out<'o, 'c>,
        name: Option<&'p str>,
    ) -> Self {
        let before = out.summary.as_ref().map_or(0, |summary| summary.counts().events);
        let places = Damaged { name, count: 0 };
        Self { filter, out, places, failed: None, guess: Guess::default(), is_text: true, before }
    }
}

impl Pusher<'_, '_, '_> {
    fn keep(&mut self, result: io::Result<()>) -> Flow {
        match result {
            Ok(()) if self.failed.is_none() => Flow::Continue,
            Ok(()) => Flow::Break,
            Err(error) => {
                self.failed.get_or_insert(error);
                Flow::Break
            }
        }
    }

    /// An event, or damage that a multiplexer tells of by it.
    #[inline(always)]
    fn pass(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) -> Flow {
        if self.out.edit.is_none() {
            self.pass_as_is(event, packet)
        } else {
            self.pass_edited(event, packet)
        }
    }

    #[inline(never)]
    fn pass_edited(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) -> Flow {
        let mut edit = std::mem::take(&mut self.out.edit);
        let edited = edit.of(event);
        let packet = packet.filter(|_| edited == *event);
        let flow = self.pass_as_is(&edited, packet);
        self.out.edit = edit;
        flow
    }

    #[inline(always)]
    fn pass_as_is(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) -> Flow {
        if self.out.summary.is_some() {
            self.judge(event, packet)
        } else {
            self.pass_on(event, packet)
        }
    }

    /// Beside a report no stream is written, in which damage might be torn from its surroundings.
    #[inline(always)]
    fn judge(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) -> Flow {
        if let Some(summary) = &mut self.out.summary {
            summary.event(event);
            self.out.expected.note(event, summary);
        }
        let result = self.filter(event, packet);
        self.keep(result)
    }

    #[inline(never)]
    fn pass_on(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) -> Flow {
        self.out.begin();
        let result = match self.filter(event, packet) {
            Ok(()) => self.out.done(),
            result => result,
        };
        self.keep(result)
    }

    #[inline(always)]
    fn filter(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) -> io::Result<()> {
        match ToldDamage::of(event) {
            None => self.filter.event(event, packet, self.out),
            Some(told) => self.filter_damage(&told, event, packet),
        }
    }

    #[inline(never)]
    fn filter_damage(
        &mut self,
        told: &ToldDamage<'_>,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
    ) -> io::Result<()> {
        self.places.say(|| told.to_string(), self.out)?;
        self.filter.told_damage(&told.as_damage(), event, packet, self.out)
    }

    pub(super) fn flush(&mut self) -> Result<(), Error> {
        if let Some(error) = self.failed.take() {
            return Err(error.into());
        }
        self.filter.tick(self.out)?;
        Ok(self.out.console.flush()?)
    }

    /// Waits for input, at most `time`, with the filter ticking. Whether there is some.
    pub(super) fn wait(&mut self, input: &mut dyn Source, time: Duration) -> Result<bool, Error> {
        let since = Instant::now();
        let mut left = time;
        loop {
            let step =
                self.filter.tick_interval().map_or(left, |tick_interval| tick_interval.min(left));
            if input.wait(step) {
                return Ok(true);
            }
            left = match self.heed(input)? {
                // It may have come back early.
                true => time.saturating_sub(since.elapsed()),
                false => left.saturating_sub(step),
            };
            if left.is_zero() {
                return Ok(false);
            }
            self.flush()?;
        }
    }

    /// The input has paused: waits for more of it, and lets go what is held back for long. `held` is since when
    /// which bytes are.
    pub(super) fn fall_silent(
        &mut self,
        reader: &mut AutoReader,
        input: &mut dyn Source,
        held: &mut Option<(u64, Instant)>,
    ) -> Result<(), Error> {
        let waited = held.filter(|(offset, _)| Some(*offset) == reader.held());
        let waited = waited.map_or(Duration::ZERO, |(_, since)| since.elapsed());
        if waited.is_zero() {
            *held = reader.held().map(|offset| (offset, Instant::now()));
        }
        if self.wait(input, SILENCE.saturating_sub(waited))? {
            return Ok(());
        }
        // Where text is dropped, bytes that were let go would be lost if they are damage.
        let drops_text = self.out.no_text && self.out.summary.is_none();
        if !drops_text {
            reader.settle(self);
            self.flush()?;
        }
        let silent_since = Instant::now();
        while reader.held().is_some() && self.out.console.interrupts.heard().is_none() {
            if self.wait(input, SILENCE)? {
                return Ok(());
            }
            if silent_since.elapsed() >= GIVE_UP {
                reader.give_up(self);
                return self.flush();
            }
        }
        Ok(())
    }

    /// Waits for input, or a signal, with the filter ticking if it wants to; if neither is looked for, the
    /// read that follows waits.
    pub(super) fn idle(&mut self, input: &mut dyn Source) -> Result<(), Error> {
        /// A signal that comes between looking for it and waiting is heard after this time.
        const HEED: Duration = Duration::from_millis(250);
        loop {
            let has_aside = self.heed(input)?;
            let interrupts = &self.out.console.interrupts;
            let heed = (has_aside || interrupts.are_caught()).then_some(HEED);
            let steps = [self.filter.tick_interval(), heed];
            let Some(step) = steps.into_iter().flatten().min() else { return Ok(()) };
            if interrupts.heard().is_some() || input.wait(step) {
                return Ok(());
            }
            self.flush()?;
        }
    }

    /// Hears what the input has to say aside; whether it is one that may have.
    fn heed(&mut self, input: &mut dyn Source) -> Result<bool, Error> {
        let Some(said) = input.aside() else { return Ok(false) };
        if !said.is_empty() {
            self.filter.aside(&said, self.out)?;
        }
        Ok(true)
    }

    /// A signal has ended the reading: all that is made of the input says so.
    pub(super) fn interrupted(&mut self, signal: Signal) {
        let reason = format!("{}: stopped before the end", signal.name());
        Outcome::failure(STOPPED_RUN, &reason).push(self);
    }

    /// What a runner printed for people was read, and is green: only its exit status tells whether that is all.
    pub(super) fn say_status_unknown(&mut self, runner: &str) -> Result<(), Error> {
        let summary = self.out.summary.as_ref();
        let is_green = summary.is_some_and(|summary| summary.verdict() == Verdict::Passed);
        if is_green && !self.out.status_known {
            let unknown = format_args!(
                "the exit status of {runner} is unknown: `subunit run -- COMMAND` judges by it as well"
            );
            self.places.line(unknown, self.out)?;
        }
        Ok(())
    }

    pub(super) fn end(mut self, recognised: bool) -> Result<(), Error> {
        self.places.finish(self.out)?;
        if let CommandOutput::Standard(found) = &mut self.out.output {
            let events = self.out.summary.as_ref().map(|summary| summary.counts().events);
            *found = match recognised {
                false => OutputContent::Text,
                true if events == Some(self.before) => OutputContent::Nothing,
                true => OutputContent::Results,
            };
            self.out.guessed = self.guess.told();
            return self.flush();
        }
        if !recognised && self.out.summary.is_some() {
            const LOOKED_FOR: &str = "looked for subunit, TAP, JUnit XML, JSON of go test, libtest, \
                                      pytest-reportlog and CTRF, TeamCity messages and others: see --from";
            let told = self.guess.told().or_else(|| self.out.guessed.take());
            let told = told.as_deref().unwrap_or(LOOKED_FOR);
            self.places.line(format_args!("no test results found; {told}"), self.out)?;
        }
        self.flush()
    }
}

impl Sink for Pusher<'_, '_, '_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.pass(event, None)
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        self.pass(packet.event(), Some(packet))
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        if let Some(summary) = &mut self.out.summary {
            summary.text(bytes);
            self.is_text = self.is_text && summary.counts().events == self.before;
            if self.is_text {
                self.guess.text(bytes);
            }
        }
        if self.out.output == CommandOutput::Error {
            return Flow::Continue;
        }
        let result = self.filter.text(bytes, self.out);
        self.keep(result)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        if let Some(summary) = &mut self.out.summary {
            summary.damage(damage);
        }
        let dropped = self.out.no_text && self.out.summary.is_some();
        let becomes = if dropped { "dropped" } else { "passed on" };
        let said = self.places.say(|| Damaged::message(damage, becomes), self.out);
        let result = said.and_then(|()| self.filter.damage(damage, self.out));
        let flow = self.keep(result);
        // In a stream the next reader finds it again; a report is where it ends.
        match damage.failure() {
            Some(failure) if self.out.summary.is_some() => self.pass(&failure.as_event(), None),
            _ => flow,
        }
    }
}

/// Reports places of damage on standard error, but does not flood it.
pub(crate) struct Damaged<'n> {
    /// The stream's file.
    pub(super) name: Option<&'n str>,
    pub(super) count: u64,
}

impl Damaged<'_> {
    /// How many places of damage in a stream are reported one by one.
    pub(crate) const SHOWN: u64 = 100;

    /// What is said of a place of damage, and of what `becomes` of its bytes.
    pub(crate) fn message(damage: &Damage<'_>, becomes: &str) -> String {
        let count = match damage.length {
            1 => "1 byte".into(),
            length => format!("{length} bytes"),
        };
        format!("{damage}; {count} {becomes}")
    }

    fn say(&mut self, message: impl FnOnce() -> String, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.count += 1;
        if self.count > Self::SHOWN {
            return Ok(());
        }
        self.line(format_args!("{}", message()), out)
    }

    fn finish(&self, out: &mut Out<'_, '_>) -> io::Result<()> {
        match self.count.saturating_sub(Self::SHOWN) {
            0 => Ok(()),
            more => self.line(format_args!("and {} of damage", counted(more, "more place")), out),
        }
    }

    fn line(&self, message: std::fmt::Arguments<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        match self.name {
            Some(name) => out.console.say(format_args!("{name}: {message}")),
            None => out.console.say(message),
        }
    }
}
