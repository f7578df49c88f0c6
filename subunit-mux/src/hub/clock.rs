//! What the times of an input are by our clock.
//!
//! A local input uses our clock. Its times stay as they are, byte for byte. The first time of any input
//! shows whether it does: nothing that happens during our run can happen before we began, or after it
//! arrived.
//!
//! * Between the two: it is our clock, as far as anybody can tell.
//! * After it arrived: the clock is ahead. The times are moved so that the event happened when it arrived.
//! * Before we began: if a worker told its clock in a packet that came by itself, and so has not waited,
//!   the worker's clock is behind and its times are moved. So they are if the input is known to be no
//!   recording. Otherwise it may be one: the times stay, and the input is marked as one with an unknown
//!   offset.
//!
//! Clocks that differ by less than half a second count as one. Times before 1971 are durations, not dates:
//! they are counted from the arrival of the input's first event.

use subunit_core::{Event, Timestamp};

use super::ReportKind;

/// Clocks that differ by less count as one, in nanoseconds.
const CLOSE: i64 = 500_000_000;

/// Times before this are durations.
const DATES: u64 = 365 * 24 * 60 * 60;

const NANOS: i64 = 1_000_000_000;

/// What is known of an input's clock.
#[derive(Debug, Default)]
pub(super) struct Clock {
    state: State,
    /// Whether the times are those of a recording, so that they stay.
    pub(super) recorded: bool,
    /// Whether the input is no recording: what it tells happens as it arrives.
    pub(super) live: bool,
    /// When the first event arrived.
    first: Option<Timestamp>,
    /// Whether durations were counted from there.
    counted: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    /// No time has come.
    #[default]
    Unheard,
    /// The input told its clock, and nothing since.
    Said(Timestamp),
    /// Its times stay as they are.
    Kept,
    /// This is added to its times, in nanoseconds.
    Moved(i64),
}

/// What was found out, for the stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Finding {
    /// This many nanoseconds are added to times, by the input's clock or by an arrival.
    Moved(i64, &'static str),
    /// Nobody knows how the times compare with ours.
    Unknown,
}

/// What time it is, and since when we have been running.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) time: Timestamp,
    pub(super) begun: Option<Timestamp>,
}

impl Clock {
    /// The input has told what time it is by its clock.
    pub(super) fn said(&mut self, clock: Timestamp) {
        if self.state == State::Unheard {
            self.state = State::Said(clock);
        }
    }

    /// Nothing came after what the input said last.
    pub(super) fn paused(&mut self, now: Now) -> Option<Finding> {
        let State::Said(clock) = self.state else { return None };
        self.settle(clock, true, now)
    }

    /// Something more came. The clock that was told just before may have waited with it for a long time.
    pub(super) fn goes_on(&mut self, now: Now) -> Option<Finding> {
        let State::Said(clock) = self.state else { return None };
        self.settle(clock, false, now)
    }

    /// The event's time by our clock if it differs, and what was found out by it.
    pub(super) fn place(
        &mut self,
        event: &Event<'_>,
        now: Now,
    ) -> (Option<Timestamp>, Option<Finding>) {
        let first = *self.first.get_or_insert(now.time);
        let Some(time) = event.timestamp else { return (None, None) };
        if time.seconds() < DATES {
            let base = nanos(first);
            let found = (!std::mem::replace(&mut self.counted, true))
                .then_some(Finding::Moved(base, "start"));
            return (moved(time, base), found);
        }
        let found = match self.state {
            State::Unheard | State::Said(_) => self.settle(time, false, now),
            // It cannot have happened after it arrived: its clock is further ahead than was thought.
            State::Moved(offset) if nanos(time) + offset > nanos(now.time) + CLOSE => {
                Some(self.shift(time, "arrival", now))
            }
            State::Kept | State::Moved(_) => None,
        };
        match self.state {
            State::Moved(offset) => (moved(time, offset), found),
            _ => (None, found),
        }
    }

