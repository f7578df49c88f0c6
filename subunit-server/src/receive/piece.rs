//! Which piece of a stream does a request bring?

use axum::http::{HeaderMap, StatusCode, header::CONTENT_RANGE};

use crate::api::api_error::ApiError;

/// A piece of a stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct StreamPiece {
    /// Where it begins.
    pub(super) first: u64,
    /// How long it is said to be.
    pub(super) length: Option<u64>,
    /// Where the stream ends.
    pub(super) end: StreamEnding,
}

/// What a request says of the end of the stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum StreamEnding {
    /// More comes.
    Unknown,
    /// The stream has this length.
    At(u64),
    /// It ends with the body.
    WithBody,
}

impl StreamPiece {
    /// Reads `Content-Range: bytes FIRST-LAST/LENGTH`, where the length is `*` while more comes. `bytes */LENGTH` has no
    /// bytes, and says that the stream has ended. Without the header the body is the whole stream.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let mut ranges = headers.get_all(CONTENT_RANGE).iter();
        let (Some(range), None) = (ranges.next(), ranges.next()) else {
            if headers.contains_key(CONTENT_RANGE) {
                return Err(wrong("it is there twice"));
            }
            return Ok(Self { first: 0, length: None, end: StreamEnding::WithBody });
        };
        let range = range.to_str().map_err(|_| wrong("it is no text"))?;
        Self::parse(range).map_err(wrong)
    }

    fn parse(range: &str) -> Result<Self, &'static str> {
        let rest = range.strip_prefix("bytes ").ok_or("it does not begin with `bytes `")?;
        let (place, end) = rest.trim().split_once('/').ok_or("it has no `/`")?;
        let end = match end {
            "*" => StreamEnding::Unknown,
            end => StreamEnding::At(number(end)?),
        };
        if place == "*" {
            let StreamEnding::At(length) = end else { return Err("it says nothing") };
            return Ok(Self { first: length, length: Some(0), end });
        }
        let (first, last) = place.split_once('-').ok_or("it has no `-`")?;
        let (first, last) = (number(first)?, number(last)?);
        let end_of_piece = last.checked_add(1).ok_or("a number is too large")?;
        let length = end_of_piece.checked_sub(first).filter(|length| *length > 0);
        let length = length.ok_or("it ends before it begins")?;
        if matches!(end, StreamEnding::At(end) if last >= end) {
            return Err("it goes past the end");
        }
        Ok(Self { first, length: Some(length), end })
    }
}

fn number(text: &str) -> Result<u64, &'static str> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || text.is_empty() {
        return Err("a number is none");
    }
    text.parse().map_err(|_| "a number is too large")
}

fn wrong(what: &str) -> ApiError {
    let message = format!("Content-Range: {what}");
    let hint = "write `bytes FIRST-LAST/*`, `bytes FIRST-LAST/LENGTH` for the last piece, or `bytes */LENGTH` if all was sent";
    ApiError::new(StatusCode::BAD_REQUEST, "bad_range", message).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::{StreamEnding::*, *};

    #[test]
    fn a_range_says_where_a_piece_begins_and_whether_it_is_the_last() {
        for (range, first, length, end) in [
            ("bytes 0-0/*", 0, 1, Unknown),
            ("bytes 10-19/*", 10, 10, Unknown),
            ("bytes 10-19/20", 10, 10, At(20)),
            ("bytes 10-19/21", 10, 10, At(21)),
            ("bytes */20", 20, 0, At(20)),
            ("bytes */0", 0, 0, At(0)),
        ] {
            let wanted = StreamPiece { first, length: Some(length), end };
            assert_eq!(StreamPiece::parse(range), Ok(wanted), "{range}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for range in [
            "",
            "bytes",
            "bytes ",
            "bytes 1-2",
            "bytes 2-1/*",
            "bytes 0-9/9",
            "bytes */*",
            "bytes -1-2/*",
            "bytes +1-2/*",
            "bytes 1-/*",
            "bytes 0-18446744073709551615/*",
            "bytes 0-18446744073709551616/*",
            "items 0-1/*",
            "bytes=0-1/*",
        ] {
            assert!(StreamPiece::parse(range).is_err(), "{range}");
        }
    }
}
