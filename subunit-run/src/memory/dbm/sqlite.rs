//! The table `Dict` of an SQLite database, as `dbm.sqlite3` of Python 3.13 makes it.

use std::collections::HashSet;

use super::{
    found::{Bytes, FilePairs},
    store::LONGEST,
};

const MAGIC: &[u8] = b"SQLite format 3\0";

/// The longest row: a key, a value, and what is said about them.
const MOST: usize = 2 * LONGEST as usize + 64;

/// Types of pages of a table.
const LEAF: u8 = 13;
const INTERIOR: u8 = 5;

/// Reads a store; none if it is something else.
pub(super) fn read(bytes: &[u8]) -> Option<FilePairs> {
    if !bytes.starts_with(MAGIC) {
        return None;
    }
    let mut found = FilePairs::new(bytes);
    let Some(database) = Database::new(bytes) else {
        found.wrong("a head that cannot be read");
        return Some(found);
    };
    let mut root = None;
    let walked = database.rows(1, &mut |row| {
        if row.first().copied().flatten() == Some(b"table")
            && row.get(1).copied().flatten().is_some_and(|name| name.eq_ignore_ascii_case(b"Dict"))
        {
            let number = row.get(3).copied().flatten().unwrap_or_default();
            let number = number.iter().try_fold(0usize, |all, byte| {
                all.checked_mul(256)?.checked_add(usize::from(*byte))
            });
            root = number;
        }
        true
    });
    let Some(root) = root else {
        found.wrong("no table Dict");
        return Some(found);
    };
    let mut unread = walked.is_none();
    unread |= database
        .rows(root, &mut |row| match row {
            [Some(key), Some(value), ..] => found.push(key, value),
            _ => {
                found.wrong("a row that is no entry");
                true
            }
        })
        .is_none();
    if unread {
        found.wrong("a page that cannot be read");
    }
    Some(found)
}

/// A row: its columns as bytes, whatever their types.
type Row<'r> = [Option<&'r [u8]>];

struct Database<'a> {
    file: Bytes<'a>,
    page_size: usize,
    /// How much of a page is used.
    usable: usize,
}

impl<'a> Database<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let file = Bytes { bytes, big_endian: true };
        let page_size = match file.u16(16)? {
            1 => 65536,
            size => size,
        };
        let usable = page_size.checked_sub(usize::from(*bytes.get(20)?))?;
        (page_size >= 512 && usable >= 480).then_some(Self { file, page_size, usable })
    }

    fn page(&self, number: usize) -> Option<Bytes<'a>> {
        self.file.part(number.checked_sub(1)?.checked_mul(self.page_size)?, self.page_size)
    }

    /// Calls `each` with all rows of a table, until it says that it has enough. None if some of them cannot
    /// be read.
    fn rows(&self, root: usize, each: &mut dyn FnMut(&Row<'_>) -> bool) -> Option<()> {
        let (mut pages, mut seen) = (vec![root], HashSet::new());
        while let Some(number) = pages.pop() {
            if !seen.insert(number) {
                return None;
            }
            let page = self.page(number)?;
            // The first page begins with the head of the file.
            let head = if number == 1 { 100 } else { 0 };
            let kind = *page.bytes.get(head)?;
            let cells = page.u16(head + 3)?;
            match kind {
                LEAF => {
                    for nth in 0..cells {
                        let payload = self.payload(page, page.u16(head + 8 + 2 * nth)?)?;
                        if !each(&columns(&payload)?) {
                            return Some(());
                        }
                    }
                }
                INTERIOR => {
                    pages.push(page.size(head + 8)?);
                    for nth in (0..cells).rev() {
                        pages.push(page.size(page.u16(head + 12 + 2 * nth)?)?);
                    }
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// The content of a cell, which may go on in other pages.
    fn payload(&self, page: Bytes<'a>, cell: usize) -> Option<Vec<u8>> {
        let cell = page.bytes.get(cell..)?;
        let (length, cell) = number(cell)?;
        let (_row, cell) = number(cell)?;
        let length = usize::try_from(length).ok().filter(|size| *size <= MOST)?;
        let most = self.usable - 35;
        if length <= most {
            return Some(cell.get(..length)?.to_vec());
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let local = least + (length - least) % (self.usable - 4);
        let local = if local <= most { local } else { least };
        let mut payload = cell.get(..local)?.to_vec();
        let mut next = Bytes { bytes: cell, big_endian: true }.size(local)?;
        while payload.len() < length {
            let page = self.page(next)?;
            let piece = (length - payload.len()).min(self.usable - 4);
            payload.extend_from_slice(page.get(4, piece)?);
            next = page.size(0)?;
        }
        Some(payload)
    }
}

/// The columns of a record.
fn columns(record: &[u8]) -> Option<Vec<Option<&[u8]>>> {
    let (head, _) = number(record)?;
    let (mut head, mut content) = record.split_at_checked(usize::try_from(head).ok()?)?;
    head = number(head)?.1;
    let mut columns = Vec::new();
    while !head.is_empty() {
        let (kind, rest) = number(head)?;
        head = rest;
        let length = match kind {
            0 => {
                columns.push(None);
                continue;
            }
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            8 | 9 => 0,
            12.. => (kind - 12) / 2,
            _ => return None,
        };
        let (column, rest) = content.split_at_checked(usize::try_from(length).ok()?)?;
        content = rest;
        columns.push(Some(match kind {
            8 => &[0],
            9 => &[1],
            _ => column,
        }));
    }
    Some(columns)
}

/// A number of one to nine bytes, and what follows.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for nth in 0..8 {
        let byte = *bytes.get(nth)?;
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((number, bytes.get(nth + 1..)?));
        }
    }
    Some((number << 8 | u64::from(*bytes.get(8)?), bytes.get(9..)?))
}