    fn settle(&mut self, heard: Timestamp, said: bool, now: Now) -> Option<Finding> {
        self.state = State::Kept;
        if self.recorded {
            return None;
        }
        let heard_at = nanos(heard);
        if heard_at > nanos(now.time) + CLOSE {
            return Some(self.shift(heard, if said { "clock" } else { "arrival" }, now));
        }
        let before = now.begun.is_some_and(|begun| heard_at + CLOSE < nanos(begun));
        match (before, said) {
            (false, _) => None,
            (true, true) => Some(self.shift(heard, "clock", now)),
            (true, false) if self.live => Some(self.shift(heard, "arrival", now)),
            (true, false) => Some(Finding::Unknown),
        }
    }

    /// The time that was told is now.
    fn shift(&mut self, heard: Timestamp, by: &'static str, now: Now) -> Finding {
        let offset = nanos(now.time) - nanos(heard);
        self.state = State::Moved(offset);
        Finding::Moved(offset, by)
    }
}

impl Finding {
    /// As the content of a file `clock`.
    pub(super) fn content(self) -> String {
        match self {
            Self::Moved(offset, by) => {
                format!("{{\"offset\":{},\"by\":\"{by}\"}}", Seconds(offset))
            }
            Self::Unknown => "{\"offset\":null}".into(),
        }
    }

    /// What a person should know of it.
    pub(super) fn report(self) -> Option<ReportKind> {
        let Self::Moved(offset, "clock" | "arrival") = self else { return None };
        Some(ReportKind::ClockMoved { seconds: offset as f64 / NANOS as f64 })
    }
}

/// Displays nanoseconds as seconds, with all their digits.
struct Seconds(i64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (nanos, second) = (self.0.unsigned_abs(), NANOS.unsigned_abs());
        write!(f, "{sign}{}.{:09}", nanos / second, nanos % second)
    }
}

fn nanos(time: Timestamp) -> i64 {
    // The wire has room for 63 bits of them.
    time.seconds().cast_signed() * NANOS + i64::from(time.nanoseconds())
}

