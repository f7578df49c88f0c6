//! Times as text: RFC 3339 to and from the wire's [`Timestamp`].

use std::{cell::Cell, fmt};

use subunit_core::Timestamp;

use crate::text::digits;

/// The time that `text` names by RFC 3339: `2024-01-02T03:04:05.678901234Z`, or with an offset such as
/// `+01:00`. A space for the `T` and lower case are read too. `None` where it is no time, has no zone, or
/// lies outside what the wire has room for (1970 to 2106).
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let time: jiff::Timestamp = text.trim().parse().ok()?;
    timestamp(time)
}

/// As [`parse_rfc3339`]; a time without a zone is read as UTC.
pub fn parse_zoneless(text: &str) -> Option<Timestamp> {
    parse_rfc3339(text).or_else(|| {
        let civil: jiff::civil::DateTime = text.trim().parse().ok()?;
        timestamp(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}

/// The time that lies `seconds` after the beginning of 1970 in UTC, to the microsecond: more than that a
/// floating point number of today's size does not hold.
pub fn from_seconds(seconds: f64) -> Option<Timestamp> {
    if !(0.0..=f64::from(u32::MAX)).contains(&seconds) {
        return None;
    }
    let micros = (seconds * 1e6).round() as u64;
    let nanos = (micros % 1_000_000) as u32 * 1000;
    Some(Timestamp::new(u32::try_from(micros / 1_000_000).ok()?, nanos))
}

/// The time that lies `millis` milliseconds after the beginning of 1970 in UTC.
pub fn from_millis(millis: u64) -> Option<Timestamp> {
    let nanos = (millis % 1000) as u32 * 1_000_000;
    Some(Timestamp::new(u32::try_from(millis / 1000).ok()?, nanos))
}

/// Milliseconds since the beginning of 1970 in UTC, cut to whole ones.
pub fn to_millis(time: Timestamp) -> u64 {
    time.seconds() * 1000 + u64::from(time.nanoseconds() / 1_000_000)
}

fn timestamp(time: jiff::Timestamp) -> Option<Timestamp> {
    let seconds = u32::try_from(time.as_second()).ok()?;
    let nanos = u32::try_from(time.subsec_nanosecond()).ok()?;
    Some(Timestamp::new(seconds, nanos))
}

/// Writes a time as RFC 3339 in UTC, with exactly nine digits of fraction:
/// `2024-01-02T03:04:05.678901234Z`.
#[derive(Clone, Copy, Debug)]
pub struct Rfc3339(pub Timestamp);

impl Rfc3339 {
    /// The text in ASCII.
    pub(crate) fn text(self) -> [u8; 30] {
        let mut text = [0; 30];
        self.fill(&mut text);
        text
    }

    /// Puts the text where it is to stand.
    #[inline]
    pub(crate) fn fill(self, text: &mut [u8; 30]) {
        let (second, fraction) = text.split_at_mut(SECOND);
        second.copy_from_slice(&date_and_time(self.0.seconds()));
        fraction.copy_from_slice(b"000000000Z");
        digits::fill(&mut fraction[..9], self.0.nanoseconds());
    }
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).unwrap_or_default())
    }
}

/// Writes a time in UTC to the millisecond, without a zone: `2024-01-02T03:04:05.678`.
#[derive(Clone, Copy, Debug)]
pub struct Zoneless(pub Timestamp);

impl Zoneless {
    /// The text in ASCII.
    pub(crate) fn text(self) -> [u8; 23] {
        let [text @ .., _, _, _, _, _, _, _] = Rfc3339(self.0).text();
        text
    }
}

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// How long a second is, with the point after it: 20 bytes are copied in pieces that do not overlap.
const SECOND: usize = 20;

thread_local! {
    /// The second that was written last, and its text: most events have one with the event before, and
    /// nearly all have the day.
    static LAST: Cell<(u64, [u8; SECOND])> = const { Cell::new((0, *b"1970-01-01T00:00:00.")) };
}

/// Date and time this many seconds after the beginning of 1970.
#[inline]
fn date_and_time(seconds: u64) -> [u8; SECOND] {
    let (last, text) = LAST.get();
    if last == seconds {
        return text;
    }
    next_date_and_time(last, text, seconds)
}

