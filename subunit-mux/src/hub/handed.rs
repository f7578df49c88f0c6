//! Tests that were given to an input, until each has ended.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use subunit_core::{EncodeError, Event, Packet, RouteCode, RouteCodeBuf, Status};

use super::{annotate::NEVER_RUN, inbox::Inbox};

/// How long an input has to announce that it takes tests. An input that begins none of its tests for as
/// long is taken for one that reads all of them before it runs the first.
pub(super) const TIME_TO_SAY: Duration = Duration::from_secs(10);

/// Bytes in an inbox that are enough for a reader that has just begun to read again.
const ROOM: usize = 64 * 1024;

/// A test to run.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) id: Box<str>,
    /// Where to run it, below the input.
    pub(super) below: Option<RouteCodeBuf>,
    /// What is sent to the input.
    packet: Box<[u8]>,
    /// Whether its route names the input. Others are for any idle input.
    addressed: bool,
    /// How many inputs that had it broke.
    pub(super) deaths: u32,
}

impl Test {
    /// A test for any idle input.
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

    /// A test that reaches the input in another way.
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
    /// It has not announced it, and nobody has asked.
    #[default]
    Unknown,
    /// Tests wait for the announcement until then.
    Awaited(Duration),
    Refused,
    Taken,
}

/// A test that was sent to an input.
#[derive(Debug)]
struct Told {
    /// In which order they were sent.
    nth: u64,
    begun: bool,
    test: Test,
}

/// The tests of one input.
#[derive(Debug, Default)]
pub(super) struct Handed {
    takes: Takes,
    /// How many below it have announced that they take tests.
    below: usize,
    /// Addressed to it and not sent: there is no room, or it has not announced that it takes tests.
    waiting: VecDeque<Test>,
    /// How many of these are for what lies below it: they need no announcement by the input itself.
    passing: usize,
    /// By id.
    told: HashMap<Box<str>, Vec<Told>>,
    held: usize,
    nth: u64,
    /// How many of those for any idle input were sent and have not begun.
    unbegun: usize,
    /// When something was last received or sent about these.
    since: Duration,
    /// Whether that was too long ago for others to wait for them.
    quiet: bool,
    /// Whether it has ever begun or ended one of its tests.
    acknowledges: bool,
    /// An input that acknowledges nothing gets this many times as many.
    doublings: u32,
    /// What it gave back or left, for others to run.
    returned: Vec<Test>,
    gave_back: bool,
    stirred: bool,
}

impl Handed {
    /// It has announced that it takes tests.
    pub(super) fn take_tests(&mut self) {
        self.takes = Takes::Taken;
        self.stirred = true;
    }

    /// Something below it has announced that it takes tests. If the input hands out tests itself, it takes
    /// one for each of these.
    pub(super) fn note_below(&mut self) {
        self.below += 1;
        self.stirred = true;
    }

    /// Tests wait for it to announce that it takes tests.
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

    /// Whether it may still announce that it takes tests.
    pub(super) fn is_awaited(&self) -> bool {
        matches!(self.takes, Takes::Awaited(_))
    }

    /// How many were sent and have not ended.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Whether it can take another one, with `depth` at a time.
    pub(super) fn is_idle(&self, depth: usize) -> bool {
        let doubled = 1usize.checked_shl(self.doublings).unwrap_or(usize::MAX);
        let depth = depth.saturating_mul(self.below.max(1)).saturating_mul(doubled);
        self.takes_tests() && self.waiting.is_empty() && self.held < depth
    }

    /// Whether it may leave tests that others could run.
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

    /// Takes a test that was for any idle input.
    pub(super) fn hand(&mut self, test: Test, inbox: &mut Inbox, now: Duration) {
        self.unbegun += 1;
        self.heard(now);
        self.tell(test, inbox);
    }

    /// Takes a test that reaches it in another way.
    pub(super) fn note_known(&mut self, id: &str) {
        self.tell(Test::known(id), &mut Inbox::default());
    }

    /// Sends what there is room for.
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

    /// Notes what the input says of a test: it may begin or end one of its own. Returns whether it gave the
    /// test back instead, for others to run.
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

    /// Does what is due. Tests that have waited too long for the announcement are let go.
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

    /// What waits for room, or for the input's announcement.
    pub(super) fn let_go(&mut self) -> Vec<Test> {
        self.passing = 0;
        std::mem::take(&mut self.waiting).into()
    }

    /// The input has ended. Returns the tests that were addressed to it and never ran. Tests that others
    /// can run are among what it [returned](Handed::take_returned).
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

    /// Whether it has given tests back by name. These then explain how it ended.
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
