//! A picture at the bottom of a terminal that is drawn anew in its place, and lines above it that stay.
//!
//! The cursor rests at the picture's first line, which is blank or holds a line of text that has not
//! ended: whatever else writes to the terminal begins there, and is not drawn over.

use std::io::{self, Write};

/// Draws pictures over each other.
#[derive(Clone, Debug, Default)]
pub(super) struct LiveRegion {
    /// What was drawn last.
    picture: Vec<String>,
}

impl LiveRegion {
    /// Puts whole lines that stay above the picture, and draws the picture: lines that fit the
    /// terminal's width, and fewer than its height. Draws nothing where nothing has changed.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(super) fn draw(
        &mut self,
        above: &[u8],
        picture: Vec<String>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if above.is_empty() && picture == self.picture {
            return Ok(());
        }
        out.write_all(b"\r")?;
        if !above.is_empty() {
            self.erase(out)?;
            out.write_all(above)?;
        }
        for (index, line) in picture.iter().enumerate() {
            let end = if index == 0 { "" } else { "\r\n" };
            write!(out, "{end}{line}\x1b[K")?;
        }
        out.write_all(b"\x1b[J\r")?;
        if let up @ 1.. = picture.len().saturating_sub(1) {
            write!(out, "\x1b[{up}A")?;
        }
        self.picture = picture;
        Ok(())
    }

    /// Takes the picture away.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(super) fn clear(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\r")?;
        self.erase(out)?;
        self.picture.clear();
        Ok(())
    }

    /// Erases the picture line by line: where all of a screen is erased at once, some terminals take
    /// what was on it for something worth keeping.
    fn erase(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\x1b7")?;
        for _ in &self.picture {
            out.write_all(b"\x1b[K\x1b[B")?;
        }
        out.write_all(b"\x1b8")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal of 8 lines and 20 columns.
    struct Terminal(vt100::Parser);

    impl Terminal {
        fn new() -> Self {
            Self(vt100::Parser::new(8, 20, 100))
        }

        /// Shows bytes, with line ends as a terminal's driver makes them.
        fn show(&mut self, bytes: &[u8]) {
            let bytes = bytes.iter().flat_map(|byte| match byte {
                b'\n' => b"\r\n".as_slice(),
                byte => std::slice::from_ref(byte),
            });
            self.0.process(&bytes.copied().collect::<Vec<u8>>());
        }

        fn draw(&mut self, region: &mut LiveRegion, above: &str, picture: &[&str]) {
            let mut bytes = Vec::new();
            let picture = picture.iter().map(|line| (*line).to_owned()).collect();
            region.draw(above.as_bytes(), picture, &mut bytes).unwrap();
            self.show(&bytes);
        }

        fn screen(&self) -> String {
            self.0.screen().contents()
        }
    }

    #[test]
    fn a_picture_is_drawn_in_the_place_of_the_one_before() {
        let (mut terminal, mut region) = (Terminal::new(), LiveRegion::default());
        terminal.show(b"$ subunit watch\n");
        terminal.draw(&mut region, "", &["", "3/9 and more", "test a", "test b"]);
        assert_eq!(terminal.screen(), "$ subunit watch\n\n3/9 and more\ntest a\ntest b");
        terminal.draw(&mut region, "", &["", "4/9", "test c"]);
        assert_eq!(terminal.screen(), "$ subunit watch\n\n4/9\ntest c");
        let mut bytes = Vec::new();
        region.clear(&mut bytes).unwrap();
        terminal.show(&bytes);
        assert_eq!(terminal.screen(), "$ subunit watch");
        assert_eq!(terminal.0.screen().cursor_position(), (1, 0));
    }

    #[test]
    fn what_stands_above_stays_however_long_it_is() {
        let (mut terminal, mut region) = (Terminal::new(), LiveRegion::default());
        let mut expected = String::new();
        for line in 0..30 {
            let above = format!("{line} a line that is wrapped\n");
            terminal.draw(&mut region, &above, &["", "picture", "test"]);
            expected = expected + &above;
        }
        assert!(
            terminal
                .screen()
                .ends_with("28 a line that is wrapped\n29 a line that is wrapped\n\npicture\ntest"),
            "{}",
            terminal.screen()
        );
        terminal.0.screen_mut().set_scrollback(100);
        assert!(terminal.screen().starts_with("0 a line that is wrapped\n1 a line that"));
    }

    #[test]
    fn what_others_write_is_not_drawn_over() {
        let (mut terminal, mut region) = (Terminal::new(), LiveRegion::default());
        terminal.draw(&mut region, "", &["", "picture", "test"]);
        terminal.show(b"pytest: warning\n");
        terminal.draw(&mut region, "", &["", "picture 2", "test"]);
        assert_eq!(terminal.screen(), "pytest: warning\n\npicture 2\ntest");
    }

    #[test]
    fn nothing_is_written_where_nothing_has_changed() {
        let (mut region, mut bytes) = (LiveRegion::default(), Vec::new());
        region.draw(b"", vec!["a".into()], &mut bytes).unwrap();
        let length = bytes.len();
        region.draw(b"", vec!["a".into()], &mut bytes).unwrap();
        assert!(length > 0 && bytes.len() == length);
    }
}
