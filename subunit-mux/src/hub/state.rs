//! The hub: its inputs, and what is known of all of them.

use std::collections::{BTreeMap, HashMap};

use subunit_core::{Decoder, Timestamp, sink::Verdict};

use super::{
    input::{Input, InputId, Pass},
    moment::Moment,
    options::Options,
    outbox::Outbox,
    parallel::ParallelInputs,
    queue::Queue,
    report::{Report, ReportKind},
    tried::Tried,
};

/// Joins many streams into one, and routes packets from upstream back to one of them.
///
/// ```
/// use subunit_core::{Event, Item, Status, items};
/// use subunit_mux::{Ending, Hub, Moment, Outbox, Stream};
///
/// let (mut hub, mut out, now) = (Hub::default(), Outbox::new(), Moment::default());
/// let worker = hub.attach("0")?;
/// let mut packet = Vec::new();
/// Event::status("test", Status::Success).encode(&mut packet)?;
/// hub.feed(worker, Stream::Stdout, &packet, now, &mut out);
/// hub.detach(worker, Ending::Read, now, &mut out);
/// let Some(Item::Packet(packet)) = items(out.as_bytes()).next() else { panic!() };
/// assert_eq!(packet.event().route_code.map(|route| route.as_str()), Some("0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Memory per input: what its reader keeps (a reader of packets: at most one incomplete packet, 4 MiB), 4
/// KiB of text, 1 MiB queued for it, and its tests in progress. Beside that: the ids of tests that were
/// requested and have not ended, and the outbox, which the driver empties before it feeds more, and a
/// second one of half its size.
#[derive(Debug, Default)]
pub struct Hub {
    pub(super) options: Options,
    pub(super) inputs: BTreeMap<InputId, Input>,
    pub(super) names: HashMap<String, InputId>,
    pub(super) attached: u64,
    /// What comes from upstream.
    pub(super) control: Decoder,
    pub(super) undelivered: u64,
    pub(super) reports: Vec<Report>,
    /// The verdict of inputs that have ended, without attempts that may be repeated elsewhere.
    pub(super) verdict: Option<Verdict>,
    /// These attempts.
    pub(super) tried: Vec<Tried>,
    pub(super) broken: bool,
    /// Whether an input that has ended gave times.
    pub(super) timed: bool,
    /// When it began to run, by the calendar.
    pub(super) begun: Option<Timestamp>,
    /// The last time that the driver passed in.
    pub(super) last: Moment,
    pub(super) queue: Queue,
    pub(super) parallel: ParallelInputs,
}

impl Hub {
    /// A hub without inputs.
    pub fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    pub(super) fn with(
        &mut self,
        id: InputId,
        now: Moment,
        out: &mut Outbox,
        act: impl FnOnce(&mut Input, &mut Pass<'_>),
    ) {
        self.last = now;
        let Some(input) = self.inputs.get_mut(&id) else { return };
        let Options { annotations, watch_tests } = &self.options;
        let begun = self.begun;
        act(input, &mut Pass { now, out, annotations, watch_tests: *watch_tests, begun });
    }

    /// Keeps a report until it is taken. The stream has it in any case.
    pub(super) fn report(&mut self, route_code: Option<String>, kind: ReportKind) {
        const REPORTS: usize = 10_000;
        if self.reports.len() < REPORTS {
            self.reports.push(Report { route_code, kind });
        }
    }

    pub(super) fn take_damage(&mut self, id: InputId) {
        let Some(input) = self.inputs.get_mut(&id) else { return };
        let found = std::mem::take(&mut input.found);
        let route = input.route.as_route().to_string();
        for kind in found {
            self.report(Some(route.clone()), kind);
        }
    }

    /// Whether the hub's own events have a time: if any input's have one.
    pub(super) fn is_timed(&self) -> bool {
        let times = |input: &Input| input.summary.has_times();
        self.options.annotations.timestamps || self.timed || self.inputs.values().any(times)
    }
}
