//! Which program does a word of a command line start?

/// Whether a word starts this program, in any folder and of any version.
pub(super) fn is_called(word: &str, program: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    let version = name.strip_prefix(program);
    version.is_some_and(|version| version.chars().all(|letter| "-.0123456789".contains(letter)))
}

/// Whether a word starts Python.
pub(super) fn is_python(word: &str) -> bool {
    is_called(word, "python") || is_called(word, "pypy")
}
