//! What is found in the bytes of a store, whatever they hold.

use super::store::{LONGEST, Pair};

/// The pairs of a store, and what is wrong with it.
#[derive(Debug)]
pub(super) struct FilePairs {
    pub(super) pairs: Vec<Pair>,
    /// The first thing that is wrong.
    pub(super) wrong: Option<&'static str>,
    /// How many bytes there may still be. Pairs do not overlap, so all are not more than the file.
    room: usize,
}

impl FilePairs {
    pub(super) fn new(file: &[u8]) -> Self {
        Self { pairs: Vec::new(), wrong: None, room: file.len() }
    }

    pub(super) fn wrong(&mut self, what: &'static str) {
        self.wrong.get_or_insert(what);
    }

    /// Takes a pair. False if it cannot be one, nor can any further one.
    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) -> bool {
        let longest = LONGEST as usize;
        if key.len() > longest || value.len() > longest {
            self.wrong("an entry is too long");
            return true;
        }
        let Some(room) = self.room.checked_sub(key.len() + value.len()) else {
            self.wrong("entries overlap");
            return false;
        };
        self.room = room;
        self.pairs.push((key.to_vec(), value.to_vec()));
        true
    }
}

/// A file with numbers of fixed length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) big_endian: bool,
}

impl<'a> Bytes<'a> {
    /// The bytes of such an order that the first number, at `at`, is one of `magic`.
    pub(super) fn with_magic(bytes: &'a [u8], at: usize, magic: &[u32]) -> Option<Self> {
        let orders = [false, true].map(|big_endian| Self { bytes, big_endian });
        orders.into_iter().find(|file| file.u32(at).is_some_and(|found| magic.contains(&found)))
    }

    /// `length` bytes at `at`.
    pub(super) fn get(self, at: usize, length: usize) -> Option<&'a [u8]> {
        self.bytes.get(at..at.checked_add(length)?)
    }

    /// A part of it.
    pub(super) fn part(self, at: usize, length: usize) -> Option<Self> {
        Some(Self { bytes: self.get(at, length)?, ..self })
    }

    fn number<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        let mut number: [u8; N] = self.get(at, N)?.try_into().ok()?;
        if !self.big_endian {
            number.reverse();
        }
        Some(number)
    }

    pub(super) fn u16(self, at: usize) -> Option<usize> {
        self.number(at).map(u16::from_be_bytes).map(usize::from)
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        self.number(at).map(u32::from_be_bytes)
    }

    /// A length or a place in the file.
    pub(super) fn size(self, at: usize) -> Option<usize> {
        usize::try_from(self.u32(at)?).ok()
    }

    /// A place in the file, of 64 bits.
    pub(super) fn place(self, at: usize) -> Option<usize> {
        self.number(at).map(u64::from_be_bytes)?.try_into().ok()
    }
}
