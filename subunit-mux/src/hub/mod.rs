//! The hub: inputs under route codes, and packets that are routed to them.

mod annotate;
mod clock;
mod coalesce;
mod control;
mod handed;
mod inbox;
mod input;
mod moment;
mod options;
mod outbox;
mod parallel;
mod queue;
mod report;
mod running;
mod silence;
mod state;
#[cfg(test)]
mod tests;
mod tried;

use std::time::Duration;

use subunit_core::{
    InputReader, PacketReader, RouteCodeBuf,
    sink::{Counts, Verdict},
};

use self::input::{Input, ReadOutput, ReadSide};
#[cfg(unix)]
pub(crate) use self::outbox::PIECE;
pub use self::{
    annotate::{Annotations, NEVER_RUN},
    inbox::Undelivered,
    input::{InputId, Stream},
    moment::Moment,
    options::Options,
    outbox::Outbox,
    report::{Report, ReportKind},
    running::{RunningTest, RunningTests},
    silence::Silence,
    state::Hub,
};
use crate::Ending;

/// Why an input cannot be attached under a name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// Each input has a route code of its own.
    #[error("there is an input `{0}` already")]
    Taken(String),
    /// A name is one short segment of a route code.
    #[error("`{0}` cannot name an input: at most 255 bytes, and neither `/` nor NUL")]
    Name(String),
}

impl Hub {
    /// The hub begins to run now. What its inputs do in this run cannot be earlier. Without this call, a
    /// clock that is behind is not noticed.
    pub fn begin(&mut self, now: Moment) {
        self.begun = self.begun.or(now.time);
    }

    /// The times of this input are those of a recording and stay, whatever it says of its clock. Only times
    /// before 1971, which are durations, are counted from its first event.
    pub fn keep_times(&mut self, id: InputId) {
        if let Some(input) = self.inputs.get_mut(&id) {
            input.clock.recorded = true;
        }
    }

    /// What this input tells happens as it arrives: a time before the hub began shows that its clock is
    /// behind.
    pub fn expect_live(&mut self, id: InputId) {
        if let Some(input) = self.inputs.get_mut(&id) {
            input.clock.live = true;
        }
    }

    /// A new input of packets and text, whose events get `name` in front of their route codes.
    ///
    /// # Errors
    ///
    /// If the name is taken or is not a segment of a route code.
    pub fn attach(&mut self, name: &str) -> Result<InputId, AttachError> {
        self.attach_reader(name, Box::new(PacketReader::new()))
    }

    /// As [`Hub::attach`], for an input in the format of `reader`.
    ///
    /// # Errors
    ///
    /// As [`Hub::attach`].
    pub fn attach_reader(
        &mut self,
        name: &str,
        reader: Box<dyn InputReader>,
    ) -> Result<InputId, AttachError> {
        if name.len() > 255 || name.contains(['/', '\0']) {
            return Err(AttachError::Name(name.into()));
        }
        if self.names.contains_key(name) {
            return Err(AttachError::Taken(name.into()));
        }
        let id = InputId(self.attached);
        self.attached += 1;
        self.names.insert(name.into(), id);
        self.inputs.insert(id, Input::new(RouteCodeBuf::new(name), reader));
        Ok(id)
    }

    /// Ends an input. What it left unsaid is written, and its name is free again.
    pub fn detach(&mut self, id: InputId, ending: Ending<'_>, now: Moment, out: &mut Outbox) {
        self.report_untold(id, out);
        self.with(id, now, out, |input, pass| input.finish(ending, pass));
        self.take_damage(id);
        let Some(mut input) = self.inputs.remove(&id) else { return };
        self.names.remove(input.route.as_route().as_str());
        let explained = input.handed.gave_back();
        self.broken |= matches!(ending, Ending::Broken { crashed, .. } if crashed || !explained);
        self.timed |= input.summary.has_times();
        self.verdict = Some(worse(self.verdict, input.summary.verdict_but_held()));
        self.tried.append(&mut input.tried);
        self.note_gone(input.route.as_route().as_str(), input.never_run);
        self.queue_again(input.handed.take_returned(), out);
        self.hand_out(out);
    }

    /// Takes bytes of an input.
    pub fn feed(
        &mut self,
        id: InputId,
        stream: Stream,
        bytes: &[u8],
        now: Moment,
        out: &mut Outbox,
    ) {
        match stream {
            Stream::Stdout => {
                if let Some(room) = self.space(id, bytes.len()) {
                    room[..bytes.len()].copy_from_slice(bytes);
                    self.filled(id, bytes.len(), now, out);
                }
            }
            Stream::Stderr => self.with(id, now, out, |input, pass| input.error_text(bytes, pass)),
        }
    }

