//! Times as text: ISO 8601, both ways.
//!
//! It reads what the Python package iso8601 2.1.0 reads: a year, or more of `YYYY-MM-DD HH:MM:SS.fff+HH:MM`,
//! with `T` for the blank, a comma for the point, without the hyphens and colons, with `Z` or nothing for
//! UTC.

use crate::{
    Timestamp,
    date::{fill, text_of_second},
};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A second, and how it is written: most times are of the same second as the one before them.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastSecond {
    second: u32,
    text: [u8; 20],
}

impl Default for LastSecond {
    fn default() -> Self {
        Self { second: 0, text: *b"1970-01-01 00:00:00." }
    }
}

impl LastSecond {
    /// As [`parse`].
    pub(super) fn parse(&mut self, text: &[u8]) -> Option<Timestamp> {
        let Some((whole, fraction)) = split_usual(text) else { return parse(text) };
        if *whole != self.text {
            let Some(second) = second(whole) else { return parse(text) };
            *self = Self { second, text: *whole };
        }
        match microseconds(fraction) {
            Some(microseconds) => Some(Timestamp::new(self.second, microseconds * 1000)),
            None => parse(text),
        }
    }

    /// Appends `YYYY-MM-DD HH:MM:SS.ffffffZ`, with three more digits where the time needs them.
    pub(super) fn push(&mut self, out: &mut Vec<u8>, time: Timestamp) {
        let nanoseconds = time.nanoseconds();
        match u32::try_from(time.seconds()) {
            Ok(second) => {
                if second != self.second {
                    *self = Self { second, text: text_of_second(second.into()) };
                }
                out.extend_from_slice(&self.text);
            }
            Err(_) => out.extend_from_slice(&text_of_second(time.seconds())),
        }
        let mut text = *b"000000000Z";
        fill(&mut text, 0, nanoseconds / 10_000_000);
        fill(&mut text, 2, nanoseconds / 100_000 % 100);
        fill(&mut text, 4, nanoseconds / 1000 % 100);
        let rest = nanoseconds % 1000;
        if rest == 0 {
            text[6] = b'Z';
            return out.extend_from_slice(&text[..7]);
        }
        fill(&mut text, 6, rest / 10);
        text[8] = b'0' + (rest % 10) as u8;
        out.extend_from_slice(&text);
    }
}

/// The parts of a text that is as long as what [`LastSecond::push`] makes of whole microseconds, as nearly
/// all times are written.
fn split_usual(text: &[u8]) -> Option<(&[u8; 20], &[u8; 7])> {
    let (whole, fraction) = text.split_first_chunk()?;
    Some((whole, fraction.try_into().ok()?))
}

/// The second of `YYYY-MM-DD HH:MM:SS.`.
fn second(text: &[u8; 20]) -> Option<u32> {
    let number = |at| number(text, at);
    let marks = [text[4], text[7], text[10], text[13], text[16], text[19]];
    let days = days_since_1970(number(0)? * 100 + number(2)?, number(5)?, number(8)?)?;
    let (hour, minute, second) = (number(11)?, number(14)?, number(17)?);
    if marks != *b"-- ::." || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    u32::try_from(days * DAY + i64::from((hour * 60 + minute) * 60 + second)).ok()
}

/// The microseconds of `ffffffZ`.
fn microseconds(text: &[u8; 7]) -> Option<u32> {
    let number = |at| number(text, at);
    let microseconds = (number(0)? * 100 + number(2)?) * 100 + number(4)?;
    (text[6] == b'Z').then_some(microseconds)
}

