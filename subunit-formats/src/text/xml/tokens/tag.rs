//! Tags of elements: their names, and where they end.

use memchr::{memchr, memchr2, memchr3};

use super::state::{Kind, Surroundings, TokenState, TokenStep, Tokens, take};

/// A tag longer than this is not held as a whole: what is beyond is handed over as [`Kind::Beyond`].
pub(super) const LONGEST: usize = 1 << 20;

/// No name of an element that we look for is longer; what is longer is text.
const LONGEST_NAME: usize = 256;

impl Tokens {
    pub(super) fn name<'a>(&mut self, input: &mut &[u8], place: Surroundings) -> TokenStep<'a> {
        let end = input.iter().position(|byte| ends_name(*byte));
        let room = LONGEST_NAME.saturating_sub(self.held.len());
        self.hold(input, end.unwrap_or(input.len()).min(room));
        if self.held.len() >= LONGEST_NAME {
            return self.whole(Kind::Text);
        }
        if end.is_none() {
            return TokenStep::More;
        }
        if !place.inside && !place.is_root(local_name(&self.held[1..])) {
            return self.whole(Kind::Text);
        }
        self.state = TokenState::Start { quote: None };
        TokenStep::More
    }

    pub(super) fn start<'a>(&mut self, input: &mut &[u8], quote: Option<u8>) -> TokenStep<'a> {
        let room = LONGEST.saturating_sub(self.held.len());
        if room == 0 {
            self.closing = quote;
            self.state = TokenState::LongStart { quote, slash: false };
            return TokenStep::More;
        }
        let (count, quote, closed) = find_in_tag(&input[..room.min(input.len())], quote);
        self.hold(input, count);
        self.state = TokenState::Start { quote };
        if closed { self.whole(Kind::Start) } else { TokenStep::More }
    }

    pub(super) fn long_start<'a>(
        &mut self,
        input: &mut &'a [u8],
        quote: Option<u8>,
        slash: bool,
    ) -> TokenStep<'a> {
        let (count, quote, closed) = find_in_tag(input, quote);
        let beyond = count - usize::from(closed);
        if beyond > 0 {
            let slash = input[beyond - 1] == b'/';
            self.state = TokenState::LongStart { quote, slash };
            return TokenStep::Input(Kind::Beyond, take(input, beyond));
        }
        take(input, 1);
        self.held.extend(self.closing.take());
        self.held.extend_from_slice(if slash { b"/>" } else { b">" });
        self.whole(Kind::Start)
    }

    pub(super) fn end<'a>(&mut self, input: &mut &[u8]) -> TokenStep<'a> {
        let room = LONGEST_NAME.saturating_sub(self.held.len()).min(input.len());
        match memchr2(b'>', b'<', &input[..room]) {
            Some(at) if input[at] == b'>' => {
                self.hold(input, at + 1);
                self.whole(Kind::End)
            }
            Some(at) => {
                self.hold(input, at);
                self.whole(Kind::Text)
            }
            None => {
                self.hold(input, room);
                if self.held.len() < LONGEST_NAME {
                    TokenStep::More
                } else {
                    self.whole(Kind::Text)
                }
            }
        }
    }
}

/// Looks for the end of a tag: how many bytes belong to it, which quote is open after them, and
/// whether the last of them is the tag's end.
fn find_in_tag(bytes: &[u8], mut quote: Option<u8>) -> (usize, Option<u8>, bool) {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..) {
        let found = match quote {
            Some(quote) => memchr(quote, rest),
            None => memchr3(b'"', b'\'', b'>', rest),
        };
        let Some(found) = found else {
            break;
        };
        at += found + 1;
        quote = match (quote, rest[found]) {
            (None, b'>') => return (at, None, true),
            (None, open) => Some(open),
            (Some(_), _) => None,
        };
    }
    (bytes.len(), quote, false)
}

/// The first bytes of a tag's name up to where it ends, without a namespace's prefix.
pub(in crate::text::xml) fn local_name(name: &[u8]) -> &[u8] {
    memchr(b':', name).map_or(name, |colon| &name[colon + 1..])
}

pub(super) fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || byte >= 0x80
}

fn ends_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'<' | b'=' | b'"' | b'\'' | b'&')
}
