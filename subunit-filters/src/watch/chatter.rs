//! Text printed beside the tests: each line has one origin and names it.

use subunit_core::RouteCode;

use super::line::one_line;
use crate::style::{Look, Tone, toned};

/// Puts the route in front of lines, as `0/1| `, and ends a line in which another route goes on.
#[derive(Clone, Debug, Default)]
pub struct Chatter {
    /// Whose line has not ended; no name for who has no route.
    unfinished: Option<String>,
    /// In that line something may have set a colour.
    coloured: bool,
}

/// Takes colours back.
const RESET: &[u8] = b"\x1b[0m";

impl Chatter {
    /// What to show of text of this route.
    pub fn shown(&mut self, route: Option<RouteCode<'_>>, text: &[u8], look: Look) -> Vec<u8> {
        let route = route.map_or("", RouteCode::as_str);
        let mut shown = Vec::with_capacity(text.len() + text.len() / 8);
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            if self.unfinished.as_deref() != Some(route) {
                self.begin(route, look, &mut shown);
            }
            // A colour that was set and not taken back would run on into what others say.
            self.coloured |= look.terminal && !route.is_empty() && line.contains(&0x1b);
            let (words, end) = match line.strip_suffix(b"\n") {
                Some(words) => (words.strip_suffix(b"\r").unwrap_or(words), true),
                None => (line, false),
            };
            shown.extend_from_slice(words);
            if end {
                self.reset(&mut shown);
                shown.extend_from_slice(line.get(words.len()..).unwrap_or_default());
                self.unfinished = None;
            }
        }
        shown
    }

    /// Nothing more is printed: ends the line of a route that has not ended.
    pub fn end(&mut self) -> Vec<u8> {
        let mut end = Vec::new();
        if self.unfinished.take().is_some_and(|route| !route.is_empty()) {
            self.reset(&mut end);
            end.push(b'\n');
        }
        end
    }

    fn reset(&mut self, shown: &mut Vec<u8>) {
        if std::mem::take(&mut self.coloured) {
            shown.extend_from_slice(RESET);
        }
    }

    fn begin(&mut self, route: &str, look: Look, shown: &mut Vec<u8>) {
        if self.unfinished.take().is_some() {
            self.reset(shown);
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
        assert_eq!((chatter.end(), chatter.end()), (b"\n".to_vec(), b"".to_vec()));
        let look = Look { colour: true, terminal: true };
        let shown = chatter.shown(Some(RouteCode::new("0/1")), b"x\ny\n", look);
        assert_eq!(shown, b"\x1b[2m0/1|\x1b[0m x\n\x1b[2m0/1|\x1b[0m y\n");
    }

    #[test]
    fn a_colour_ends_with_its_line() {
        let look = Look { colour: false, terminal: true };
        let shown = |pieces: &[(&str, &str)], look| {
            let mut chatter = Chatter::default();
            let mut shown = Vec::new();
            for (route, text) in pieces {
                let route = Some(RouteCode::new(route)).filter(|_| !route.is_empty());
                shown.extend(chatter.shown(route, text.as_bytes(), look));
            }
            shown.extend(chatter.end());
            String::from_utf8(shown).unwrap()
        };
        let red = "\x1b[31mred";
        assert_eq!(
            shown(&[("0", red), ("0", " rose\r\nx\n")], look),
            "0| \x1b[31mred rose\x1b[0m\r\n0| x\n"
        );
        assert_eq!(shown(&[("0", red), ("1", "x\n")], look), "0| \x1b[31mred\x1b[0m\n1| x\n");
        assert_eq!(shown(&[("0", red)], look), "0| \x1b[31mred\x1b[0m\n");
        assert_eq!(shown(&[("", "\x1b[31mred\n")], look), "\x1b[31mred\n");
        assert_eq!(shown(&[("0", "\x1b[31mred\n")], Look::default()), "0| \x1b[31mred\n");
    }
}
