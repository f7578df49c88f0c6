//! The wall between C and Rust: what every entry of the libraries goes through.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Errno;

/// Runs `body`; where it panics, the answer is `after_panic`. errno is afterwards what it was before.
///
/// `body` may leave its own data half changed by a panic: what it works on must stand that. All that
/// the libraries share between calls are atomics and buffers that are refilled from the start.
pub fn guard<T>(after_panic: T, body: impl FnOnce() -> T) -> T {
    let errno = Errno::last();
    let answer = catch_unwind(AssertUnwindSafe(body)).unwrap_or(after_panic);
    errno.restore();
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_the_answer_given_for_it() {
        assert_eq!(guard(-9, || panic!("a bug")), -9);
        assert_eq!(guard(-9, || 0), 0);
    }

    #[test]
    fn errno_is_kept() {
        Errno::NO_SPACE.restore();
        guard((), || Errno::BAD_DESCRIPTOR.restore());
        assert_eq!(Errno::last(), Errno::NO_SPACE);
    }
}
