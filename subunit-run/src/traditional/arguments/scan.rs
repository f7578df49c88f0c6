//! From words to options and arguments.

use super::{
    given::Given,
    option::{Opt, Takes},
};

/// What is wrong with a command line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::traditional) enum Misuse {
    /// There is no such option.
    Unknown(String),
    /// Several options begin like this.
    Ambiguous(String, Vec<String>),
    /// The option needs a value.
    NoValue(String),
    /// The option takes no value.
    ValueTooMany(String, String),
    /// The value is not a number.
    NotANumber(String, String),
    /// The value is not one of these.
    NoChoice(String, String, &'static [&'static str]),
}

/// Sorts words into options and arguments. All words after `--` are arguments.
///
/// # Errors
///
/// The first thing that is wrong.
pub(in crate::traditional) fn scan(table: &[Opt], words: &[String]) -> Result<Given, Misuse> {
    let mut given = Given::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            given.arguments.extend(words.by_ref().cloned());
        } else if let Some(long) = word.strip_prefix("--") {
            take_long(table, long, &mut words, &mut given)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            take_letters(table, letters, &mut words, &mut given)?;
        } else {
            given.arguments.push(word.clone());
        }
    }
    Ok(given)
}

type Words<'w> = std::slice::Iter<'w, String>;

fn take_long(
    table: &[Opt],
    long: &str,
    words: &mut Words<'_>,
    given: &mut Given,
) -> Result<(), Misuse> {
    let (name, value) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    };
    let option = find(table, name)?;
    match (option.takes, value) {
        (Takes::Nothing, Some(value)) => {
            return Err(Misuse::ValueTooMany(option.typed(), value.to_owned()));
        }
        (Takes::Nothing, None) => given.note(option, ""),
        (_, value) => {
            let value = value.or_else(|| words.next().map(String::as_str));
            note_value(option, &option.typed(), value, given)?;
        }
    }
    Ok(())
}

fn take_letters(
    table: &[Opt],
    letters: &str,
    words: &mut Words<'_>,
    given: &mut Given,
) -> Result<(), Misuse> {
    for (at, letter) in letters.char_indices() {
        let typed = format!("-{letter}");
        let Some(option) = table.iter().find(|option| option.short == Some(letter)) else {
            return Err(Misuse::Unknown(typed));
        };
        if option.takes == Takes::Nothing {
            given.note(option, "");
            continue;
        }
        let rest = &letters[at + letter.len_utf8()..];
        let value = Some(rest).filter(|rest| !rest.is_empty());
        let value = value.or_else(|| words.next().map(String::as_str));
        return note_value(option, &typed, value, given);
    }
    Ok(())
}

fn note_value(
    option: &Opt,
    typed: &str,
    value: Option<&str>,
    given: &mut Given,
) -> Result<(), Misuse> {
    let Some(value) = value else { return Err(Misuse::NoValue(typed.to_owned())) };
    match option.takes {
        Takes::Number(_) if value.trim().parse::<i64>().is_err() => {
            Err(Misuse::NotANumber(typed.to_owned(), value.to_owned()))
        }
        Takes::OneOf(known) if !known.contains(&value) => {
            Err(Misuse::NoChoice(typed.to_owned(), value.to_owned(), known))
        }
        _ => {
            given.note(option, value);
            Ok(())
        }
    }
}

/// The option of this name, or the only one that begins with it.
fn find<'t>(table: &'t [Opt], name: &str) -> Result<&'t Opt, Misuse> {
    if let Some(option) = table.iter().find(|option| option.long == name) {
        return Ok(option);
    }
    let typed = format!("--{name}");
    let candidates: Vec<_> = table.iter().filter(|option| option.long.starts_with(name)).collect();
    match candidates.as_slice() {
        [] => Err(Misuse::Unknown(typed)),
        [option] => Ok(option),
        several => Err(Misuse::Ambiguous(typed, several.iter().map(|one| one.typed()).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::option::{flag, text},
        *,
    };

    const TABLE: &[Opt] = &[
        flag("failing", "").short('f'),
        flag("force-init", ""),
        text("here", "HERE", "").short('d'),
        text("concurrency", "", "").takes(Takes::Number("N")),
        text("column", "", "").takes(Takes::Several("NAME")),
        text("format", "", "").takes(Takes::OneOf(&["csv", "json"])),
    ];

    fn scanned(line: &str) -> Result<Given, Misuse> {
        scan(TABLE, &line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_and_arguments_may_be_mixed() {
        let given = scanned("a --failing b -d x --conc 3 --column=1 --column 2 -- --c").unwrap();
        assert_eq!(given.arguments, ["a", "b", "--c"]);
        assert!(given.has("failing") && !given.has("force-init"));
        assert_eq!(given.text("here"), Some("x"));
        assert_eq!(given.number("concurrency"), Some(3));
        assert_eq!(given.all("column"), ["1", "2"]);
    }

    #[test]
    fn letters_may_be_joined_and_the_last_value_counts() {
        let given = scanned("-fdx -d y -").unwrap();
        assert!(given.has("failing"));
        assert_eq!(given.text("here"), Some("y"));
        assert_eq!(given.arguments, ["-"]);
        assert_eq!(scanned("--concurrency -1").unwrap().number("concurrency"), Some(-1));
    }

    #[test]
    fn what_is_wrong_is_found() {
        let ambiguous = ["--failing", "--force-init", "--format"].map(str::to_owned).to_vec();
        for (line, expected) in [
            ("--nothing", Misuse::Unknown("--nothing".into())),
            ("-fx", Misuse::Unknown("-x".into())),
            ("--f", Misuse::Ambiguous("--f".into(), ambiguous)),
            ("--here", Misuse::NoValue("--here".into())),
            ("-d", Misuse::NoValue("-d".into())),
            ("--failing=1", Misuse::ValueTooMany("--failing".into(), "1".into())),
            ("--concurrency=x", Misuse::NotANumber("--concurrency".into(), "x".into())),
            ("--format x", Misuse::NoChoice("--format".into(), "x".into(), &["csv", "json"])),
        ] {
            assert_eq!(scanned(line).unwrap_err(), expected, "{line}");
        }
    }
}
