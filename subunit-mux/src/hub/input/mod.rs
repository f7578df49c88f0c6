//! One input of a hub: what it says, and what is queued for it.

mod id;
mod said;
mod state;
mod stream;

use std::time::Duration;

use subunit_core::{Event, InputReader, RouteCodeBuf, sink::Sink};

use self::said::Said;
pub(super) use self::state::{Input, Pass};
pub use self::{id::InputId, stream::Stream};
use super::{coalesce::Post, handed::Test, silence::Silence};
use crate::ending::{Ending, broken, closed_tests, explained, failure};

impl Input {
    /// Takes what has been put into the reader's space.
    pub(super) fn filled(&mut self, length: usize, pass: &mut Pass<'_>) {
        self.heard = Some(pass.now.elapsed);
        self.silence = Silence::default();
        self.read(pass, |reader, said| reader.filled(length, said));
        if !self.reader.is_waiting() {
            let found = pass.clock().and_then(|now| self.clock.paused(now));
            self.say_found(found, pass);
        }
    }

    /// Takes bytes of the error output.
    pub(super) fn error_text(&mut self, bytes: &[u8], pass: &mut Pass<'_>) {
        self.tail.take(bytes);
        self.text(Stream::Stderr, bytes, pass);
    }

    /// Does what is due: sends text, and handles silence within a packet.
    pub(super) fn tick(&mut self, pass: &mut Pass<'_>) {
        let now = pass.now.elapsed;
        while self.silence_due().is_some_and(|due| due <= now) {
            let mut silence = self.silence;
            self.silence = silence.next();
            self.read(pass, |reader, said| silence.tell(reader, said));
        }
        if self.coalescer.due().is_some_and(|due| due <= now) {
            self.flush(pass);
        }
    }

    /// When [`Input::tick`] has something to do.
    pub(super) fn due(&self) -> Option<Duration> {
        [self.coalescer.due(), self.silence_due(), self.handed.due()].into_iter().flatten().min()
    }

    /// When the reader must learn that nothing more has come.
    fn silence_due(&self) -> Option<Duration> {
        let heard = self.heard.filter(|_| self.reader.is_waiting())?;
        Some(heard + self.silence.due()?)
    }

    /// The end of the input.
    pub(super) fn finish(&mut self, ending: Ending<'_>, pass: &mut Pass<'_>) {
        self.read(pass, |reader, said| _ = reader.finish(said));
        let route = self.route.as_route();
        self.coalescer.finish(&mut Post { route, time: pass.text_time(), out: pass.out });
        let blamed = ending.cause().is_some_and(|cause| self.close_tests(cause, pass));
        for test in self.handed.leave(matches!(ending, Ending::Broken { .. })) {
            self.say_never_run(&test, ending.cause().unwrap_or("the input has ended"), pass);
        }
        if let Ending::Broken { cause, crashed } = ending {
            self.say_broken(cause, crashed && !blamed, pass);
        }
    }

    /// Fails a test that was addressed to this input and never ran.
    fn say_never_run(&mut self, test: &Test, cause: &str, pass: &mut Pass<'_>) {
        let tags = pass.annotations.never_run();
        let reason = format!("never run: {cause}\n");
        let route_code = test.below.as_ref().map(RouteCodeBuf::as_route);
        let event = failure(&test.id, reason.as_bytes());
        self.say(&Event { tags: Some(tags.as_tags()), route_code, ..event }, pass);
        self.never_run += 1;
    }

    /// Fails tests that have begun and can no longer end. Returns whether there were any.
    fn close_tests(&mut self, cause: &str, pass: &mut Pass<'_>) -> bool {
        let events = closed_tests(self.summary.open(), cause, &self.tail);
        for event in &events {
            self.say(&event.as_event(), pass);
        }
        !events.is_empty()
    }

    fn say_broken(&mut self, cause: &str, crashed: bool, pass: &mut Pass<'_>) {
        // Tests that it gave back are accounted for by the input that runs them.
        let explained = explained(&self.summary.counts()) || self.handed.gave_back();
        let event = broken(cause, explained && !crashed, &self.tail);
        self.say(&event.as_event(), pass);
    }

    /// Lets the reader push what it has read.
    fn read(&mut self, pass: &mut Pass<'_>, act: impl FnOnce(&mut dyn InputReader, &mut dyn Sink)) {
        let Some(mut reader) = self.reader.0.take() else { return };
        act(&mut *reader, &mut Said { input: self, pass });
        self.reader.0 = Some(reader);
    }
}
