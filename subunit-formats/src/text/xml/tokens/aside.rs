//! Markup that is no element: comments, CDATA, instructions, document types.

use memchr::memchr;

use super::state::{Kind, Surroundings, TokenState, TokenStep, Tokens, take};

/// Instructions and document types, which are short by their nature, are held up to this length; what is
/// longer is text, or handed over as [`Kind::Beyond`].
const LONGEST: usize = 1 << 16;

const CDATA: &[u8] = b"<![CDATA[";
const COMMENT: &[u8] = b"<!--";
const DOCTYPE: &[u8] = b"<!DOCTYPE";

impl Tokens {
    /// Behind `<!`: which of them it is.
    pub(super) fn aside<'a>(&mut self, input: &mut &[u8], place: Surroundings) -> TokenStep<'a> {
        let byte = input[0];
        let known = [CDATA, COMMENT, DOCTYPE].into_iter().find(|known| {
            (place.inside || *known != CDATA)
                && known.starts_with(&self.held)
                && known.get(self.held.len()) == Some(&byte)
        });
        let Some(known) = known else {
            return self.whole(Kind::Text);
        };
        self.hold(input, 1);
        if self.held != known {
            return TokenStep::More;
        }
        self.state = match known {
            DOCTYPE => TokenState::Doctype { quote: None, brackets: 0 },
            COMMENT => TokenState::Comment,
            _ => TokenState::CData,
        };
        if known != DOCTYPE {
            self.held.clear();
        }
        TokenStep::More
    }

    pub(super) fn instruction<'a>(
        &mut self,
        input: &mut &[u8],
        place: Surroundings,
    ) -> TokenStep<'a> {
        let known = b"<?xml";
        if let Some(expected) = known.get(self.held.len()) {
            if !place.inside && *expected != input[0] {
                return self.whole(Kind::Text);
            }
            self.hold(input, 1);
            let ended = self.held.ends_with(b"?>");
            return if ended { self.whole(Kind::Instruction) } else { TokenStep::More };
        }
        let room = LONGEST.saturating_sub(self.held.len()).min(input.len());
        let end = memchr(b'>', &input[..room]).map_or(room, |at| at + 1);
        self.hold(input, end);
        if self.held.ends_with(b"?>") {
            let declares = self.held.get(known.len()).is_some_and(u8::is_ascii_whitespace);
            let declares = declares && self.held.starts_with(known);
            return self.whole(if declares { Kind::Declaration } else { Kind::Instruction });
        }
        if self.held.len() < LONGEST { TokenStep::More } else { self.whole(Kind::Text) }
    }

    /// The inside of a comment or of CDATA, which end with `mark` twice and `>`. Only marks are held.
    pub(super) fn section<'a>(
        &mut self,
        input: &mut &'a [u8],
        mark: u8,
        kind: Kind,
    ) -> TokenStep<'a> {
        if self.held.is_empty() {
            let inside = memchr(mark, input).unwrap_or(input.len());
            if inside > 0 {
                return TokenStep::Input(kind, take(input, inside));
            }
        }
        match (input[0], self.held.len()) {
            // Of a long run of marks only the last two can belong to the end.
            (byte, 2) if byte == mark => TokenStep::Input(kind, take(input, 1)),
            (byte, _) if byte == mark => {
                self.hold(input, 1);
                TokenStep::More
            }
            (b'>', 2) => {
                take(input, 1);
                self.held.clear();
                self.state = TokenState::Text;
                // What follows it is looked at anew.
                TokenStep::Input(kind, &[])
            }
            _ => TokenStep::Held(kind),
        }
    }

    pub(super) fn doctype<'a>(
        &mut self,
        input: &mut &[u8],
        quote: Option<u8>,
        brackets: usize,
    ) -> TokenStep<'a> {
        let byte = input[0];
        self.hold(input, 1);
        let (quote, brackets) = match (quote, byte) {
            (Some(open), _) if byte == open => (None, brackets),
            (Some(_), _) => (quote, brackets),
            (None, b'"' | b'\'') => (Some(byte), brackets),
            (None, b'[') => (None, brackets + 1),
            (None, b']') => (None, brackets.saturating_sub(1)),
            (None, b'>') if brackets == 0 => return self.whole(Kind::Doctype),
            _ => (None, brackets),
        };
        self.state = TokenState::Doctype { quote, brackets };
        if self.held.len() < LONGEST { TokenStep::More } else { TokenStep::Held(Kind::Beyond) }
    }
}