/// The number of two digits at `at`.
#[inline(always)]
fn number(text: &[u8], at: usize) -> Option<u32> {
    let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Reads a time; `None` if `text` is not a time, or is before 1970 or after 2106-02-07T06:28:15Z. Digits
/// after the nanoseconds are cut off.
pub(super) fn parse(text: &[u8]) -> Option<Timestamp> {
    let mut rest = Rest(text);
    let days = date(&mut rest)?;
    let (seconds, nanoseconds) = if rest.is_empty() { (0, 0) } else { clock(&mut rest)? };
    if !rest.is_empty() {
        return None;
    }
    Some(Timestamp::new(u32::try_from(days * DAY + seconds).ok()?, nanoseconds))
}

/// The time to the nearest microsecond, half of one to the even one: what the reference has room for.
pub(super) fn to_microseconds(time: Timestamp) -> Timestamp {
    let (micros, rest) = (time.nanoseconds() / 1000, time.nanoseconds() % 1000);
    let up = rest > 500 || (rest == 500 && micros % 2 == 1);
    match u32::try_from(time.seconds()) {
        Ok(seconds) => Timestamp::new(seconds, (micros + u32::from(up)) * 1000),
        Err(_) => time,
    }
}

/// What is left to read.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn eat(&mut self, any_of: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        any_of.contains(first).then(|| self.0 = rest)?;
        Some(*first)
    }

    /// A number of at least `least` and at most `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.0.split_at_checked(digits)?;
        if digits < least {
            return None;
        }
        self.0 = rest;
        Some(number.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
    }

    /// A number with an optional sign. Takes nothing if there is no number.
    fn part(&mut self, sign: u8, least: usize, most: usize) -> Option<u32> {
        let before = *self;
        self.eat(&[sign]);
        let number = self.digits(least, most);
        if number.is_none() {
            *self = before;
        }
        number
    }
}

/// A year, a month, or a day, as days since 1970.
fn date(rest: &mut Rest<'_>) -> Option<i64> {
    let year = rest.digits(4, 4)?;
    if rest.is_empty() {
        return days_since_1970(year, 1, 1);
    }
    let with_hyphen = rest.eat(b"-").is_some();
    let month = rest.digits(if with_hyphen { 1 } else { 2 }, 2)?;
    if rest.is_empty() {
        // `YYYYMM` could be a date of two digits each.
        return if with_hyphen { days_since_1970(year, month, 1) } else { None };
    }
    let least = if rest.eat(b"-").is_some() { 1 } else { 2 };
    days_since_1970(year, month, rest.digits(least, 2)?)
}

/// Seconds since midnight UTC, and nanoseconds.
fn clock(rest: &mut Rest<'_>) -> Option<(i64, u32)> {
    rest.eat(b" T")?;
    let hour = rest.digits(2, 2)?;
    let minute = rest.part(b':', 2, 2).unwrap_or(0);
    let second = rest.part(b':', 1, 2);
    let nanoseconds = match second {
        Some(_) => fraction(rest).unwrap_or(0),
        None => 0,
    };
    let second = second.unwrap_or(0);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(hour) * HOUR + i64::from(minute) * MINUTE + i64::from(second);
    Some((seconds - offset(rest)?, nanoseconds))
}

fn fraction(rest: &mut Rest<'_>) -> Option<u32> {
    let before = *rest;
    rest.eat(b".,")?;
    let digits = rest.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        *rest = before;
        return None;
    }
    let nanoseconds = rest.digits(1, 9)?;
    rest.0 = rest.0.get(digits.saturating_sub(9)..).unwrap_or_default();
    Some(nanoseconds * 10_u32.pow(9_u32.saturating_sub(digits as u32)))
}

/// How many seconds the clock is ahead of UTC.
fn offset(rest: &mut Rest<'_>) -> Option<i64> {
    if rest.is_empty() || rest.eat(b"Z").is_some() {
        return Some(0);
    }
    let sign = if rest.eat(b"+-")? == b'-' { -1 } else { 1 };
    let hours = rest.digits(2, 2)?;
    rest.eat(b":");
    let minutes = rest.digits(2, 2).unwrap_or(0);
    let seconds = i64::from(hours) * HOUR + i64::from(minutes) * MINUTE;
    (seconds < DAY).then_some(sign * seconds)
}

