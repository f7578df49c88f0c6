//! What the readers of Rust's test outputs share: which program runs, and where a panic begins.

use super::push::fit;

/// The name of the test program that cargo says it runs now, from a line of its own output:
/// `     Running tests/x.rs (target/debug/deps/x-0123456789abcdef)`, or `   Doc-tests x`.
pub(crate) fn program(line: &[u8]) -> Option<String> {
    let line = plain(line);
    let line = line.trim();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(fit(name.trim()).into_owned());
    }
    let running = line.strip_prefix("Running ")?;
    let path = running.rsplit_once('(').map_or(running, |(_, path)| path).trim_end_matches(')');
    let file = path.rsplit(['/', '\\']).next()?;
    let file = file.strip_suffix(".exe").unwrap_or(file);
    let (name, hash) = file.rsplit_once('-')?;
    let is_hash = hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
    (is_hash && !name.is_empty()).then(|| fit(name).into_owned())
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

/// How long the rest of a colour's sequence is, behind the escape character. libtest asks the terminal's
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
        assert_eq!(program(line).as_deref(), Some("a\u{2400}b"));
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
            assert_eq!(program(line.as_bytes()).as_deref(), name, "{line}");
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
