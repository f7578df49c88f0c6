//! The end of a command's help: examples that are lines of shell as they stand, and the exit status.

/// A screen of 80 columns wraps nothing of it.
const WIDTH: usize = 80;

/// The text with long lines broken: examples where a shell goes on reading, all else between words.
pub(crate) fn broken(text: &str) -> String {
    let mut lines = Vec::new();
    for part in text.split_inclusive("\n\n") {
        let (part, gap) = part.strip_suffix("\n\n").map_or((part, false), |part| (part, true));
        if part.starts_with("Examples:") {
            part.lines().for_each(|line| example(line.to_owned(), &mut lines));
        } else {
            words(part, &mut lines);
        }
        if gap {
            lines.push(String::new());
        }
    }
    lines.join("\n")
}

fn words(part: &str, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in part.split_whitespace() {
        if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
}

fn example(mut line: String, lines: &mut Vec<String>) {
    const INDENT: &str = "      ";
    while line.len() > WIDTH {
        let Some((place, ending)) = after_command(&line).or_else(|| before_word(&line)) else {
            break;
        };
        let rest = line.split_off(place);
        lines.push(line.trim_end().to_owned() + ending);
        line = format!("{INDENT}{}", rest.trim_start());
    }
    lines.push(line);
}

/// Where the last command ends that has room in a line: the shell goes on reading by itself.
fn after_command(line: &str) -> Option<(usize, &'static str)> {
    let ends = ["| ", "&& ", "; "].iter().filter_map(|end| {
        let head = line.get(..=WIDTH)?;
        head.rfind(end).map(|place| place + end.len())
    });
    ends.max().map(|place| (place, ""))
}

/// Else in front of the last word that has none, outside quotes.
fn before_word(line: &str) -> Option<(usize, &'static str)> {
    let head = line.get(..WIDTH - 1)?;
    let is_outside = |place: &usize| head[..*place].matches('\'').count() % 2 == 0;
    let blanks = head.match_indices(' ').map(|(place, _)| place);
    let first = line.len() - line.trim_start().len() + 2;
    blanks.filter(|place| *place > first).rfind(is_outside).map(|place| (place, " \\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_where_a_shell_goes_on() {
        let long = "x".repeat(60);
        for (line, expected) in [
            (format!("  $ a {long} | b {long}"), format!("  $ a {long} |\n      b {long}")),
            (
                format!("  $ a {long} && b | c {long}"),
                format!("  $ a {long} && b |\n      c {long}"),
            ),
            (
                format!("  $ a {long} -b 'c d' {long}"),
                format!("  $ a {long} -b 'c d' \\\n      {long}"),
            ),
            (
                format!("  $ a -b '{long} d' {long}"),
                format!("  $ a -b '{long} d' \\\n      {long}"),
            ),
            (format!("  $ a {long}"), format!("  $ a {long}")),
        ] {
            assert_eq!(broken(&format!("Examples:\n{line}")), format!("Examples:\n{expected}"));
        }
    }

    #[test]
    fn words_fill_lines() {
        let words = "word ".repeat(20);
        let expected = format!("{}\n{}", "word ".repeat(16).trim(), "word ".repeat(4).trim());
        assert_eq!(
            broken(&format!("Examples:\n  $ a\n\n{words}")),
            format!("Examples:\n  $ a\n\n{expected}")
        );
    }
}
