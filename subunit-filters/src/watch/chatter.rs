//! What is printed beside the tests: a line is of one origin, and says which.

use subunit_core::RouteCode;

use super::line::one_line;
use crate::{
    console::Look,
    style::{Tone, toned},
};

/// Puts the route in front of lines, as `0/1| `, and ends a line in which another route goes on.
#[derive(Clone, Debug, Default)]
pub struct Chatter {
    /// Whose line has not ended; no name for who has no route.
    unfinished: Option<String>,
}

impl Chatter {
    /// What to show of text of this route.
    pub fn shown(&mut self, route: Option<RouteCode<'_>>, text: &[u8], look: Look) -> Vec<u8> {
        let route = route.map_or("", RouteCode::as_str);
        let mut shown = Vec::with_capacity(text.len() + text.len() / 8);
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            if self.unfinished.as_deref() != Some(route) {
                self.begin(route, look, &mut shown);
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

    fn begin(&mut self, route: &str, look: Look, shown: &mut Vec<u8>) {
        if self.unfinished.take().is_some() {
            shown.push(b'\n');
        }
        if !route.is_empty() {
            let origin = format!("{}|", one_line(route));
            let origin = format!("{} ", toned(look, Tone::Quiet, origin));
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
            shown +=
                &String::from_utf8(chatter.shown(route_code, text.as_bytes(), Look::default()))
                    .unwrap();
        }
        let expected =
            "0| compiling a\n0| link\n1/2| one\n1/2| two\n0| ing\nplain words\na\\nb| x\n";
        assert_eq!(shown, expected);
        assert_eq!(chatter.shown(None, b"words", Look::default()), b"words");
        assert_eq!(chatter.end(), b"", "it was not ours");
        assert_eq!(
            chatter.shown(Some(RouteCode::new("0")), b"words", Look::default()),
            b"0| words"
        );
        assert_eq!((chatter.end(), chatter.end()), (&b"\n"[..], &b""[..]));
        let look = Look { colour: true, terminal: true };
        let shown = chatter.shown(Some(RouteCode::new("0/1")), b"x\ny\n", look);
        assert_eq!(shown, b"\x1b[2m0/1|\x1b[0m x\n\x1b[2m0/1|\x1b[0m y\n");
    }
}
