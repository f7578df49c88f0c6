//! What is printed beside the tests: a line is of one origin, and says which.

use std::fmt::Write;

use subunit_core::RouteCode;

use super::line::one_line;

/// Puts the route in front of lines, as `0/1| `, and ends a line in which another route goes on.
#[derive(Clone, Debug, Default)]
pub struct Chatter {
    /// Whose line has not ended; no name for who has no route.
    unfinished: Option<String>,
}

impl Chatter {
    /// What to show of text of this route.
    pub fn shown(&mut self, route: Option<RouteCode<'_>>, text: &[u8]) -> Vec<u8> {
        let route = route.map_or("", RouteCode::as_str);
        let mut shown = Vec::with_capacity(text.len() + text.len() / 8);
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            if self.unfinished.as_deref() != Some(route) {
                self.begin(route, &mut shown);
            }
            shown.extend_from_slice(line);
            if line.ends_with(b"\n") {
                self.unfinished = None;
            }
        }
        shown
    }

    /// Nothing more is printed: ends the line of a route that has not ended.
    pub fn end(&mut self) -> &'static [u8] {
        let unfinished = self.unfinished.take().is_some_and(|route| !route.is_empty());
        if unfinished { b"\n" } else { b"" }
    }

    fn begin(&mut self, route: &str, shown: &mut Vec<u8>) {
        if self.unfinished.take().is_some() {
            shown.push(b'\n');
        }
        if !route.is_empty() {
            let mut origin = String::new();
            // A string takes all.
            let _ = write!(origin, "{}| ", one_line(route));
            shown.extend_from_slice(origin.as_bytes());
        }
        self.unfinished = Some(route.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_of_one_route_and_says_of_which() {
        let mut chatter = Chatter::default();
        let mut shown = String::new();
        for (route, text) in [
            ("0", "compiling"),
            ("0", " a\nlink"),
            ("1/2", "one\ntwo\n"),
            ("0", "ing\n"),
            ("", "plain"),
            ("", " words\n"),
            ("a\nb", "x\n"),
        ] {
            let route_code = Some(RouteCode::new(route)).filter(|_| !route.is_empty());
            shown += &String::from_utf8(chatter.shown(route_code, text.as_bytes())).unwrap();
        }
        let expected =
            "0| compiling a\n0| link\n1/2| one\n1/2| two\n0| ing\nplain words\na\\nb| x\n";
        assert_eq!(shown, expected);
        assert_eq!(chatter.shown(None, b"words"), b"words");
        assert_eq!(chatter.end(), b"", "it was not ours");
        assert_eq!(chatter.shown(Some(RouteCode::new("0")), b"words"), b"0| words");
        assert_eq!((chatter.end(), chatter.end()), (&b"\n"[..], &b""[..]));
    }
}
