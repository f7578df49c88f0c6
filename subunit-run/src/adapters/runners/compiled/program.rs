//! Programs that hold their tests: which framework do they have in them, and which of their words are options? Nothing
//! is run to find out.

use std::{fs::File, io::Read, path::Path};

/// The start of an executable of Linux.
const ELF: &[u8] = b"\x7fELF";

/// How much of a program is looked at.
const READ: u64 = 256 * 1024 * 1024;

/// One word, if a command starts a program by its path that holds one of these signs, and all its arguments run tests.
pub(super) fn recognised(
    words: &[&str],
    signs: &[&[u8]],
    runs_none: impl Fn(&str) -> bool,
) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let runs = program.contains('/') && !arguments.iter().any(|word| runs_none(word));
    (runs && holds(Path::new(program), signs)).then_some(1)
}

/// Whether a file is a program that this machine can run, and holds one of these.
pub(super) fn holds(path: &Path, signs: &[&[u8]]) -> bool {
    let Ok(mut file) = File::open(path) else { return false };
    let mut start = [0; ELF.len()];
    if file.read_exact(&mut start).is_err() || start != ELF {
        return false;
    }
    let mut bytes = Vec::new();
    let is_read = file.take(READ).read_to_end(&mut bytes).is_ok();
    is_read && signs.iter().any(|sign| memchr::memmem::find(&bytes, sign).is_some())
}

/// The options of a framework, as its programs have them.
pub(super) struct KnownOptions {
    /// Those that take the next word as their value.
    pub(super) with_value: &'static [&'static str],
    /// Those that stand alone.
    pub(super) alone: &'static [&'static str],
}

/// Words of a program, divided.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Divided {
    /// Options, each with its value.
    pub(super) options: Vec<Vec<String>>,
    /// The others, which choose tests.
    pub(super) others: Vec<String>,
    /// An option that the framework does not have: it is the program's own, and may take the next word or not.
    pub(super) unknown: Option<String>,
}

impl KnownOptions {
    pub(super) fn divide(&self, words: &[String]) -> Divided {
        let mut divided = Divided::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let name = name_of(word);
            if !word.starts_with('-') {
                divided.others.push(word.clone());
            } else if self.with_value.contains(&name) {
                let value = if name == word { words.next() } else { None };
                divided.options.push(std::iter::once(word).chain(value).cloned().collect());
            } else {
                let is_known = self.alone.contains(&name);
                divided.unknown = divided.unknown.or_else(|| (!is_known).then(|| word.clone()));
                divided.options.push(vec![word.clone()]);
            }
        }
        divided
    }
}

impl Divided {
    /// The words of the options, without those of these names.
    pub(super) fn options_but(&self, names: &[&str]) -> impl Iterator<Item = &str> {
        let is_left = |option: &&Vec<String>| !names.contains(&name_of(&option[0]));
        self.options.iter().filter(is_left).flatten().map(String::as_str)
    }

    /// The value of the last option of one of these names.
    pub(super) fn value_of(&self, names: &[&str]) -> Option<&str> {
        let option =
            self.options.iter().rev().find(|option| names.contains(&name_of(&option[0])))?;
        let joined = option[0].get(name_of(&option[0]).len() + 1..);
        joined.or_else(|| option.get(1).map(String::as_str))
    }
}

/// An option without the value that is joined to it.
pub(super) fn name_of(word: &str) -> &str {
    word.split_once('=').map_or(word, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_divided_by_the_options_of_the_framework() {
        let options = KnownOptions { with_value: &["--order", "-x"], alone: &["-s"] };
        let divide =
            |line: &str| options.divide(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let divided = divide("--order rand a -s -x=2 b");
        assert_eq!(divided.others, ["a", "b"]);
        assert_eq!(divided.unknown, None);
        assert_eq!(divided.options_but(&["-x"]).collect::<Vec<_>>(), ["--order", "rand", "-s"]);
        assert_eq!(
            (divided.value_of(&["--order"]), divided.value_of(&["-x"])),
            (Some("rand"), Some("2"))
        );
        assert_eq!(divide("-s --mine a").unknown.as_deref(), Some("--mine"));
    }
}
