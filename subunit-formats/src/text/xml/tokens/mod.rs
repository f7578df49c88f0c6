//! Bytes that arrive in pieces, cut into whole pieces of markup and into text.

mod aside;
mod state;
mod tag;

use memchr::memchr2;
pub(super) use state::{Kind, Rest, Surroundings, Token, Tokens};
use state::{TokenState, TokenStep, take};
pub(super) use tag::local_name;
use tag::starts_name;

/// No reference that we resolve is longer.
const LONGEST_REFERENCE: usize = 16;

impl Tokens {
    /// The next token; `None` when all of `input` is taken. `place` is where the document is now.
    pub(super) fn next<'t, 'i: 't>(
        &'t mut self,
        input: &mut &'i [u8],
        place: Surroundings,
    ) -> Option<Token<'t>> {
        self.forget_spent();
        while !input.is_empty() {
            let step = match self.state {
                TokenState::Text => self.text(input),
                TokenState::Reference => self.reference(input),
                TokenState::Open => self.open(input),
                TokenState::Aside => self.aside(input, place),
                TokenState::Name => self.name(input, place),
                TokenState::Start { quote } => self.start(input, quote),
                TokenState::LongStart { quote, slash } => self.long_start(input, quote, slash),
                TokenState::End => self.end(input),
                TokenState::Instruction => self.instruction(input, place),
                TokenState::Comment => self.section(input, b'-', Kind::Comment),
                TokenState::CData => self.section(input, b']', Kind::Text),
                TokenState::Doctype { quote, brackets } => self.doctype(input, quote, brackets),
            };
            match step {
                TokenStep::More => {}
                TokenStep::Input(kind, bytes) => return Some(Token { kind, bytes }),
                TokenStep::Held(kind) => {
                    self.spent = true;
                    return Some(Token { kind, bytes: &self.held });
                }
            }
        }
        None
    }

    /// Whether no markup has begun.
    pub(super) fn is_idle(&self) -> bool {
        self.state == TokenState::Text
    }

    /// The input has ended: what is held.
    pub(super) fn finish(&mut self, place: Surroundings) -> Rest {
        self.forget_spent();
        let held = std::mem::take(&mut self.held);
        let is_text = match std::mem::take(&mut self.state) {
            TokenState::Text | TokenState::Reference => true,
            TokenState::Open | TokenState::Aside | TokenState::End => !place.inside,
            TokenState::Name => !place.inside && !place.may_become_root(local_name(&held[1..])),
            _ => false,
        };
        if is_text { Rest::Text(held) } else { Rest::Markup(held) }
    }

    fn text<'a>(&mut self, input: &mut &'a [u8]) -> TokenStep<'a> {
        let end = memchr2(b'<', b'&', input).unwrap_or(input.len());
        if end > 0 {
            return TokenStep::Input(Kind::Text, take(input, end));
        }
        self.state = if input[0] == b'<' { TokenState::Open } else { TokenState::Reference };
        self.hold(input, 1);
        TokenStep::More
    }

    fn reference<'a>(&mut self, input: &mut &[u8]) -> TokenStep<'a> {
        let byte = input[0];
        if byte == b';' {
            self.hold(input, 1);
            return self.whole(Kind::Reference);
        }
        if (byte.is_ascii_alphanumeric() || byte == b'#') && self.held.len() < LONGEST_REFERENCE {
            self.hold(input, 1);
            return TokenStep::More;
        }
        self.whole(Kind::Text)
    }

    fn open<'a>(&mut self, input: &mut &[u8]) -> TokenStep<'a> {
        self.state = match input[0] {
            b'/' => TokenState::End,
            b'?' => TokenState::Instruction,
            b'!' => TokenState::Aside,
            byte if starts_name(byte) => TokenState::Name,
            _ => return self.whole(Kind::Text),
        };
        self.hold(input, 1);
        TokenStep::More
    }

    fn hold(&mut self, input: &mut &[u8], count: usize) {
        let taken = take(input, count);
        self.held.extend_from_slice(taken);
    }

    fn whole<'a>(&mut self, kind: Kind) -> TokenStep<'a> {
        self.state = TokenState::Text;
        TokenStep::Held(kind)
    }

    fn forget_spent(&mut self) {
        if std::mem::take(&mut self.spent) {
            self.held.clear();
        }
    }
}

#[cfg(test)]
mod tests;
