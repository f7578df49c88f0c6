//! What the readers of Rust's test outputs share: which program runs, and where a panic begins.

use hashbrown::HashMap;

use crate::events::emit::fit;

/// So many programs are told apart.
const MOST_PROGRAMS: usize = 4096;

/// A test program that cargo says it runs now.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Program {
    name: String,
    /// The file that it is made of, where cargo names it.
    source: String,
    /// The program itself; none runs the tests of documentation.
    path: String,
}

/// The test program that cargo says it runs now, from a line of its own output:
/// `     Running tests/x.rs (target/debug/deps/x-0123456789abcdef)`, or `   Doc-tests x`.
pub(crate) fn program(line: &[u8]) -> Option<Program> {
    let line = plain(line);
    let line = line.trim();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(Program { name: fit(name.trim()).into_owned(), ..Program::default() });
    }
    let running = line.strip_prefix("Running ")?;
    let (source, path) = running.rsplit_once('(').unwrap_or(("", running));
    let path = path.trim_end_matches(')');
    let file = path.rsplit(['/', '\\']).next()?;
    let file = file.strip_suffix(".exe").unwrap_or(file);
    let (name, hash) = file.rsplit_once('-')?;
    let is_hash = hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
    let source = source.trim();
    let source = source.strip_prefix("unittests ").unwrap_or(source);
    (is_hash && !name.is_empty()).then(|| Program {
        name: fit(name).into_owned(),
        source: fit(source).into_owned(),
        path: path.to_owned(),
    })
}

/// Names for the programs of a run. The library and the program of a crate, and tests of several crates, may have
/// one name: the first keeps it, others have their source with them, `shop (src/main.rs)`.
///
/// Memory: the names and paths of 4096 programs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Programs {
    /// By name and path.
    labels: HashMap<(String, String), String>,
    /// How many have a name, or a name and a source.
    namesakes: HashMap<(String, Option<String>), u64>,
}

impl Programs {
    /// The name that the program has, or gets, among those that run.
    pub(crate) fn label(&mut self, program: Program) -> String {
        let Program { name, source, path } = program;
        if path.is_empty() {
            return name;
        }
        let key = (name, path);
        if let Some(label) = self.labels.get(&key) {
            return label.clone();
        }
        let (name, _) = &key;
        if self.labels.len() >= MOST_PROGRAMS {
            return name.clone();
        }
        let mut count = |source| {
            let count = self.namesakes.entry((name.clone(), source)).or_default();
            *count += 1;
            *count
        };
        let label = match (count(None), count(Some(source.clone()))) {
            (1, _) => name.clone(),
            (nth, _) if source.is_empty() => format!("{name} ({nth})"),
            (_, 1) => format!("{name} ({source})"),
            (_, nth) => format!("{name} ({source}, {nth})"),
        };
        self.labels.insert(key, label.clone());
        label
    }
}

/// A line without its colours, what is not UTF-8 replaced.
pub(crate) fn plain(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let mut plain = String::with_capacity(line.len());
    let mut rest = &*line;
    while let Some((before, behind)) = rest.split_once('\x1b') {
        plain.push_str(before);
        rest = match colour(behind) {
            Some(length) => &behind[length..],
            None => {
                plain.push('\x1b');
                behind
            }
        };
    }
    plain.push_str(rest);
    plain
}

/// How long the rest of a colour's sequence is, after the escape character. libtest asks the terminal's
/// description for the end of a colour: with `TERM=xterm` that is `ESC ( B ESC [ m`.
fn colour(behind: &str) -> Option<usize> {
    if behind.starts_with("(B") {
        return Some(2);
    }
    let numbers = behind.strip_prefix('[')?;
    let length = numbers.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(numbers.len());
    numbers[length..].starts_with('m').then_some(length + 2)
}

/// What a test wrote, up to the message of its panic, and from there.
pub(crate) fn split_panic(output: &str) -> (&str, &str) {
    let begins = |line: &str| line.starts_with("thread '") && line.contains(" panicked at ");
    let mut at = 0;
    for line in output.split_inclusive('\n') {
        if begins(line) {
            return output.split_at(at);
        }
        at += line.len();
    }
    (output, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_a_name_that_the_wire_can_carry() {
        let line = b"     Running tests/a.rs (target/debug/deps/a\0b-0123456789abcdef)";
        assert_eq!(program(line).map(|program| program.name).as_deref(), Some("a\u{2400}b"));
    }

    #[test]
    fn names_the_program_that_cargo_runs() {
        let names = [
            (
                " Running unittests src/lib.rs (target/debug/deps/a_b-42baae1a2d5b5888)\n",
                Some("a_b"),
            ),
            (
                "\x1b[1m\x1b[32m     Running\x1b[0m tests/x.rs (t/deps/x-0f8f3adc62b8ff64)",
                Some("x"),
            ),
            ("     Running t\\deps\\x-0f8f3adc62b8ff64.exe", Some("x")),
            ("   Doc-tests a_b\n", Some("a_b")),
            ("     Running late", None),
            ("not Running x (x-0f8f3adc62b8ff64)", None),
        ];
        for (line, name) in names {
            let found = program(line.as_bytes()).map(|program| program.name);
            assert_eq!(found.as_deref(), name, "{line}");
        }
    }

    #[test]
    fn programs_of_one_name_have_their_source_with_them() {
        let mut programs = Programs::default();
        let mut label = |line: &str| programs.label(program(line.as_bytes()).unwrap());
        for (line, expected) in [
            ("Running unittests src/lib.rs (t/shop-0000000000000001)", "shop"),
            ("Running unittests src/main.rs (t/shop-0000000000000002)", "shop (src/main.rs)"),
            ("Running tests/it.rs (t/it-0000000000000003)", "it"),
            ("Running tests/it.rs (t/it-0000000000000004)", "it (tests/it.rs, 2)"),
            ("Running t/it-0000000000000005", "it (3)"),
            ("Doc-tests shop", "shop"),
            ("Running unittests src/main.rs (t/shop-0000000000000002)", "shop (src/main.rs)"),
            ("Running unittests src/lib.rs (t/shop-0000000000000001)", "shop"),
        ] {
            assert_eq!(label(line), expected, "{line}");
        }
    }

    #[test]
    fn takes_colours_out_and_nothing_else() {
        assert_eq!(plain(b"\x1b[1;31ma\x1b[0m\x1b[2J\x1b["), "a\x1b[2J\x1b[");
        assert_eq!(plain(b"\x1b[32mok\x1b(B\x1b[m\x1b(0\x1b"), "ok\x1b(0\x1b");
    }

    #[test]
    fn a_panic_begins_with_its_thread() {
        assert_eq!(
            split_panic("a\nthread 'x' panicked at b\nc"),
            ("a\n", "thread 'x' panicked at b\nc")
        );
        assert_eq!(split_panic("a thread 'x' panicked at b"), ("a thread 'x' panicked at b", ""));
    }
}
