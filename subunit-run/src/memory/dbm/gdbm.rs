//! GNU dbm, as machines of 64 bits write it.
//!
//! A header names a directory, which names buckets, which name the places of keys and values.

use std::collections::HashSet;

use super::found::{Bytes, FilePairs};

/// The oldest, that of 64 bits, and that with a header that is written twice.
const MAGIC: [u32; 3] = [0x1357_9ace, 0x1357_9acf, 0x1357_9ad1];

/// Where the elements of a bucket begin.
const ELEMENTS: usize = 112;
const ELEMENT: usize = 24;
/// The hash of an element that is not used.
const UNUSED: u32 = u32::MAX;

/// Reads a store; none if it is something else.
pub(super) fn read(bytes: &[u8]) -> Option<FilePairs> {
    let file = Bytes::with_magic(bytes, 0, &MAGIC)?;
    let mut found = FilePairs::new(bytes);
    if buckets(file, &mut found).is_none() {
        found.wrong("the directory lies beyond the end");
    }
    Some(found)
}

fn buckets(file: Bytes<'_>, found: &mut FilePairs) -> Option<()> {
    let directory = file.part(file.place(8)?, file.size(16)?)?;
    let (size, elements) = (file.size(24)?, file.size(28)?);
    let mut seen = HashSet::new();
    for at in (0..directory.bytes.len()).step_by(8) {
        let Some(place) = directory.place(at) else { break };
        if !seen.insert(place) {
            continue;
        }
        let Some(bucket) = file.part(place, size) else {
            found.wrong("a bucket lies beyond the end");
            continue;
        };
        for nth in 0..elements {
            let Some(element) = bucket.part(ELEMENTS + nth.checked_mul(ELEMENT)?, ELEMENT) else {
                found.wrong("a bucket is too short");
                break;
            };
            if element.u32(0)? == UNUSED {
                continue;
            }
            let (place, key, value) = (element.place(8)?, element.size(16)?, element.size(20)?);
            let pair = file.get(place, key).zip(file.get(place.saturating_add(key), value));
            match pair {
                None => found.wrong("an entry lies beyond the end"),
                Some((key, value)) => {
                    if !found.push(key, value) {
                        return Some(());
                    }
                }
            }
        }
    }
    Some(())
}
