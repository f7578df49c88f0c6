use std::fs;

use super::*;

fn pair(key: &str, value: &str) -> Pair {
    (key.into(), value.into())
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("times.dbm");
    (folder, base)
}

fn text(path: &Path, ending: &str) -> String {
    String::from_utf8_lossy(&fs::read(with(path, ending)).unwrap()).into_owned()
}

#[test]
fn a_new_store_has_values_at_multiples_of_512() {
    let (_folder, base) = folder();
    update(&base, &[pair("a", "0.1"), pair("b", "1.5"), pair("a", "0.25")]).unwrap();
    assert_eq!(text(&base, ".dir"), "'a', (0, 4)\n'b', (512, 3)\n");
    let values = format!("0.25{}1.5", "\0".repeat(508));
    assert_eq!(text(&base, ".dat"), values);
    let Contents { pairs, error } = read(&base);
    assert_eq!(pairs, [pair("a", "0.25"), pair("b", "1.5")]);
    assert!(error.is_none());
}

#[test]
fn a_value_that_fits_replaces_the_old_one_and_a_longer_one_is_added() {
    let (_folder, base) = folder();
    update(&base, &[pair("a", "0.1"), pair("b", "1.5")]).unwrap();
    let long = "9".repeat(513);
    update(&base, &[pair("a", "0.123"), pair("b", &long), pair("c", "7.0")]).unwrap();
    assert_eq!(text(&base, ".dir"), "'a', (0, 5)\n'b', (1024, 513)\n'c', (2048, 3)\n");
    assert_eq!(text(&base, ".bak"), "'a', (0, 3)\n'b', (512, 3)\n");
    let pairs = [pair("a", "0.123"), pair("b", &long), pair("c", "7.0")];
    assert_eq!(read(&base).pairs, pairs);
}

#[test]
fn what_can_be_read_of_a_damaged_store_is_read_and_survives() {
    for (dir, dat, expected) in [
        ("'a', (0, 3)\n'b', (512, 3)\n'c', (", "0.1", "line 3: not an entry"),
        ("'a', (0, 3)\n'b', (512, 3)\n", "0.1", "no value of 3 bytes at 512"),
        ("'a', (0, 3)\n'b', (x, 3)\n", "0.1", "line 2: not an entry"),
        ("'a', (0, 3)\n'b', (-1, 3)\n", "0.1", "line 2: not an entry"),
        ("'a', (0, 3)\n'b', (1, 99999999999)\n", "0.1", "no value of 99999999999 bytes at 1"),
        (
            "'b', (18446744073709551615, 3)\n'a', (0, 3)\n",
            "0.1",
            "no value of 3 bytes at 18446744073709551615",
        ),
        (
            "'b', (9223372036854775807, 3)\n'a', (0, 3)\n",
            "0.1",
            "no value of 3 bytes at 9223372036854775807",
        ),
        ("\0\0\0\n'a', (0, 3)\n", "0.1", "line 1: not an entry"),
    ] {
        let (_folder, base) = folder();
        fs::write(with(&base, ".dir"), dir).unwrap();
        fs::write(with(&base, ".dat"), dat).unwrap();
        let Contents { pairs, error } = read(&base);
        assert_eq!(pairs, [pair("a", "0.1")], "{dir:?}");
        let error = error.unwrap().to_string();
        assert!(error.contains("times.dbm.d") && !error.contains('\n'), "{error}");
        assert!(error.contains(expected), "{error}");

        update(&base, &[pair("z", "1.0")]).unwrap();
        let Contents { pairs, error } = read(&base);
        assert_eq!(pairs, [pair("a", "0.1"), pair("z", "1.0")], "{dir:?}");
        assert!(error.is_none());
    }
}

#[test]
fn an_empty_store_is_a_store() {
    let (_folder, base) = folder();
    assert!(read(&base).pairs.is_empty() && read(&base).error.is_none());
    fs::write(with(&base, ".dir"), "").unwrap();
    fs::write(with(&base, ".dat"), "").unwrap();
    assert!(read(&base).pairs.is_empty() && read(&base).error.is_none());
    update(&base, &[pair("it's\n", "1.0")]).unwrap();
    assert_eq!(text(&base, ".dir"), "\"it's\\n\", (0, 3)\n");
}

#[test]
fn a_store_of_no_known_form_is_an_error_and_then_replaced() {
    for content in ["", "what is this?"] {
        let (_folder, base) = folder();
        fs::write(&base, content).unwrap();
        let error = read(&base).error.unwrap().to_string();
        assert_eq!(error, format!("{}: not a store of a form that is known", base.display()));
        update(&base, &[pair("a", "1.0")]).unwrap();
        assert!(!base.exists());
        assert_eq!(read(&base).pairs, [pair("a", "1.0")]);
    }
}
