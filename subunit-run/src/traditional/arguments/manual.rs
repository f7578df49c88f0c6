//! The help of a verb.

use super::option::{Opt, Takes};

/// Where the help of an option begins.
const COLUMN: usize = 26;

/// How wide a help text is.
const WIDTH: usize = 79;

/// The usage line, what the verb does, and its options.
pub(in crate::traditional) fn manual(usage: &str, about: &str, tables: &[&[Opt]]) -> String {
    let options: Vec<_> = tables.iter().flat_map(|table| table.iter()).collect();
    let shown = options.into_iter().filter(|option| !option.help.is_empty()).map(described);
    format!("Usage: {usage}\n\n{about}\n\nOptions:\n{}", shown.collect::<String>())
}

fn described(option: &Opt) -> String {
    let value = match option.takes {
        Takes::Nothing => String::new(),
        Takes::Text(name) | Takes::Number(name) | Takes::Several(name) => name.to_owned(),
        Takes::OneOf(known) => known.join("|"),
    };
    let names = match (option.short, value.as_str()) {
        (None, "") => option.typed(),
        (None, value) => format!("{}={value}", option.typed()),
        (Some(letter), "") => format!("-{letter}, {}", option.typed()),
        (Some(letter), value) => format!("-{letter} {value}, {}={value}", option.typed()),
    };
    let mut text = format!("  {names}");
    let mut length = text.chars().count();
    if length + 2 > COLUMN {
        text.push('\n');
        length = 0;
    }
    text.push_str(&" ".repeat(COLUMN - length));
    length = COLUMN;
    for (at, word) in option.help.split(' ').enumerate() {
        if at > 0 && length + 1 + word.len() > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(COLUMN));
            length = COLUMN;
        } else if at > 0 {
            text.push(' ');
            length += 1;
        }
        text.push_str(word);
        length += word.len();
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::{
        super::option::{flag, text},
        *,
    };

    #[test]
    fn options_stand_in_a_column_and_long_texts_are_wrapped() {
        const LONG: &str =
            "Run in this folder; this is a text that is too long for one line of help";
        let table = [
            flag("quiet", "Print less.").short('q'),
            text("a-name-of-some-length", "FILE", LONG),
            flag("hidden", ""),
        ];
        let expected = "\
Usage: testr run [options]

Run tests.

Options:
  -q, --quiet             Print less.
  --a-name-of-some-length=FILE
                          Run in this folder; this is a text that is too long
                          for one line of help
";
        assert_eq!(manual("testr run [options]", "Run tests.", &[&table]), expected);
    }
}
