//! Tests that an input was handed, until each of them has ended.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use subunit_core::{EncodeError, Event, Packet, RouteCode, RouteCodeBuf, Status};

use super::{annotate::NEVER_RUN, inbox::Inbox};

/// For so long an input has time to say that it takes tests; and an input that begins none of those that it
/// was handed is taken for one that reads them all before it runs the first.
pub(super) const TIME_TO_SAY: Duration = Duration::from_secs(10);

/// What waits in an inbox is enough for a reader that has just begun to read again.
const ROOM: usize = 64 * 1024;

/// A test to run.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) id: Box<str>,
    /// Where it is to run, below the input.
    pub(super) below: Option<RouteCodeBuf>,
    /// What the input is told.
    packet: Box<[u8]>,
    /// Whether its route names the input. Others are for whoever is idle.
    addressed: bool,
    /// How many inputs broke that had been handed it.
    pub(super) deaths: u32,
}

impl Test {
    /// A test for whoever is idle.
    pub(super) fn free(packet: &Packet<'_>, id: &str) -> Result<Self, EncodeError> {
        Self::new(packet, id, None, false)
    }

    /// A test for one input, or for what lies below it.
    pub(super) fn addressed(
        packet: &Packet<'_>,
        id: &str,
        below: Option<RouteCode<'_>>,
    ) -> Result<Self, EncodeError> {
        Self::new(packet, id, below, true)
    }

    /// A test that the input hears of in another way.
    pub(super) fn known(id: &str) -> Self {
        Self { id: id.into(), below: None, packet: Box::default(), addressed: true, deaths: 0 }
    }

    fn new(
        packet: &Packet<'_>,
        id: &str,
        below: Option<RouteCode<'_>>,
        addressed: bool,
    ) -> Result<Self, EncodeError> {
        let mut bytes = Vec::new();
        packet.reroute(below, &mut bytes)?;
        let below = below.map(RouteCode::to_buf);
        Ok(Self { id: id.into(), below, packet: bytes.into(), addressed, deaths: 0 })
    }

    fn ran_at(&self, route: Option<RouteCode<'_>>) -> bool {
        match &self.below {
            None => true,
            Some(below) => route.is_some_and(|route| route.starts_with(below.as_route())),
        }
    }
}

/// Whether an input takes tests.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Takes {
    /// It has not said so, and nobody has asked.
    #[default]
    Unknown,
    /// Tests wait until then for it to say so.
    Awaited(Duration),
    Refused,
    Taken,
}

/// A test that an input was told to run.
#[derive(Debug)]
struct Told {
    /// In which order they were told.
    nth: u64,
    begun: bool,
    test: Test,
}

/// The tests of one input.
#[derive(Debug, Default)]
pub(super) struct Handed {
    takes: Takes,
    /// How many below it have said that they take tests.
    below: usize,
    /// Addressed to it and not told: there is no room, or it has not said that it takes tests.
    waiting: VecDeque<Test>,
    /// How many of these are for what lies below it: they need no word of the input itself.
    passing: usize,
    /// By id.
    told: HashMap<Box<str>, Vec<Told>>,
    held: usize,
    nth: u64,
    /// How many of those for whoever is idle were told and have not begun.
    unbegun: usize,
    /// When something was last heard or told about these.
    since: Duration,
    /// Whether that was too long ago for others to wait for them.
    quiet: bool,
    /// Whether it has ever begun or ended a test that it was handed.
    acknowledges: bool,
    /// An input that acknowledges nothing is handed this many times as many.
    doublings: u32,
    /// What it gave back, or left, for others to run.
    returned: Vec<Test>,
    gave_back: bool,
    stirred: bool,
}

impl Handed {
    /// It has said that it takes tests.
    pub(super) fn take_tests(&mut self) {
        self.takes = Takes::Taken;
        self.stirred = true;
    }

    /// Something below it has said that it takes tests. If it hands tests out itself, it takes one for each.
    pub(super) fn note_below(&mut self) {
        self.below += 1;
        self.stirred = true;
    }

    /// Tests wait for it to say that it takes tests.
    pub(super) fn expect(&mut self, now: Duration) {
        if self.takes == Takes::Unknown {
            self.takes = Takes::Awaited(now + TIME_TO_SAY);
        }
    }

    pub(super) fn takes_tests(&self) -> bool {
        self.takes == Takes::Taken
    }

    pub(super) fn refuses(&self) -> bool {
        self.takes == Takes::Refused
    }

    /// Whether it may still say that it takes tests.
    pub(super) fn is_awaited(&self) -> bool {
        matches!(self.takes, Takes::Awaited(_))
    }

    /// How many it was told that have not ended.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Whether it can be handed another one, at `depth` at a time.
    pub(super) fn is_idle(&self, depth: usize) -> bool {
        let doubled = 1usize.checked_shl(self.doublings).unwrap_or(usize::MAX);
        let depth = depth.saturating_mul(self.below.max(1)).saturating_mul(doubled);
        self.takes_tests() && self.waiting.is_empty() && self.held < depth
    }

