//! What do runners of Java call a test, and how is it chosen?

/// The method of a test, without the row of its parameters, which cannot be chosen. What stands in no name of Java becomes
/// `any`, which fits any letter.
pub(super) fn method(name: &str, any: char) -> String {
    let end = name.find(['(', '[', '{']).unwrap_or(name.len());
    let letter = |letter: char| match letter {
        letter if letter.is_alphanumeric() || "_$".contains(letter) => letter,
        _ => any,
    };
    name[..end].trim().chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_has_no_row_and_no_letters_of_other_languages() {
        assert_eq!(method("rows{int}[1]", '?'), "rows");
        assert_eq!(method("adds two, more()", '?'), "adds?two??more");
    }
}
