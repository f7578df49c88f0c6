//! What tells a test apart from all others, wherever it ran.

use crate::RouteCode;

/// Whether a hop of a route is a place, such as the number of a worker: a decimal number. Other hops are names and
/// belong to the identity of what came through them.
pub fn is_place(hop: &str) -> bool {
    !hop.is_empty() && hop.bytes().all(|byte| byte.is_ascii_digit())
}

/// Removes the places from routes.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    /// The last route that had both names and places.
    names: String,
}

impl Identities {
    /// The hops of a route that are names, which tell tests apart; `None` if there are none.
    #[inline]
    pub fn of<'a>(&'a mut self, route_code: Option<RouteCode<'a>>) -> Option<RouteCode<'a>> {
        let route = route_code?;
        if !route.as_str().bytes().any(|byte| byte.is_ascii_digit()) {
            return Some(route);
        }
        self.of_numbered(route)
    }

    fn of_numbered<'a>(&'a mut self, route: RouteCode<'a>) -> Option<RouteCode<'a>> {
        let hops = || route.as_str().split('/');
        if !hops().any(is_place) {
            return Some(route);
        }
        self.names.clear();
        let mut is_first = true;
        for hop in hops().filter(|hop| !is_place(hop)) {
            if !std::mem::take(&mut is_first) {
                self.names.push('/');
            }
            self.names.push_str(hop);
        }
        (!is_first).then(|| RouteCode::new(&self.names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places_and_all_else_are_names() {
        for (route, names) in [
            (None, None),
            (Some("0"), None),
            (Some("0/12"), None),
            (Some("go"), Some("go")),
            (Some("go/0"), Some("go")),
            (Some("3/go/0/chromium 2"), Some("go/chromium 2")),
            (Some("a/b1"), Some("a/b1")),
            (Some(""), Some("")),
            (Some("0/"), Some("")),
            (Some("-1"), Some("-1")),
        ] {
            let mut identities = Identities::default();
            let found = identities.of(route.map(RouteCode::new));
            assert_eq!(found.map(RouteCode::as_str), names, "{route:?}");
        }
    }
}