    /// Room for `length` or more bytes of an input's standard output, to read into without a copy. Follow
    /// with [`Hub::filled`] and how many bytes came.
    pub fn space(&mut self, id: InputId, length: usize) -> Option<&mut [u8]> {
        self.inputs.get_mut(&id)?.output.space(length)
    }

    /// The first `length` bytes of [`Hub::space`] are the next of the input.
    pub fn filled(&mut self, id: InputId, length: usize, now: Moment, out: &mut Outbox) {
        self.filled_side(id, ReadSide::Output, length, now, out);
    }

    /// The input has a second output, beside its standard output, in the format of `reader`. What both say
    /// is said under the same name.
    pub fn add_results(&mut self, id: InputId, reader: Box<dyn InputReader>) {
        if let Some(input) = self.inputs.get_mut(&id) {
            input.results = Some(ReadOutput::new(reader));
        }
    }

    /// As [`Hub::space`], for the second output. `None` if there is none.
    pub fn results_space(&mut self, id: InputId, length: usize) -> Option<&mut [u8]> {
        self.inputs.get_mut(&id)?.side(ReadSide::Results)?.space(length)
    }

    /// As [`Hub::filled`], for [`Hub::results_space`].
    pub fn results_filled(&mut self, id: InputId, length: usize, now: Moment, out: &mut Outbox) {
        self.filled_side(id, ReadSide::Results, length, now, out);
    }

    fn filled_side(
        &mut self,
        id: InputId,
        side: ReadSide,
        length: usize,
        now: Moment,
        out: &mut Outbox,
    ) {
        self.with(id, now, out, |input, pass| input.filled(side, length, pass));
        self.take_damage(id);
        self.settle_tests(id, out);
    }

    /// Sets the time for what comes from upstream next.
    pub fn note_time(&mut self, now: Moment) {
        self.last = now;
    }

    /// Does what is due, such as to send text that has waited long enough.
    pub fn tick(&mut self, now: Moment, out: &mut Outbox) {
        let due = |input: &Input| input.due().is_some_and(|due| due <= now.elapsed);
        let ids: Vec<_> =
            self.inputs.iter().filter(|(_, input)| due(input)).map(|(id, _)| *id).collect();
        for id in ids {
            self.with(id, now, out, |input, pass| input.tick(pass));
            self.take_damage(id);
            let Some(input) = self.inputs.get_mut(&id) else { continue };
            let let_go = input.handed.tick(now.elapsed);
            self.let_go(id, let_go, Undelivered::TakesNoTests, out);
            self.settle_tests(id, out);
        }
    }

    /// When [`Hub::tick`] has something to do, by the clock of [`Moment::elapsed`].
    pub fn due(&self) -> Option<Duration> {
        self.inputs.values().filter_map(Input::due).min()
    }

    /// The tests of an input that have been running for `limit` and more, the longest first.
    /// Takes [`Options::watch_tests`].
    pub fn overdue(&mut self, id: InputId, limit: Duration, now: Moment) -> Vec<RunningTest> {
        let input = self.inputs.get_mut(&id);
        input.map_or_else(Vec::new, |input| input.running.overdue(limit, now.elapsed))
    }

    /// When to ask for overdue tests of an input.
    pub fn overdue_at(&self, id: InputId, limit: Duration) -> Option<Duration> {
        self.inputs.get(&id)?.running.due(limit)
    }

    /// All tests of an input that are running, the longest first. Takes [`Options::watch_tests`].
    pub fn running(&self, id: InputId, now: Moment) -> Vec<RunningTest> {
        let input = self.inputs.get(&id);
        input.map_or_else(Vec::new, |input| input.running.longest_first(now.elapsed))
    }

    /// What an input has said so far, in numbers.
    pub fn counts(&self, id: InputId) -> Option<Counts> {
        self.inputs.get(&id).map(|input| input.summary.counts())
    }

    /// How many packets from upstream matched no input.
    pub fn undelivered(&self) -> u64 {
        self.undelivered
    }

    /// What has happened that a person should know, since this was last asked.
    pub fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }

    /// What all inputs have said about the run. An input that broke makes it a failure.
    pub fn verdict(&self) -> Verdict {
        if self.broken {
            return Verdict::Failed;
        }
        let tried = self.inputs.values().flat_map(|input| &input.tried);
        let inputs = self.inputs.values().map(|input| input.summary.verdict_but_held());
        let verdicts = inputs.chain([tried::verdict(self.tried.iter().chain(tried))]);
        verdicts.fold(self.verdict.unwrap_or(Verdict::NoTests), |sum, next| worse(Some(sum), next))
    }
}

fn worse(one: Option<Verdict>, other: Verdict) -> Verdict {
    match (one, other) {
        (Some(Verdict::Failed), _) | (_, Verdict::Failed) => Verdict::Failed,
        (Some(Verdict::Passed), _) | (_, Verdict::Passed) => Verdict::Passed,
        _ => Verdict::NoTests,
    }
}
