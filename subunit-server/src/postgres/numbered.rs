//! Statements as both engines are asked, and as PostgreSQL takes them.

/// A statement with `?` and `?1` as PostgreSQL takes it, with `$1`. What stands in quotes stays as it is.
pub(super) fn numbered(sql: &str) -> String {
    let mut numbered = String::with_capacity(sql.len() + 16);
    let mut is_quoted = false;
    let mut greatest = 0;
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                is_quoted = !is_quoted;
                numbered.push(letter);
            }
            '?' if !is_quoted => {
                let mut number = 0;
                while let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(10)) {
                    number = number * 10 + digit;
                    letters.next();
                }
                if number == 0 {
                    number = greatest + 1;
                }
                greatest = greatest.max(number);
                numbered.push_str(&format!("${number}"));
            }
            _ => numbered.push(letter),
        }
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_as_sqlite_numbers_them() {
        for (sql, is) in [
            ("a = ? AND b = ?", "a = $1 AND b = $2"),
            ("a = ? AND b = (c = ?1)", "a = $1 AND b = (c = $1)"),
            ("a = ?2 AND b = ?1 AND c = ?", "a = $2 AND b = $1 AND c = $3"),
            ("a = '?' AND b = ?", "a = '?' AND b = $1"),
        ] {
            assert_eq!(numbered(sql), is);
        }
    }
}
