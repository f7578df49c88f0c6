//! Tables: columns under headings, as wide as their widest cell.

use std::io::{self, Write};

/// Writes a row of headings, a line and the rows.
pub(in crate::traditional) fn write_table<const COLUMNS: usize>(
    headings: [&str; COLUMNS],
    rows: &[[String; COLUMNS]],
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = |text: &str| text.chars().count();
    let mut widths = headings.map(width);
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = width(cell).max(*widest);
        }
    }
    write_row(&headings, &widths, out)?;
    write_row(&widths.map(|width| "-".repeat(width)), &widths, out)?;
    rows.iter().try_for_each(|row| write_row(row, &widths, out))
}

/// The last cell of a row is not filled up.
fn write_row(row: &[impl AsRef<str>], widths: &[usize], out: &mut dyn Write) -> io::Result<()> {
    let Some((last, cells)) = row.split_last() else { return Ok(()) };
    for (cell, width) in cells.iter().zip(widths) {
        write!(out, "{:width$}  ", cell.as_ref())?;
    }
    writeln!(out, "{}", last.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut out = Vec::new();
        let rows = [["a.four", "a.two"], ["ä", "unknown"]].map(|row| row.map(str::to_owned));
        write_table(["failing test", "caused by test"], &rows, &mut out).unwrap();
        let expected = "failing test  caused by test\n\
                        ------------  --------------\n\
                        a.four        a.two\n\
                        ä             unknown\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
