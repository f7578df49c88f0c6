//! Values of attributes: numbers and ids as runners spell them.

use std::{borrow::Cow, time::Duration};

use subunit_core::Timestamp;

use crate::{
    events::clock,
    text::{time, verbatim::Verbatim},
};

/// What stands between class name and name in a test id.
pub(super) const CLASS_SEPARATOR: &str = "::";

/// Whether a reader makes an id of these that holds both as they are.
pub(super) fn joins(class: &[u8], name: &[u8]) -> bool {
    let is_trimmed = |part: &[u8]| !part.is_empty() && part.trim_ascii().len() == part.len();
    class != name && is_trimmed(class) && is_trimmed(name)
}

/// A time in seconds: `0.5`, `1e-05`, `1,234.5`, `0,5`; in other units, `12ms`, `80.8us`, `1m 2.5s`; or with
/// colons, `0:01:02.5`. `None` where it is none, or negative.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Some(seconds) = number(text) {
        return clock::seconds(seconds);
    }
    clock::seconds(with_colons(text).or_else(|| with_units(text))?)
}

fn number(text: &str) -> Option<f64> {
    without_commas(text.trim()).parse().ok()
}

/// `minutes:seconds` or `hours:minutes:seconds`.
fn with_colons(text: &str) -> Option<f64> {
    let mut parts = text.rsplit(':');
    let seconds = number(parts.next()?)?;
    let minutes = parts.next()?.parse::<u32>().ok()?;
    let hours = parts.next().map_or(Some(0), |hours| hours.parse::<u32>().ok())?;
    let whole = f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0;
    parts.next().is_none().then_some(whole + seconds)
}

/// Numbers with units, which add up, with or without blanks between: as Kotlin, Go and people write durations.
fn with_units(mut text: &str) -> Option<f64> {
    let mut sum = 0.0;
    loop {
        let is_unit = |c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E');
        let (count, rest) = text.split_at(text.find(is_unit)?);
        let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(end);
        sum += number(count)? * unit_in_seconds(unit)?;
        text = rest.trim_start();
        if text.is_empty() {
            return Some(sum);
        }
    }
}

fn unit_in_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-9,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1e-6,
        "ms" => 1e-3,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    })
}

/// Commas are decimal where there is one, no point, and not three digits after it; otherwise they
/// separate thousands.
fn without_commas(number: &str) -> Cow<'_, str> {
    let Some((before, behind)) = number.split_once(',') else {
        return Cow::Borrowed(number);
    };
    let thousands = behind.len() == 3 && !matches!(before, "" | "0" | "-0");
    let decimal = !behind.contains([',', '.']) && !thousands;
    Cow::Owned(number.replace(',', if decimal { "." } else { "" }))
}

/// A point in time in any of the spellings seen: RFC 3339, without a zone (then UTC), or RFC 2822.
/// Days of 1970 and before stand for times that are not known.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let rfc2822 = || {
        let zoned = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
        let seconds = u32::try_from(zoned.timestamp().as_second()).ok()?;
        Some(Timestamp::new(seconds, 0))
    };
    let known = |time: &Timestamp| time.seconds() >= 86_400;
    time::parse_zoneless(text).or_else(rfc2822).filter(known)
}

/// Whether XML 1.0 has no room for the character, not even for a reference to it.
fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}')
        && !matches!(character, '\t' | '\n' | '\r')
}

/// Whether an id can stand in an attribute as it is.
pub(super) fn fits_xml(id: &str) -> bool {
    is_plain(id.as_bytes()) || !id.contains(is_forbidden)
}

/// Whether there is nothing to be looked at in an id: no markup, no backslash, no control character, and
/// nothing that begins as U+FFFE and U+FFFF do.
pub(super) fn is_plain(id: &[u8]) -> bool {
    Verbatim { from: b' ', to: 0xff, but: *b"&<>\"\\\xEF" }.are_all(id)
}

/// An id as it stands in the attribute `subunit-id`: a backslash is two, and what XML has no room for is
/// its number, such as `\u{1b}`.
pub(super) fn escape_id(id: &str) -> Cow<'_, str> {
    if is_plain(id.as_bytes()) {
        return Cow::Borrowed(id);
    }
    let mut out = String::with_capacity(id.len());
    for character in id.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            _ if is_forbidden(character) => {
                out.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
            }
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// The id that [`escape_id`] made this of.
pub(super) fn unescape_id(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let number = behind.strip_prefix("u{").and_then(|behind| behind.split_once('}'));
        let number =
            number.and_then(|(hex, behind)| Some((u32::from_str_radix(hex, 16).ok()?, behind)));
        if let Some((character, behind)) =
            number.and_then(|(code, behind)| Some((char::from_u32(code)?, behind)))
        {
            out.push(character);
            rest = behind;
        } else {
            out.push('\\');
            rest = behind.strip_prefix('\\').unwrap_or(behind);
        }
    }
    out + rest
}

/// `text` up to `longest` bytes, cut between characters.
pub(super) fn cut(text: &str, longest: usize) -> &str {
    if text.len() <= longest {
        return text;
    }
    let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_in_all_spellings() {
        let millis = |text| seconds(text).map(|time| time.as_micros());
        assert_eq!(millis("1e-05"), Some(10));
        assert_eq!(millis("1,234.5"), Some(1_234_500_000));
        assert_eq!(millis("1,234"), Some(1_234_000_000));
        assert_eq!(millis("0,125"), Some(125_000));
        assert_eq!(millis("0,5"), Some(500_000));
        assert_eq!(millis("1,234,567"), Some(1_234_567_000_000));
        assert_eq!(millis(" 12ms"), Some(12_000));
        assert_eq!(millis("1.5s"), Some(1_500_000));
        assert_eq!(millis("80.803us"), Some(80));
        assert_eq!(millis("80 \u{b5}s"), Some(80));
        assert_eq!(millis("46.9ms"), Some(46_900));
        assert_eq!(millis("1m 2.5s"), Some(62_500_000));
        assert_eq!(millis("1h2m3s"), Some(3_723_000_000));
        assert_eq!(millis("1e3 ms"), Some(1_000_000));
        assert_eq!(millis("1,5s"), Some(1_500_000));
        assert_eq!(millis("01:02.5"), Some(62_500_000));
        for none in [
            "", "x", "-1", "nan", "inf", "1e400", "1.2.3", "s", "1 parsec", "1m x", "-1s",
            "1:2:3:4", ":", "1:", "NaNs",
        ] {
            assert_eq!(seconds(none), None, "{none}");
        }
    }

    #[test]
    fn points_in_time_in_all_spellings() {
        let expected = Some(Timestamp::new(1_795_158_856, 0));
        for text in [
            "2026-11-20T07:14:16",
            "2026-11-20 07:14:16",
            "2026-11-20T07:14:16Z",
            "2026-11-20T08:14:16.000+01:00",
            "Fri, 20 Nov 2026 07:14:16 GMT",
        ] {
            assert_eq!(timestamp(text), expected, "{text}");
        }
        for none in ["", "soon", "1970-01-01T00:00:00", "0001-01-01T00:00:00"] {
            assert_eq!(timestamp(none), None, "{none}");
        }
    }

    #[test]
    fn ids_survive_what_xml_has_no_room_for() {
        for id in ["a\\b", "\u{1b}[1m\0", "\\u{41}", "\\", "\u{fffe}\n", "plain"] {
            assert_eq!(unescape_id(&escape_id(id)), id);
            assert!(fits_xml(&escape_id(id)));
        }
        assert_eq!(unescape_id("\\u{zz} \\u{d800}"), "\\u{zz} \\u{d800}");
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
    }
}
