//! Lines of version 1 of the protocol, byte for byte as the old C library writes them.
//!
//! Nothing is escaped, as there: who reads them has to live with it.

use crate::{NoMemory, with_buffer};

/// Lends `keyword: name`, and the details in brackets where there are any, to `write`.
///
/// # Errors
///
/// Where there is no memory for a long record.
pub fn record<T>(
    keyword: &str,
    name: &[u8],
    details: Option<&[u8]>,
    write: impl FnOnce(&[u8]) -> T,
) -> Result<T, NoMemory> {
    let end: [&[u8]; 4] = match details {
        None => [b"\n", b"", b"", b""],
        Some(details) if details.ends_with(b"\n") => [b" [\n", details, b"", b"]\n"],
        Some(details) => [b" [\n", details, b"\n", b"]\n"],
    };
    let parts = [keyword.as_bytes(), b": ", name].into_iter().chain(end);
    let length = parts.clone().map(<[u8]>::len).fold(0, usize::saturating_add);
    with_buffer(length, |room| {
        let mut rest = &mut *room;
        for part in parts {
            if let Some(next) = rest.split_off_mut(..part.len()) {
                next.copy_from_slice(part);
            }
        }
        write(room)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &[u8], details: Option<&[u8]>) -> Vec<u8> {
        record("failure", name, details, <[u8]>::to_vec).unwrap()
    }

    #[test]
    fn details_end_with_one_newline_whether_they_had_one_or_not() {
        assert_eq!(written(b"a", None), b"failure: a\n");
        assert_eq!(written(b"a", Some(b"x")), b"failure: a [\nx\n]\n");
        assert_eq!(written(b"a", Some(b"x\n")), b"failure: a [\nx\n]\n");
        assert_eq!(written(b"a", Some(b"")), b"failure: a [\n\n]\n");
    }

    #[test]
    fn a_long_record_is_one_piece() {
        let long = vec![b'x'; 100_000];
        assert_eq!(written(b"a", Some(&long)).len(), 100_000 + "failure: a [\n\n]\n".len());
    }
}