const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn month_length(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the first day of year 0 to the first day of `year`, by the calendar of today.
const fn days_before(year: u32) -> u32 {
    year * 365 + year.div_ceil(4) - year.div_ceil(100) + year.div_ceil(400)
}

/// The year has four digits.
fn days_since_1970(year: u32, month: u32, day: u32) -> Option<i64> {
    const BEFORE_1970: i64 = days_before(1970) as i64;
    /// Days from the first of January to the first of each month, where February has 28.
    const BEFORE: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before = BEFORE.get(month.checked_sub(1)? as usize)?;
    if day == 0 || day > month_length(year, month) {
        return None;
    }
    let leap_day = u32::from(month > 2 && is_leap(year));
    Some(i64::from(days_before(year) + before + leap_day + day - 1) - BEFORE_1970)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2024-01-02T03:04:05Z.
    const THEN: u32 = 1_704_164_645;

    #[test]
    fn reads_what_the_reference_reads() {
        let midnight = THEN - (3 * 60 + 4) * 60 - 5;
        let cases: &[(&str, u32, u32)] = &[
            ("2024-01-02 03:04:05.123456Z", THEN, 123_456_000),
            ("2024-01-02 03:04:05,5Z", THEN, 500_000_000),
            ("2024-01-02T03:04:05.1234567899", THEN, 123_456_789),
            ("2024-01-02T04:04:05+01:00", THEN, 0),
            ("2024-01-02T04:34:05+0130", THEN, 0),
            ("2024-01-02T01:04:05-02", THEN, 0),
            ("20240102T030405Z", THEN, 0),
            ("2024-1-2 03:04:5", THEN, 0),
            ("2024-01-02 03:04Z", THEN - 5, 0),
            ("2024-01-02 03", THEN - 4 * 60 - 5, 0),
            ("2024-01-02", midnight, 0),
            ("20240102", midnight, 0),
            ("2024-01", midnight - 86_400, 0),
            ("2024", midnight - 86_400, 0),
            ("1970-01-01 00:00:00Z", 0, 0),
            ("2106-02-07 06:28:15Z", u32::MAX, 0),
        ];
        for (text, seconds, nanoseconds) in cases {
            let expected = Some(Timestamp::new(*seconds, *nanoseconds));
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        let cases = [
            "",
            "garbage",
            "202401",
            "2024-",
            "2024-13-01",
            "2024-02-30",
            "2023-02-29",
            "2024-01-00",
            "2024-01-02x03:04",
            "2024-01-02 24:00",
            "2024-01-02 03:60",
            "2024-01-02 03:04:60",
            "2024-01-02 03:04:05.",
            "2024-01-02 03:04:05ZZ",
            "2024-01-02 03:04:05+24:00",
            "2024-01-02 03:04:05 Z",
            "1969-12-31 23:59:59Z",
            "2106-02-07 06:28:16Z",
            "2024-01-02 ",
        ];
        for text in cases {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn rounds_to_microseconds_as_the_reference_does() {
        let rounded = |nanoseconds| to_microseconds(Timestamp::new(7, nanoseconds));
        assert_eq!(rounded(500).nanoseconds(), 0);
        assert_eq!(rounded(1500).nanoseconds(), 2000);
        assert_eq!(rounded(1501).nanoseconds(), 2000);
        assert_eq!(rounded(999_999_500), Timestamp::new(8, 0));
    }

    proptest! {
        #[test]
        fn every_time_survives(seconds: u32, nanoseconds in 0..1_000_000_000_u32) {
            let time = Timestamp::new(seconds, nanoseconds);
            let mut text = Vec::new();
            LastSecond::default().push(&mut text, time);
            prop_assert_eq!(parse(&text), Some(time));
        }

        /// The last second is remembered, and nothing else; damaged digits are found out.
        #[test]
        fn the_last_second_changes_nothing(
            times in prop::collection::vec((0..3u32, 0..2_000_000u32, 0..40usize), 1..20),
        ) {
            let (mut reader, mut writer) = (LastSecond::default(), LastSecond::default());
            for (day, fraction, at) in times {
                let time = Timestamp::new(THEN + day * 86_399, fraction * 500);
                let (mut text, mut alone) = (Vec::new(), Vec::new());
                writer.push(&mut text, time);
                LastSecond::default().push(&mut alone, time);
                prop_assert_eq!(&text, &alone);
                prop_assert_eq!(reader.parse(&text), Some(time));
                if let Some(byte) = text.get_mut(at) {
                    *byte += 1;
                }
                prop_assert_eq!(reader.parse(&text), parse(&text));
            }
        }

        #[test]
        fn never_panics(text: Vec<u8>, digits in "[-0-9T:.,+Z ]{0,40}") {
            parse(&text);
            parse(digits.as_bytes());
        }
    }
}
