//! Text printed beside the tests: each line has one origin and names it.

use subunit_core::RouteCode;

use super::line::one_line;
use crate::style::{Look, Tone, toned};

/// Puts the route in front of lines, as `0/1| `, and ends a line in which another route goes on, or the other
/// output of the same one. Where colours are shown, error output has another one.
#[derive(Clone, Debug, Default)]
pub struct Chatter {
    /// Whose line has not ended; no name for who has no route.
    unfinished: Option<(String, bool)>,
    /// In that line something may have set a colour.
    coloured: bool,
}

/// Takes colours back.
const RESET: &[u8] = b"\x1b[0m";

impl Chatter {
    /// What to show of text of this route, and of the file of this name.
    pub fn shown(
        &mut self,
        route: Option<RouteCode<'_>>,
        file: &str,
        text: &[u8],
        look: Look,
    ) -> Vec<u8> {
        let route = route.map_or("", RouteCode::as_str);
        // What has no name in front is shown as it came.
        let is_error = file == "stderr" && !route.is_empty();
        let mut shown = Vec::with_capacity(text.len() + text.len() / 8);
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let goes_on = |(whose, error): &(String, bool)| whose == route && *error == is_error;
            if !self.unfinished.as_ref().is_some_and(goes_on) {
                self.begin(route, is_error, look, &mut shown);
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
        if self.unfinished.take().is_some_and(|(route, _)| !route.is_empty()) {
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

    fn begin(&mut self, route: &str, is_error: bool, look: Look, shown: &mut Vec<u8>) {
        if self.unfinished.take().is_some() {
            self.reset(shown);
            shown.push(b'\n');
        }
        if !route.is_empty() {
            let origin = format!("{}|", one_line(route));
            let tone = if is_error { Tone::Dim } else { Tone::Quiet };
            let origin = format!("{} ", toned(look, tone, origin));
            shown.extend_from_slice(origin.as_bytes());
        }
        self.unfinished = Some((route.to_owned(), is_error));
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
            shown += &String::from_utf8(chatter.shown(
                route_code,
                "stdout",
                text.as_bytes(),
                Look::default(),
            ))
            .unwrap();
        }
        let expected =
            "0| compiling a\n0| link\n1/2| one\n1/2| two\n0| ing\nplain words\na\\nb| x\n";
        assert_eq!(shown, expected);
        assert_eq!(chatter.shown(None, "", b"words", Look::default()), b"words");
        assert_eq!(chatter.end(), b"", "it was not ours");
        assert_eq!(
            chatter.shown(Some(RouteCode::new("0")), "stdout", b"words", Look::default()),
            b"0| words"
        );
        assert_eq!((chatter.end(), chatter.end()), (b"\n".to_vec(), b"".to_vec()));
        let look = Look { colour: true, terminal: true };
        let shown = chatter.shown(Some(RouteCode::new("0/1")), "stdout", b"x\ny\n", look);
        assert_eq!(shown, b"\x1b[2m0/1|\x1b[0m x\n\x1b[2m0/1|\x1b[0m y\n");
    }

    #[test]
    fn the_outputs_of_one_route_do_not_run_into_each_other() {
        let look = Look { colour: true, terminal: true };
        let route = Some(RouteCode::new("0"));
        let mut chatter = Chatter::default();
        let mut shown = Vec::new();
        for (file, text) in
            [("stdout", "(Pdb) "), ("stderr", "warn"), ("stderr", "ing\n"), ("log", "x")]
        {
            shown.extend(chatter.shown(route, file, text.as_bytes(), look));
        }
        let (quiet, dim, end) = ("\x1b[2m0|", "\x1b[33m0|", "\x1b[0m");
        let expected = format!("{quiet}{end} (Pdb) \n{dim}{end} warning\n{quiet}{end} x");
        assert_eq!(String::from_utf8(shown).unwrap(), expected);
        // Without a name in front they are as they came.
        let mut chatter = Chatter::default();
        assert_eq!(chatter.shown(None, "stdout", b"..", look), b"..");
        assert_eq!(chatter.shown(None, "stderr", b"x\n", look), b"x\n");
    }

    #[test]
    fn a_colour_ends_with_its_line() {
        let look = Look { colour: false, terminal: true };
        let shown = |pieces: &[(&str, &str)], look| {
            let mut chatter = Chatter::default();
            let mut shown = Vec::new();
            for (route, text) in pieces {
                let route = Some(RouteCode::new(route)).filter(|_| !route.is_empty());
                shown.extend(chatter.shown(route, "stdout", text.as_bytes(), look));
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
