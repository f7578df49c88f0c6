//! Text with the colours of terminals as HTML.

use std::fmt::Write as _;

use crate::ansi::{Piece, pieces, push_visible};

/// Appends text to `html` so that it is only text: markup is escaped, control characters are pictures.
pub(super) fn push_escaped(html: &mut String, text: &str) {
    let mut visible = String::with_capacity(text.len());
    push_visible(&mut visible, text);
    for character in visible.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(character),
        }
    }
}

/// Appends text to `html`, with its colours as elements whose classes the page's style knows.
pub(super) fn push_coloured(html: &mut String, text: &str) {
    let mut look = Look::default();
    let mut open = false;
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => push_escaped(html, text),
            Piece::Colours(parameters) => {
                look.set(parameters);
                if std::mem::take(&mut open) {
                    html.push_str("</span>");
                }
                if look != Look::default() {
                    open = true;
                    look.push_start(html);
                }
            }
        }
    }
    if open {
        html.push_str("</span>");
    }
}

/// How text looks. Colours are 0 to 15, as terminals number them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Look {
    front: Option<u8>,
    back: Option<u8>,
    bold: bool,
    dim: bool,
    italic: bool,
    underlined: bool,
    reversed: bool,
}

impl Look {
    /// Takes parameters of a sequence, such as `1;31`. ECMA-48 section 8.3.117.
    fn set(&mut self, parameters: &str) {
        let mut numbers = parameters.split([';', ':']).map(|number| match number {
            "" => Some(0),
            _ => number.parse::<u16>().ok(),
        });
        while let Some(number) = numbers.next() {
            let Some(number) = number else { continue };
            match number {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underlined = true,
                7 => self.reversed = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underlined = false,
                27 => self.reversed = false,
                30..=37 => self.front = Some((number - 30) as u8),
                38 => self.front = extended(&mut numbers).or(self.front),
                39 => self.front = None,
                40..=47 => self.back = Some((number - 40) as u8),
                48 => self.back = extended(&mut numbers).or(self.back),
                49 => self.back = None,
                90..=97 => self.front = Some((number - 82) as u8),
                100..=107 => self.back = Some((number - 92) as u8),
                _ => {}
            }
        }
    }

    fn push_start(self, html: &mut String) {
        let (front, back) =
            if self.reversed { (self.back, self.front) } else { (self.front, self.back) };
        html.push_str("<span class=\"");
        if let Some(front) = front {
            let _ = write!(html, "f{front} ");
        }
        if let Some(back) = back {
            let _ = write!(html, "b{back} ");
        }
        let marks = [
            (self.bold, "bold "),
            (self.dim, "dim "),
            (self.italic, "italic "),
            (self.underlined, "underlined "),
            (self.reversed && front.is_none() && back.is_none(), "reversed "),
        ];
        html.extend(marks.into_iter().filter_map(|(set, name)| set.then_some(name)));
        html.push_str("\">");
    }
}

/// The nearest of 16 to a colour out of 256 (`5;n`) or of any (`2;r;g;b`).
fn extended(numbers: &mut impl Iterator<Item = Option<u16>>) -> Option<u8> {
    let mut next = || numbers.next().flatten().map(|number| number.min(255) as u8);
    match next()? {
        5 => Some(match next()? {
            number @ 0..=15 => number,
            // A cube of six steps a side, then shades of grey.
            number @ 16..=231 => {
                let cube = number - 16;
                nearest([cube / 36, cube / 6 % 6, cube % 6].map(|step| step * 51))
            }
            number => nearest([(number - 232) * 10 + 8; 3]),
        }),
        2 => Some(nearest([next()?, next()?, next()?])),
        _ => None,
    }
}

fn nearest(colour: [u8; 3]) -> u8 {
    let most = colour.into_iter().max().unwrap_or_default();
    if most < 48 {
        return 0;
    }
    let bits = colour.map(|part| u8::from(part >= most / 2 + most % 2 && part >= 48));
    let hue = bits[0] | bits[1] << 1 | bits[2] << 2;
    match (hue, most) {
        (7, 0..=127) => 8,
        (7, 128..=223) => 7,
        (_, 224..) => hue + 8,
        _ => hue,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coloured(text: &str) -> String {
        let mut html = String::new();
        push_coloured(&mut html, text);
        html
    }

    #[test]
    fn colours_are_elements_that_are_always_closed() {
        assert_eq!(
            coloured("a\x1b[1;31mb<\x1b[32mc\x1b[0md\x1b[4m"),
            "a<span class=\"f1 bold \">b&lt;</span><span class=\"f2 bold \">c</span>d\
             <span class=\"underlined \"></span>"
        );
        assert_eq!(coloured("\x1b[38;5;196mx\x1b[m"), "<span class=\"f9 \">x</span>");
        assert_eq!(coloured("\x1b[38;2;0;0;255;1mx"), "<span class=\"f12 bold \">x</span>");
        assert_eq!(coloured("\x1b[38;5mx\x1b[999;;mz"), "xz");
    }

    #[test]
    fn what_tests_print_is_only_text() {
        assert_eq!(
            coloured("</script><b a='\"'>&\0\x1b"),
            "&lt;/script&gt;&lt;b a=&#39;&quot;&#39;&gt;&amp;␀␛"
        );
    }
}
