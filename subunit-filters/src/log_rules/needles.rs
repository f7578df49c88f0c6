//! Which bytes must a line have so that a pattern can match it? Words are found at many times the speed of patterns.

use std::cell::Cell;

use aho_corasick::AhoCorasick;
use regex_syntax::hir::{Hir, HirKind};

/// A shorter word stands in too many lines.
const SHORTEST: usize = 3;

/// So much of a word is searched for: its end, as patterns that begin with many names often go on with the same words.
/// Few words are found ten times as fast as many.
const LONGEST: usize = 12;

/// Beyond that many words they are not found faster than the patterns.
const MOST: usize = 64;

/// Words are given up where they stand in vain more than once in so many bytes,
const BYTES_FOR_EACH: usize = 1024;

/// after so many times.
const AT_FIRST: usize = 64;

/// Words of which each pattern needs one.
#[derive(Debug)]
pub(super) struct Needles {
    finds: AhoCorasick,
    searched: Cell<usize>,
    in_vain: Cell<usize>,
}

/// Adds the words of one more pattern; nothing from then on if it can match without any.
pub(super) fn add(all: &mut Option<Vec<Vec<u8>>>, pattern: &Hir) {
    let words = required(pattern).filter(|words| words.iter().all(|word| word.len() >= SHORTEST));
    *all = all.take().zip(words).map(|(mut all, words)| {
        for mut word in words {
            word.drain(..word.len().saturating_sub(LONGEST));
            if !all.contains(&word) {
                all.push(word);
            }
        }
        all
    });
}

/// Words of which what matches has one, if there are such.
fn required(pattern: &Hir) -> Option<Vec<Vec<u8>>> {
    match pattern.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => {
            parts.iter().filter_map(required).max_by_key(|words| worth(words))
        }
        HirKind::Alternation(parts) => {
            let words: Option<Vec<_>> = parts.iter().map(required).collect();
            words.map(|words| words.concat())
        }
        _ => None,
    }
}

/// Long words stand in few lines, and few words are found fast.
fn worth(words: &[Vec<u8>]) -> (usize, std::cmp::Reverse<usize>) {
    let shortest = words.iter().map(Vec::len).min().unwrap_or_default();
    (shortest, std::cmp::Reverse(words.len()))
}

impl Needles {
    /// Those words, if they are worth the search.
    pub(super) fn new(words: Option<&[Vec<u8>]>) -> Option<Self> {
        let words = words.filter(|words| !words.is_empty() && words.len() <= MOST)?;
        let finds = AhoCorasick::new(words).ok()?;
        Some(Self { finds, searched: Cell::new(0), in_vain: Cell::new(0) })
    }

    /// Where in these lines the next word is, from `at` on.
    pub(super) fn next(&self, lines: &[u8], at: usize) -> Option<usize> {
        let found = self.finds.find(aho_corasick::Input::new(lines).range(at..));
        let found = found.map(|found| found.start());
        self.searched.set(self.searched.get() + found.unwrap_or(lines.len()) - at);
        found
    }

    /// A line had a word, and no pattern matched it.
    pub(super) fn was_in_vain(&self) {
        self.in_vain.set(self.in_vain.get() + 1);
    }

    /// Whether words are rare enough.
    pub(super) fn are_rare(&self) -> bool {
        let times = self.in_vain.get();
        times < AT_FIRST || times * BYTES_FOR_EACH < self.searched.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(patterns: &[&str]) -> Option<Vec<String>> {
        let mut all = Some(Vec::new());
        for pattern in patterns {
            add(&mut all, &regex_syntax::parse(pattern).unwrap());
        }
        let text = |word: Vec<u8>| String::from_utf8(word).unwrap();
        all.map(|all| all.into_iter().map(text).collect())
    }

    #[test]
    fn each_pattern_has_its_longest_word() {
        let one = |pattern| words(&[pattern]).map(|words| words.join("|"));
        assert_eq!(one(r"^\d+ ms: (timed out|refused) by"), Some("timed out|refused".to_owned()));
        assert_eq!(one(r"^\d+ ms: (off|on) by [a-z]+"), Some(" ms: ".to_owned()));
        assert_eq!(one("(?:error|fatal).*"), Some("error|fatal".to_owned()));
        assert_eq!(one("(abc)+x?"), Some("abc".to_owned()));
        for none in ["a?b*", "(?i)error", "ab", "error|x", "[a-z]+", "(abc)*", ""] {
            assert_eq!(one(none), None, "{none}");
        }
        assert_eq!(words(&["one", "one.*", "other"]).unwrap(), ["one", "other"]);
        let ends = ["disk 1 timed out after [0-9]+", "net 2 timed out after [0-9]+"];
        assert_eq!(words(&ends).unwrap(), ["d out after "]);
        assert_eq!(words(&["one", "[ab]", "other"]), None);
    }

    #[test]
    fn words_that_stand_in_vain_are_given_up() {
        let needles = Needles::new(Some(&[b"word".to_vec()])).unwrap();
        let lines = b"a word\n".repeat(AT_FIRST);
        let mut at = 0;
        while let Some(found) = needles.next(&lines, at) {
            assert!(needles.are_rare());
            needles.was_in_vain();
            at = found + 4;
        }
        assert!(!needles.are_rare());
        assert!(Needles::new(Some(&[])).is_none() && Needles::new(None).is_none());
    }
}
