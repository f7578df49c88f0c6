//! Lines of version 1 of the protocol, byte for byte as the old C library writes them.
//!
//! Nothing is escaped, as there: who reads them has to live with it.

use crate::{NoMemory, buffer::Cursor, with_buffer};

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
    let mut counter = Cursor::new(&mut []);
    push(&mut counter, keyword, name, details);
    with_buffer(counter.count(), |room| {
        let mut cursor = Cursor::new(room);
        push(&mut cursor, keyword, name, details);
        write(cursor.written().unwrap_or_default())
    })
}

fn push(out: &mut Cursor<'_>, keyword: &str, name: &[u8], details: Option<&[u8]>) {
    out.push(keyword.as_bytes());
    out.push(b": ");
    out.push(name);
    let Some(details) = details else {
        out.push(b"\n");
        return;
    };
    out.push(b" [\n");
    out.push(details);
    if !details.ends_with(b"\n") {
        out.push(b"\n");
    }
    out.push(b"]\n");
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
