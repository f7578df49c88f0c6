//! How is a count said?

use std::fmt::Display;

/// A count and the word of what is counted, as people write it: `0 tests`, `1 test`, `2 tests`.
///
/// ```
/// use subunit_core::run::counted;
///
/// assert_eq!(counted(1_u64, "test"), "1 test");
/// assert_eq!(counted(2_usize, "more failure"), "2 more failures");
/// ```
pub fn counted<N: Display + From<u8> + PartialEq>(count: N, what: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {what}{plural}")
}
