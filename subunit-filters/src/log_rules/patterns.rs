//! Which patterns match a line? All are looked for at once.
//!
//! Most lines of a log match no rule. So the next match is searched for in many lines at a time, and only the line in
//! which it begins is looked at more closely: in the log of `benches` that is 9 times faster than to look at each line.
//! Where each pattern has a word that a line must have, words are searched for first: 50 patterns in 1 GB take 0.15 s
//! instead of 1.9, `grep -cE` 0.5.

use memchr::{memchr, memrchr};
use regex::bytes::{Regex, RegexBuilder};
use regex_automata::{
    Input, MatchKind, PatternSet,
    meta::{self, Regex as Many},
    util::syntax,
};

use super::needles::{self, Needles};

/// The patterns of all sections and rules.
#[derive(Debug)]
pub(super) struct Patterns {
    /// Finds the first match of any.
    first: Many,
    /// Words of which each needs one.
    needles: Option<Needles>,
    /// Finds all that match a line.
    all: Many,
    /// Who each belongs to.
    owners: Vec<Owner>,
    /// Whether one of them looks for the end of what is searched, so that it has to be searched line by line.
    is_line_by_line: bool,
}

/// Whose pattern it is. Sections and rules are named by their place in the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Owner {
    /// The line begins this section.
    Begin(usize),
    /// The line ends this section.
    End(usize),
    /// The rule may take the line.
    Rule(usize),
}

/// Patterns that are put together.
#[derive(Debug)]
pub(super) struct Builder {
    patterns: Vec<(String, Owner)>,
    words: Option<Vec<Vec<u8>>>,
    is_line_by_line: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self { patterns: Vec::new(), words: Some(Vec::new()), is_line_by_line: false }
    }
}

/// `^` and `$` are the ends of a line, which ends with LF, CR LF or CR.
fn syntax() -> syntax::Config {
    syntax::Config::new().multi_line(true).crlf(true).utf8(false)
}

/// One pattern by itself, for its groups: read as all are.
pub(super) fn single(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .multi_line(true)
        .crlf(true)
        .build()
        .map_err(|error| last_line(&error))
}