/// As [`date_and_time`], where the `last` second had this `text`.
#[inline(never)]
fn next_date_and_time(last: u64, mut text: [u8; SECOND], seconds: u64) -> [u8; SECOND] {
    let day = seconds / SECONDS_A_DAY;
    if last / SECONDS_A_DAY != day {
        text[..10].copy_from_slice(&date(day));
    }
    let second = (seconds % SECONDS_A_DAY) as u32;
    digits::fill(&mut text[11..13], second / 3600);
    digits::fill(&mut text[14..16], second / 60 % 60);
    digits::fill(&mut text[17..19], second % 60);
    LAST.set((seconds, text));
    text
}

/// The date this many days after 1970-01-01.
fn date(day: u64) -> [u8; 10] {
    // The fallback is never taken: what the wire holds is in the years that the calendar knows.
    let seconds = i64::try_from(day * SECONDS_A_DAY).unwrap_or_default();
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    let civil = jiff::tz::Offset::UTC.to_datetime(time);
    let mut date = *b"0000-00-00";
    digits::fill(&mut date[0..4], civil.year().unsigned_abs().into());
    digits::fill(&mut date[5..7], civil.month().unsigned_abs().into());
    digits::fill(&mut date[8..10], civil.day().unsigned_abs().into());
    date
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for time in [
            Timestamp::new(0, 0),
            Timestamp::new(1_704_164_645, 678_901_234),
            Timestamp::new(u32::MAX, 999_999_999),
        ] {
            assert_eq!(parse_rfc3339(&Rfc3339(time).to_string()), Some(time));
        }
        let time = Timestamp::new(1_704_164_645, 678_901_234);
        assert_eq!(Rfc3339(time).to_string(), "2024-01-02T03:04:05.678901234Z");
        assert_eq!(Rfc3339(Timestamp::new(0, 0)).to_string(), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(&Zoneless(time).text(), b"2024-01-02T03:04:05.678");
    }

    #[test]
    fn what_was_written_before_is_in_no_later_time() {
        let text = |seconds| Rfc3339(Timestamp::new(seconds, 5)).to_string();
        for (seconds, expected) in [
            (1_704_164_645, "2024-01-02T03:04:05.000000005Z"),
            (1_704_164_646, "2024-01-02T03:04:06.000000005Z"),
            (1_704_168_246, "2024-01-02T04:04:06.000000005Z"),
            (1_704_251_045, "2024-01-03T03:04:05.000000005Z"),
            (1_704_164_645, "2024-01-02T03:04:05.000000005Z"),
            (1_704_164_645, "2024-01-02T03:04:05.000000005Z"),
        ] {
            assert_eq!(text(seconds), expected);
        }
    }

    #[test]
    fn writes_the_carried_second_that_does_not_fit_32_bits() {
        let time = Timestamp::new(u32::MAX, 1_000_000_000);
        assert_eq!(Rfc3339(time).to_string(), "2106-02-07T06:28:16.000000000Z");
    }

    #[test]
    fn reads_offsets_and_refuses_what_is_no_time() {
        let noon = Some(Timestamp::new(1_795_176_000, 0));
        assert_eq!(parse_rfc3339("2026-11-20T12:00:00Z"), noon);
        assert_eq!(parse_rfc3339("2026-11-20 13:00:00+01:00"), noon);
        assert_eq!(parse_rfc3339("2026-11-20T12:00:00+0000"), noon);
        for text in
            ["", "bad", "2026-11-20T12:00:00", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z"]
        {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
        assert_eq!(parse_zoneless("2026-11-20T12:00:00.000"), noon);
        assert_eq!(parse_zoneless("2026-11-20T12:00:00.000+0000"), noon);
        assert_eq!(parse_zoneless("noon"), None);
    }

    #[test]
    fn numbers_since_1970() {
        assert_eq!(
            from_seconds(1795158748.3836904),
            Some(Timestamp::new(1_795_158_748, 383_690_000))
        );
        assert_eq!(
            from_millis(1_795_158_748_383),
            Some(Timestamp::new(1_795_158_748, 383_000_000))
        );
        assert_eq!(from_millis(u64::MAX), None);
        for odd in [-1.0, f64::NAN, f64::INFINITY, 1e18] {
            assert_eq!(from_seconds(odd), None);
        }
        assert_eq!(to_millis(Timestamp::new(1, 999_999_999)), 1999);
    }
}