    /// Whether it may come to leave tests that others could run.
    pub(super) fn may_return(&self) -> bool {
        self.unbegun > 0 && !self.quiet
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Takes a test that is addressed to it.
    pub(super) fn address(&mut self, test: Test, inbox: &mut Inbox, now: Duration) {
        match &test.below {
            None => self.expect(now),
            Some(_) => self.passing += 1,
        }
        self.waiting.push_back(test);
        self.flush(inbox);
    }

    /// Takes a test that was for whoever is idle.
    pub(super) fn hand(&mut self, test: Test, inbox: &mut Inbox, now: Duration) {
        self.unbegun += 1;
        self.heard(now);
        self.tell(test, inbox);
    }

    /// Takes a test that it is told of in another way.
    pub(super) fn note_known(&mut self, id: &str) {
        self.tell(Test::known(id), &mut Inbox::default());
    }

    /// Tells what there is room for.
    pub(super) fn flush(&mut self, inbox: &mut Inbox) {
        while inbox.as_bytes().len() < ROOM && (self.takes_tests() || self.passing > 0) {
            let tellable = |test: &Test| self.takes_tests() || test.below.is_some();
            let Some(next) = self.waiting.iter().position(tellable) else { return };
            let Some(test) = self.waiting.remove(next) else { return };
            self.passing -= usize::from(test.below.is_some());
            self.tell(test, inbox);
        }
    }

    fn tell(&mut self, test: Test, inbox: &mut Inbox) {
        inbox.push(&test.packet);
        let told = Told { nth: self.nth, begun: false, test };
        self.nth += 1;
        self.held += 1;
        self.told.entry(told.test.id.clone()).or_default().push(told);
    }

    /// What the input says of a test: it may have begun or ended one that it was handed. Whether it has
    /// given it back instead, for others to run.
    pub(super) fn note(&mut self, event: &Event<'_>, now: Duration) -> bool {
        let (Some(id), false) = (event.test_id, self.told.is_empty()) else { return false };
        if event.status == Some(Status::Exists) {
            return false;
        }
        let Some(tests) = self.told.get_mut(id) else { return false };
        let Some(at) = tests.iter().position(|told| told.test.ran_at(event.route_code)) else {
            return false;
        };
        let begun = std::mem::replace(&mut tests[at].begun, true);
        let free = !tests[at].test.addressed;
        let returns = free && !begun && is_never_run(event);
        if free && !begun {
            self.unbegun -= 1;
        }
        self.acknowledges = true;
        self.stirred = true;
        self.heard(now);
        if event.status.is_some_and(Status::is_final) {
            let test = self.strike(id, at);
            self.returned.extend(test.filter(|_| returns));
        }
        self.gave_back |= returns;
        returns
    }

    fn strike(&mut self, id: &str, at: usize) -> Option<Test> {
        let tests = self.told.get_mut(id)?;
        let told = tests.remove(at);
        if tests.is_empty() {
            self.told.remove(id);
        }
        self.held -= 1;
        Some(told.test)
    }

    fn heard(&mut self, now: Duration) {
        self.since = now;
        self.quiet = false;
    }

    /// When [`Handed::tick`] has something to do.
    pub(super) fn due(&self) -> Option<Duration> {
        let awaited = match self.takes {
            Takes::Awaited(until) => Some(until),
            _ => None,
        };
        let quiet = self.may_return().then(|| self.since + TIME_TO_SAY);
        [awaited, quiet].into_iter().flatten().min()
    }

    /// Does what is due. What has waited for too long for the input to say that it takes tests is let go.
    pub(super) fn tick(&mut self, now: Duration) -> Vec<Test> {
        if self.may_return() && self.since + TIME_TO_SAY <= now {
            self.quiet = true;
            self.stirred = true;
            self.doublings += u32::from(!self.acknowledges);
        }
        if !matches!(self.takes, Takes::Awaited(until) if until <= now) {
            return Vec::new();
        }
        self.takes = Takes::Refused;
        self.stirred = true;
        self.let_go()
    }

    /// What waits for room, or for a word of the input.
    pub(super) fn let_go(&mut self) -> Vec<Test> {
        self.passing = 0;
        std::mem::take(&mut self.waiting).into()
    }

    /// The input has ended. What it was addressed and never ran; what others can run is among what it
    /// [returned](Handed::take_returned).
    pub(super) fn leave(&mut self, broke: bool) -> Vec<Test> {
        let mut left: Vec<_> = std::mem::take(&mut self.told).into_values().flatten().collect();
        left.sort_by_key(|told| told.nth);
        self.held = 0;
        self.unbegun = 0;
        self.stirred = true;
        let mut addressed = Vec::new();
        for Told { begun, mut test, .. } in left {
            if begun || test.addressed {
                addressed.push(test);
            } else {
                test.deaths += u32::from(broke);
                self.returned.push(test);
            }
        }
        addressed.extend(self.let_go());
        addressed
    }

    /// What others can run.
    pub(super) fn take_returned(&mut self) -> Vec<Test> {
        std::mem::take(&mut self.returned)
    }

    /// Whether it has given tests back, by name: then they explain how it ended.
    pub(super) fn gave_back(&self) -> bool {
        self.gave_back
    }

    /// Whether anything has changed since this was last asked.
    pub(super) fn take_stirred(&mut self) -> bool {
        std::mem::take(&mut self.stirred)
    }
}

fn is_never_run(event: &Event<'_>) -> bool {
    event.status == Some(Status::Fail) && event.tags.is_some_and(|tags| tags.contains(NEVER_RUN))
}