/// The time this many nanoseconds later, if it can be represented.
fn moved(time: Timestamp, offset: i64) -> Option<Timestamp> {
    let nanos = nanos(time).checked_add(offset)?;
    let seconds = u32::try_from(nanos.checked_div(NANOS)?).ok()?;
    Some(Timestamp::new(seconds, u32::try_from(nanos % NANOS).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGUN: u32 = 1_700_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(u32::try_from(i64::from(BEGUN) + seconds).unwrap(), 7)
    }

    #[test]
    fn what_is_live_cannot_be_earlier_than_the_run() {
        let mut clock = Clock { live: true, ..Clock::default() };
        let hour = 3600;
        let times = [(-hour, 5), (2 - hour, 7)];
        assert_eq!(placed(&mut clock, &times), [Some(5), Some(7)]);
        assert_eq!(placed(&mut Clock::default(), &times), [None, None]);
    }

    fn now(seconds: i64) -> Now {
        Now { time: at(seconds), begun: Some(at(0)) }
    }

    fn timed(time: Timestamp) -> Event<'static> {
        Event { timestamp: Some(time), ..Event::default() }
    }

    /// The times that events get, from pairs of the event's time and its arrival.
    fn placed(clock: &mut Clock, events: &[(i64, i64)]) -> Vec<Option<i64>> {
        let place = |(time, arrival): &(i64, i64)| {
            let (placed, _) = clock.place(&timed(at(*time)), now(*arrival));
            placed.map(|time| time.seconds().cast_signed() - i64::from(BEGUN))
        };
        events.iter().map(place).collect()
    }

    #[test]
    fn the_times_of_local_inputs_stay() {
        // However late they arrive, and however far the calendar is set back meanwhile.
        for events in [[(0, 0), (1, 1)], [(0, 3600), (3599, 3600)], [(1, 2), (3, 2)]] {
            assert_eq!(placed(&mut Clock::default(), &events), [None, None], "{events:?}");
        }
        let mut said = Clock::default();
        said.said(at(1));
        // It waited for an hour before it was read.
        assert_eq!(said.paused(now(3600)), None);
        assert_eq!(placed(&mut said, &[(2, 3600)]), [None]);
    }

    #[test]
    fn a_clock_that_is_ahead_is_told_by_the_first_arrival() {
        let mut clock = Clock::default();
        let (_, found) = clock.place(&timed(at(3601)), now(1));
        let found = found.unwrap();
        assert_eq!(found.content(), "{\"offset\":-3600.000000000,\"by\":\"arrival\"}");
        let message = "its clock is 3600.0 s ahead of ours; its times are moved by that";
        assert_eq!(found.report().unwrap().to_string(), message);
        assert_eq!(placed(&mut clock, &[(3602, 2), (3605, 5)]), [Some(2), Some(5)]);
    }

    #[test]
    fn what_arrived_late_first_is_made_good_by_what_arrives_sooner() {
        let mut clock = Clock::default();
        assert_eq!(
            placed(&mut clock, &[(3600, 10), (3602, 10), (3603, 11)]),
            [Some(10), Some(10), Some(11)]
        );
    }

    #[test]
    fn a_worker_that_says_its_clock_may_be_behind() {
        let mut clock = Clock::default();
        clock.said(at(-3600));
        let found = clock.paused(now(0)).unwrap();
        assert_eq!(found.content(), "{\"offset\":3600.000000000,\"by\":\"clock\"}");
        assert_eq!(placed(&mut clock, &[(-3599, 1), (-3500, 100)]), [Some(1), Some(100)]);
    }

    #[test]
    fn a_recording_that_is_played_stays_and_is_marked() {
        let mut clock = Clock::default();
        let (placed_at, found) = clock.place(&timed(at(-86_400)), now(1));
        assert_eq!((placed_at, found), (None, Some(Finding::Unknown)));
        assert_eq!(Finding::Unknown.content(), "{\"offset\":null}");
        assert_eq!(clock.place(&timed(at(-86_000)), now(1)), (None, None));
        // A clock in it was said with all the rest.
        let mut clock = Clock::default();
        clock.said(at(-86_400));
        assert_eq!(clock.goes_on(now(1)), Some(Finding::Unknown));
        assert_eq!(placed(&mut clock, &[(-86_399, 1)]), [None]);
        // Of a file it is known.
        let mut clock = Clock { recorded: true, ..Clock::default() };
        assert_eq!(clock.place(&timed(at(86_400)), now(1)), (None, None));
    }

    #[test]
    fn durations_are_counted_from_the_first_arrival() {
        let mut clock = Clock::default();
        assert_eq!(clock.place(&Event::default(), now(5)), (None, None));
        let (start, found) = clock.place(&timed(Timestamp::new(0, 0)), now(6));
        assert_eq!(start, Some(at(5)));
        assert_eq!(found.unwrap().content(), "{\"offset\":1700000005.000000007,\"by\":\"start\"}");
        let (stop, found) = clock.place(&timed(Timestamp::new(2, 5)), now(7));
        assert_eq!((stop, found), (Some(Timestamp::new(BEGUN + 7, 12)), None));
    }

    #[test]
    fn what_there_is_no_room_for_stays() {
        let mut clock = Clock::default();
        clock.said(Timestamp::new(365 * 86_400, 0));
        assert!(clock.paused(now(0)).is_some());
        assert_eq!(clock.place(&timed(Timestamp::new(u32::MAX - 1, 0)), now(0)).0, Some(at(0)));
        let late = Now { time: Timestamp::new(u32::MAX, 0), begun: None };
        let mut clock = Clock::default();
        assert_eq!(clock.place(&Event::default(), late), (None, None));
        assert_eq!(clock.place(&timed(Timestamp::new(9, 0)), late).0, None);
    }
}
