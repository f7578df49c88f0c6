//! A hash of Berkeley DB, which is what `ndbm` mostly is.
//!
//! A bucket is a chain of pages. What is in other pages was deleted.

use std::{borrow::Cow, collections::HashSet};

use super::{
    found::{Bytes, FilePairs},
    store::LONGEST,
};

const MAGIC: u32 = 0x0006_1561;
/// Where it is in the first page.
const MAGIC_AT: usize = 12;

/// Where the first page says at which pages the groups of buckets begin, less their first bucket.
const SPARES: usize = 96;

/// The length of a page's head.
const HEAD: usize = 26;

/// Types of pages.
const HASH_UNSORTED: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH: u8 = 13;

/// Types of items.
const ON_PAGE: u8 = 1;
const OFF_PAGE: u8 = 3;

/// Reads a store; none if it is something else.
pub(super) fn read(bytes: &[u8]) -> Option<FilePairs> {
    let file = Bytes::with_magic(bytes, MAGIC_AT, &[MAGIC])?;
    let mut found = FilePairs::new(bytes);
    if buckets(file, &mut found).is_none() {
        found.wrong("a page that cannot be read");
    }
    Some(found)
}

fn buckets(file: Bytes<'_>, found: &mut FilePairs) -> Option<()> {
    let size = file.size(20).filter(|size| (512..=65536).contains(size))?;
    let last = file.size(72)?;
    let mut seen = HashSet::new();
    for bucket in 0..=last {
        // Buckets are made in groups, each twice as large as the one before, which begins somewhere.
        let group = usize::BITS - bucket.leading_zeros();
        let mut number = bucket.checked_add(file.size(SPARES + 4 * group as usize)?)?;
        while number != 0 {
            let page = Page::new(file, size, number)?;
            if ![HASH, HASH_UNSORTED].contains(&page.kind) || !seen.insert(number) {
                found.wrong("a page that belongs to nothing");
                break;
            }
            if !page.pairs(file, found) {
                return Some(());
            }
            number = page.bytes.size(16)?;
        }
    }
    Some(())
}

#[derive(Clone, Copy)]
struct Page<'a> {
    bytes: Bytes<'a>,
    kind: u8,
}

impl<'a> Page<'a> {
    fn new(file: Bytes<'a>, size: usize, number: usize) -> Option<Self> {
        let bytes = file.part(number.checked_mul(size)?, size)?;
        let kind = *bytes.bytes.get(25)?;
        Some(Self { bytes, kind })
    }

    /// Takes all pairs. False if there can be no more.
    fn pairs(self, file: Bytes<'_>, found: &mut FilePairs) -> bool {
        let entries = self.bytes.u16(20).unwrap_or_default();
        for nth in (0..entries).step_by(2) {
            match self.item(file, nth).zip(self.item(file, nth + 1)) {
                None => found.wrong("an entry that cannot be read"),
                Some((key, value)) => {
                    if !found.push(&key, &value) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Items are one below the other, the first at the end of the page.
    fn item(self, file: Bytes<'_>, nth: usize) -> Option<Cow<'a, [u8]>> {
        let place = |nth: usize| self.bytes.u16(HEAD + 2 * nth);
        let end = match nth.checked_sub(1) {
            None => self.bytes.bytes.len(),
            Some(before) => place(before)?,
        };
        let begin = place(nth)?;
        let item = self.bytes.part(begin, end.checked_sub(begin)?)?;
        match *item.bytes.first()? {
            ON_PAGE => Some(Cow::Borrowed(item.bytes.get(1..)?)),
            OFF_PAGE => {
                let size = self.bytes.bytes.len();
                overflow(file, size, item.size(4)?, item.size(8)?).map(Cow::Owned)
            }
            _ => None,
        }
    }
}

/// Content that has pages of its own, which are a chain.
fn overflow(file: Bytes<'_>, size: usize, first: usize, length: usize) -> Option<Vec<u8>> {
    if length > LONGEST as usize {
        return None;
    }
    let (mut content, mut next) = (Vec::new(), first);
    while content.len() < length {
        let page = Page::new(file, size, next).filter(|page| page.kind == OVERFLOW)?;
        let piece = page.bytes.get(HEAD, page.bytes.u16(22)?)?;
        if piece.is_empty() {
            return None;
        }
        content.extend_from_slice(piece);
        next = page.bytes.size(16)?;
    }
    (content.len() == length).then_some(content)
}
