//! In which package is a test? The only part of an id that is looked into.

/// The package of a test: its id without parameters, without its last part, and without a class, whose name begins
/// with a capital. Parts are between `::`, `.`, `/`, `#` and `>`. Empty if there is only one part.
pub(crate) fn of(id: &str) -> &str {
    let end = id.find(['[', '(', '{']).unwrap_or(id.len());
    let Some((mut package, _)) = cut(id.get(..end).unwrap_or(id)) else { return "" };
    while let Some((before, last)) = cut(package) {
        if !last.starts_with(char::is_uppercase) {
            break;
        }
        package = before;
    }
    package
}

/// Cuts the last part off.
fn cut(text: &str) -> Option<(&str, &str)> {
    let (before, last) = text.rsplit_once(SEPARATORS)?;
    let before = before.trim_end_matches(|c| SEPARATORS.contains(&c) || c == ' ');
    Some((before, last.trim_start()))
}

const SEPARATORS: [char; 5] = ['.', ':', '/', '#', '>'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_what_tests_have_in_common() {
        for (id, package) in [
            ("project.unit.test_mod.Test12.test_case[1.5-a/b]", "project.unit.test_mod"),
            ("tests/test_a.py::TestX::test_y[a::b]", "tests/test_a.py"),
            ("tests/test_a.py::test_y", "tests/test_a.py"),
            ("com.foo.BarTest.testX(int)", "com.foo"),
            ("github.com/x/pkg.TestFoo/sub_case", "github.com/x/pkg"),
            ("core::decoder::tests::feeds", "core::decoder::tests"),
            ("suite > group > says hello", "suite > group"),
            ("Suite.Case", "Suite"),
            ("alone", ""),
            ("", ""),
            ("größe.Ä.b", "größe"),
        ] {
            assert_eq!(of(id), package, "{id}");
        }
    }
}
