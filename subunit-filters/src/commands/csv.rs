//! Records as rows of CSV: quoted where needed, lines ended by CR and LF, as RFC 4180 has it.

use std::io::{self, Write};

/// Writes a row.
pub(super) fn write_row(fields: &[&str], out: &mut dyn Write) -> io::Result<()> {
    for (nth, field) in fields.iter().enumerate() {
        if nth > 0 {
            out.write_all(b",")?;
        }
        write_field(field, out)?;
    }
    out.write_all(b"\r\n")
}

fn write_field(field: &str, out: &mut dyn Write) -> io::Result<()> {
    if !field.contains(['"', ',', '\r', '\n']) {
        return out.write_all(field.as_bytes());
    }
    write!(out, "\"{}\"", field.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_field_is_quoted() {
        let mut out = Vec::new();
        write_row(&["a,\"b", "", "two\nlines", "é"], &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\"a,\"\"b\",,\"two\nlines\",é\r\n");
    }
}
