//! Commands as a shell takes them.

/// The words of a command, quoted where a shell would take them apart.
pub fn quoted<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let plain = |character: char| character.is_alphanumeric() || "-_./=:,@%+^".contains(character);
    let quoted = words.into_iter().map(|word| {
        if !word.is_empty() && word.chars().all(plain) {
            return word.to_owned();
        }
        format!("'{}'", word.replace('\'', "'\\''"))
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_a_shell_wants_them() {
        let words = ["sh", "-c", "echo 'a' $b", "", "tests/a.py::b", "ä", "*"];
        assert_eq!(quoted(words), r"sh -c 'echo '\''a'\'' $b' '' tests/a.py::b ä '*'");
    }
}
