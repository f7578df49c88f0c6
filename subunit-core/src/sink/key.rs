//! What tells one test from another.

use crate::RouteCode;

/// Puts the key of a test into `key`: route code and id with a NUL between them, which neither can
/// hold; another NUL in front where there is no route code. Gives back how many bytes of the key are
/// the route code, if there is one.
pub(super) fn write_key(
    key: &mut Vec<u8>,
    route_code: Option<RouteCode<'_>>,
    test_id: &str,
) -> Option<usize> {
    key.clear();
    let route = route_code.map(RouteCode::as_str);
    key.extend_from_slice(route.unwrap_or("\0").as_bytes());
    key.push(0);
    key.extend_from_slice(test_id.as_bytes());
    route.map(str::len)
}