/// The parser shows the pattern and a mark below it; the last line says what is wrong.
fn last_line(error: &dyn std::error::Error) -> String {
    let said = error.to_string();
    let last = said.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

impl Builder {
    /// Adds a pattern.
    pub(super) fn add(&mut self, pattern: &str, owner: Owner) -> Result<(), String> {
        let parsed = syntax::parse_with(pattern, &syntax()).map_err(|error| last_line(&error))?;
        self.is_line_by_line |= parsed.properties().look_set().contains_anchor_haystack();
        needles::add(&mut self.words, &parsed);
        self.patterns.push((pattern.to_owned(), owner));
        Ok(())
    }

    /// Puts them together. An error is about all of them.
    pub(super) fn build(self) -> Result<Patterns, String> {
        let needles = Needles::new(self.words.as_deref());
        let (patterns, owners): (Vec<_>, Vec<_>) = self.patterns.into_iter().unzip();
        let built = |kind| {
            let config = meta::Config::new().utf8_empty(false).match_kind(kind);
            let many = Many::builder().configure(config).syntax(syntax()).build_many(&patterns);
            many.map_err(|error| last_line(&error))
        };
        let (first, all) = (built(MatchKind::LeftmostFirst)?, built(MatchKind::All)?);
        Ok(Patterns { first, needles, all, owners, is_line_by_line: self.is_line_by_line })
    }
}

impl Patterns {
    /// Room for what [`Self::look_at`] finds.
    pub(super) fn set(&self) -> PatternSet {
        PatternSet::new(self.owners.len())
    }

    /// Where in whole lines, from `at`, which is the beginning of one, the next line is that may match. What is found
    /// is a place in that line.
    pub(super) fn next_candidate(&self, lines: &[u8], at: usize) -> Option<usize> {
        if self.is_line_by_line {
            return Some(at);
        }
        match self.needles.as_ref().filter(|needles| needles.are_rare()) {
            Some(needles) => self.next_with_word(needles, lines, at),
            None => self.next_match(lines, at),
        }
    }

    /// The next line that has a word and a match.
    fn next_with_word(&self, needles: &Needles, lines: &[u8], mut at: usize) -> Option<usize> {
        while needles.are_rare() {
            let word = needles.next(lines, at)?;
            let start = memrchr(b'\n', &lines[at..word]).map_or(at, |end| at + end + 1);
            let end = memchr(b'\n', &lines[word..]).map_or(lines.len(), |end| word + end + 1);
            if self.first.is_match(Input::new(lines).range(start..end)) {
                return Some(word);
            }
            needles.was_in_vain();
            at = end;
        }
        self.next_match(lines, at)
    }

    fn next_match(&self, lines: &[u8], at: usize) -> Option<usize> {
        // A match of a line by itself is a match here, too, since `^`, `$` and `\b` are the same beside a newline.
        self.first.find(Input::new(lines).range(at..)).map(|found| found.start())
    }

    /// Whose patterns match this line, which has no line end, in the order in which they were added; each owner once.
    pub(super) fn look_at<'a>(
        &'a self,
        line: &[u8],
        set: &'a mut PatternSet,
    ) -> impl Iterator<Item = Owner> + 'a {
        set.clear();
        self.all.which_overlapping_matches(&Input::new(line), set);
        let owners = set.iter().filter_map(|pattern| self.owners.get(pattern.as_usize()).copied());
        let mut last = None;
        owners.filter(move |owner| last.replace(*owner) != Some(*owner))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample};

    use super::*;

    fn patterns(all: &[&str]) -> Patterns {
        let mut builder = Builder::default();
        for (nth, pattern) in all.iter().enumerate() {
            builder.add(pattern, Owner::Rule(nth)).unwrap();
        }
        builder.build().unwrap()
    }

    fn found(patterns: &Patterns, line: &str) -> Vec<Owner> {
        patterns.look_at(line.as_bytes(), &mut patterns.set()).collect()
    }

    #[test]
    fn all_patterns_of_a_line_are_found_in_order() {
        let patterns = patterns(&["b$", "^a", "c"]);
        assert_eq!(found(&patterns, "ab"), [Owner::Rule(0), Owner::Rule(1)]);
        assert_eq!(found(&patterns, "xcx"), [Owner::Rule(2)]);
        assert_eq!(found(&patterns, ""), []);
    }

    #[test]
    fn a_candidate_is_the_next_line_that_may_match() {
        let patterns = patterns(&["^a", "b$"]);
        let lines = b"xa\nbx\nxb\r\nay\n";
        assert_eq!(patterns.next_candidate(lines, 0), Some(7));
        assert_eq!(patterns.next_candidate(lines, 10), Some(10));
        assert_eq!(patterns.next_candidate(lines, 13), None);
    }

    proptest! {
        /// As each line by itself is found, with words and, after many lines that have them in vain, without.
        #[test]
        fn no_line_is_passed_over_that_matches(
            lines in vec(sample::select(vec!["one1", "a one", "", "four two", "four\r", "three six", "six three", "x"]), 0..400)
        ) {
            let patterns = patterns(&["one[0-9]", "two|three$", "^four$"]);
            prop_assert!(patterns.needles.is_some());
            let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
            let (mut at, mut found_in) = (0, Vec::new());
            while let Some(place) = (at < text.len()).then(|| patterns.next_candidate(text.as_bytes(), at)).flatten() {
                let line = text[..place].matches('\n').count();
                if !found(&patterns, lines[line]).is_empty() {
                    found_in.push(line);
                }
                at = place + text[place..].find('\n').unwrap() + 1;
            }
            let expected: Vec<usize> =
                (0..lines.len()).filter(|line| !found(&patterns, lines[*line]).is_empty()).collect();
            prop_assert_eq!(found_in, expected);
        }
    }

    #[test]
    fn ends_of_the_whole_are_ends_of_each_line() {
        let patterns = patterns(&[r"\Aa", r"b\z"]);
        assert_eq!(patterns.next_candidate(b"x\nab\n", 0), Some(0));
        assert_eq!(found(&patterns, "ab"), [Owner::Rule(0), Owner::Rule(1)]);
    }

    #[test]
    fn what_is_not_utf8_matches_as_bytes() {
        let patterns = patterns(&[r"(?-u:\xff)", "é"]);
        assert_eq!(patterns.look_at(b"\xfe\xff", &mut patterns.set()).count(), 1);
        assert_eq!(found(&patterns, "é"), [Owner::Rule(1)]);
    }

    #[test]
    fn what_is_not_linear_is_refused_in_a_line() {
        for pattern in ["a(?=b)", r"(a)\1", "("] {
            let error = Builder::default().add(pattern, Owner::Rule(0)).unwrap_err();
            assert!(!error.is_empty() && !error.contains('\n'), "{error}");
            assert!(single(pattern).is_err());
        }
    }
}
