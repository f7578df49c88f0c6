//! Which suite and which name a test id stands for.

use std::borrow::Cow;

use subunit_core::{RouteCode, run::Identities};

use crate::junit::values::CLASS_SEPARATOR;

/// How much of a test id is its class name, and how much of its end is its name: split at the first `::`,
/// or at the last `.` of what stands before parameters and spaces. Of ids that have neither nothing is a
/// class name, and all is a name.
pub(super) fn class_and_name(id: &str) -> (usize, usize) {
    let bytes = id.as_bytes();
    let mut colons = memchr::memchr_iter(b':', bytes);
    let joint = colons.find(|at| bytes[*at..].starts_with(CLASS_SEPARATOR.as_bytes()));
    let split = joint.map(|at| (at, id.len() - at - CLASS_SEPARATOR.len())).or_else(|| {
        let end = memchr::memchr3(b'(', b'[', b' ', bytes).unwrap_or(id.len());
        let dot = memchr::memrchr(b'.', &bytes[..end])?;
        Some((dot, id.len() - dot - 1))
    });
    split.filter(|(class, name)| *class > 0 && *name > 0).unwrap_or((0, id.len()))
}

/// The names in the route of a test, which tell it from tests of the same id, as packages in front of its class.
pub(super) fn package_of(route: Option<RouteCode<'_>>) -> Option<String> {
    let mut identities = Identities::default();
    let names = identities.of(route)?.as_str();
    (!names.is_empty()).then(|| names.replace('/', "."))
}

/// The class in its package.
pub(super) fn in_package<'c>(package: Option<&str>, class: &'c str) -> Cow<'c, str> {
    package.map_or_else(|| class.into(), |package| format!("{package}.{class}").into())
}
