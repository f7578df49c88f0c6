//! Repairs the ids that Check cuts.
//!
//! Check's log of starting tests goes through `snprintf(buffer, 99, ..)`, its log of results does not: a
//! test with a long name starts under 98 bytes of it and ends under all. In version 2 the first would
//! be in progress for ever. What starts and ends is one test, by the id it started with.

use std::cell::Cell;

/// What is left of a longer id.
const CUT: usize = 98;

thread_local! {
    /// The id last started by this thread, if it is as long as one that was cut. No lock and no
    /// memory to free: a fork may come at any moment.
    static STARTED: Cell<Option<[u8; CUT]>> = const { Cell::new(None) };
}

/// A test started under this id.
pub(crate) fn started(name: &[u8]) {
    STARTED.set(name.try_into().ok());
}

/// Lends the id that the test of this name started with.
pub(crate) fn with_started<T>(name: &[u8], body: impl FnOnce(&[u8]) -> T) -> T {
    match STARTED.get() {
        Some(started) if name.starts_with(&started) => body(&started),
        _ => body(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(name: &[u8]) -> Vec<u8> {
        with_started(name, <[u8]>::to_vec)
    }

    #[test]
    fn a_cut_id_is_the_tests_to_its_end() {
        let long = [b'x'; 150];
        started(&long[..CUT]);
        assert_eq!(id_of(&long), &long[..CUT]);
        assert_eq!(id_of(b"other"), b"other");
    }

    #[test]
    fn other_lengths_were_not_cut() {
        let long = [b'x'; 150];
        for length in [0, CUT - 1, CUT + 1] {
            started(&long[..length]);
            assert_eq!(id_of(&long), long);
        }
    }
}
