//! Paths of multiplexers.

use std::fmt;

/// The multiplexers an event came through, outermost first, with `/` between them: `0/1`.
///
/// Each multiplexer puts its own segment before the route code of what it forwards, and removes it from what
/// goes the other way.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RouteCode<'a>(&'a str);

impl<'a> RouteCode<'a> {
    /// Makes any string a route code. The empty one has a single, empty segment.
    pub const fn new(path: &'a str) -> Self {
        Self(path)
    }

    /// The path as it stands on the wire.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// The outermost segment, and the rest of the path, if there is one.
    pub fn split_first(self) -> (&'a str, Option<Self>) {
        match self.0.split_once('/') {
            Some((first, rest)) => (first, Some(Self(rest))),
            None => (self.0, None),
        }
    }

    /// The path after `prefix`: `None` if the path does not begin with its segments, `Some(None)` if it has
    /// no more than these. `0/1` without `0` is `1`; `01` does not begin with `0`.
    pub fn strip_prefix(self, prefix: RouteCode<'_>) -> Option<Option<Self>> {
        let rest = self.0.strip_prefix(prefix.0)?;
        if rest.is_empty() {
            return Some(None);
        }
        rest.strip_prefix('/').map(|rest| Some(Self(rest)))
    }

    /// Whether the path begins with the segments of `prefix`.
    pub fn starts_with(self, prefix: RouteCode<'_>) -> bool {
        self.strip_prefix(prefix).is_some()
    }

    /// A copy that owns the path.
    pub fn to_buf(self) -> RouteCodeBuf {
        RouteCodeBuf(self.0.to_owned())
    }
}

impl fmt::Display for RouteCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// A [`RouteCode`] that owns its path.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RouteCodeBuf(String);

impl RouteCodeBuf {
    /// Makes any string a route code.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// How many bytes it has room for.
    pub(crate) fn capacity(&self) -> usize {
        self.0.capacity()
    }

    /// Replaces the path by `route`, and keeps the allocation.
    pub(crate) fn assign(&mut self, route: RouteCode<'_>) {
        self.0.clear();
        self.0.push_str(route.0);
    }

    /// The same path, borrowed.
    pub fn as_route(&self) -> RouteCode<'_> {
        RouteCode(&self.0)
    }

    /// This path with `rest` after it: a multiplexer named `0` turns `1` into `0/1`.
    pub fn join(&self, rest: Option<RouteCode<'_>>) -> Self {
        match rest {
            Some(rest) => Self(format!("{}/{}", self.0, rest.0)),
            None => self.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_off_whole_segments_only() {
        let route = RouteCode::new("0/1");
        assert_eq!(route.split_first(), ("0", Some(RouteCode::new("1"))));
        assert_eq!(route.strip_prefix(RouteCode::new("0")), Some(Some(RouteCode::new("1"))));
        assert_eq!(route.strip_prefix(route), Some(None));
        assert_eq!(RouteCode::new("01").strip_prefix(RouteCode::new("0")), None);
        assert_eq!(
            RouteCode::new("0/").strip_prefix(RouteCode::new("0")),
            Some(Some(RouteCode::new("")))
        );
    }

    #[test]
    fn puts_a_segment_in_front() {
        let mux = RouteCodeBuf::new("0");
        assert_eq!(mux.join(Some(RouteCode::new("1"))).as_route().as_str(), "0/1");
        assert_eq!(mux.join(None), mux);
    }
}
