//! One input of a hub: what it says, and what is queued for it.

mod id;
mod outputs;
mod said;
mod state;
mod stream;

use std::time::Duration;

use subunit_core::{Event, InputReader, RouteCodeBuf, sink::Sink};

use self::said::Said;
pub use self::{id::InputId, stream::Stream};
pub(super) use self::{
    outputs::{ReadOutput, ReadSide},
    state::{Input, Pass},
};
use super::{coalesce::Post, handed::Test, silence::Silence};
use crate::ending::{Ending, broken, closed_tests, explained, failure};

impl Input {
    /// An output that is read, if there is one.
    pub(super) fn side(&mut self, side: ReadSide) -> Option<&mut ReadOutput> {
        match side {
            ReadSide::Output => Some(&mut self.output),
            ReadSide::Results => self.results.as_mut(),
        }
    }

    /// Takes what has been put into the space of a reader.
    pub(super) fn filled(&mut self, side: ReadSide, length: usize, pass: &mut Pass<'_>) {
        let Some(output) = self.side(side) else { return };
        output.heard = Some(pass.now.elapsed);
        output.silence = Silence::default();
        self.read(side, pass, |reader, said| reader.filled(length, said));
        if self.side(side).is_some_and(|output| !output.is_waiting()) {
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
        for side in [ReadSide::Output, ReadSide::Results] {
            while let Some(output) = self.side(side)
                && output.silence_due().is_some_and(|due| due <= now)
            {
                let mut silence = output.silence;
                output.silence = silence.next();
                self.read(side, pass, |reader, said| silence.tell(reader, said));
            }
        }
        if self.coalescer.due().is_some_and(|due| due <= now) {
            self.flush(pass);
        }
    }

    /// When [`Input::tick`] has something to do.
    pub(super) fn due(&self) -> Option<Duration> {
        let results = self.results.as_ref().and_then(ReadOutput::silence_due);
        let outputs = [self.output.silence_due(), results];
        let others = [self.coalescer.due(), self.handed.due()];
        outputs.into_iter().chain(others).flatten().min()
    }

    /// The end of the input.
    pub(super) fn finish(&mut self, ending: Ending<'_>, pass: &mut Pass<'_>) {
        for side in [ReadSide::Output, ReadSide::Results] {
            self.read(side, pass, |reader, said| _ = reader.finish(said));
        }
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

    /// Lets a reader push what it has read.
    fn read(
        &mut self,
        side: ReadSide,
        pass: &mut Pass<'_>,
        act: impl FnOnce(&mut dyn InputReader, &mut dyn Sink),
    ) {
        let Some(mut reader) = self.side(side).and_then(|output| output.reader.take()) else {
            return;
        };
        act(&mut *reader, &mut Said { input: self, pass });
        if let Some(output) = self.side(side) {
            output.reader = Some(reader);
        }
    }
}
