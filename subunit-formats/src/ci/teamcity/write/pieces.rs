//! Output in pieces: messages of a certain size, and no torn characters.

/// How much output a message holds at most; more goes into several.
const PIECE: usize = 64 << 10;

/// A text in pieces that fit into a message.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let most = rest.len().min(PIECE);
        let end = (0..=most).rev().find(|&end| rest.is_char_boundary(end)).unwrap_or(most);
        let (piece, behind) = rest.split_at(end);
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

/// How many bytes are whole characters; what is after them may become one.
pub(super) fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Ok(_) => bytes.len(),
        // Invalid bytes come before: only an end of at most three bytes can be a beginning.
        Err(_) => {
            let tail = bytes.len().saturating_sub(3);
            let mut starts = (tail..bytes.len()).filter(|&at| bytes[at] >= 0xc0);
            starts.next_back().filter(|&at| is_beginning(&bytes[at..])).unwrap_or(bytes.len())
        }
    }
}

fn is_beginning(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}
