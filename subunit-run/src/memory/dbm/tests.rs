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

/// A store that testr has written.
fn sample(name: &str) -> Vec<u8> {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/repositories");
    fs::read(Path::new(data).join(name)).unwrap()
}

type Reader = fn(&[u8]) -> Option<found::FilePairs>;

/// The forms that are one file, and their readers.
fn forms() -> [(Vec<u8>, Reader); 3] {
    [
        (sample("testr-gdbm/.testrepository/times.dbm"), gdbm::read),
        (sample("testr-ndbm/.testrepository/times.dbm.db"), berkeley::read),
        (sample("testr-sqlite-by-hand/.testrepository/times.dbm"), sqlite::read),
    ]
}

#[test]
fn a_form_is_told_by_its_first_bytes() {
    for (nth, (bytes, _)) in forms().iter().enumerate() {
        for (other, (_, read)) in forms().iter().enumerate() {
            assert_eq!(read(bytes).is_some(), nth == other);
            assert!(read(b"").is_none() && read(&[0; 4096]).is_none());
        }
    }
}

#[test]
fn a_store_that_is_cut_off_or_damaged_is_read_as_far_as_it_can_be() {
    for (bytes, read) in forms() {
        let whole = read(&bytes).unwrap();
        assert_eq!((whole.pairs.len(), whole.wrong), (7, None));
        for length in (0..bytes.len()).step_by(29) {
            let Some(found) = read(&bytes[..length]) else { continue };
            assert!(found.wrong.is_some() || found.pairs == whole.pairs, "{length}");
        }
        // Where there is anything, and in the heads.
        let places = (0..bytes.len()).filter(|at| *at < 200 || bytes[*at] != 0);
        for at in places.filter(|at| *at < 200 || at % 7 == 0 || *at > bytes.len() - 200) {
            for wrong in [0, 1, 0x7f, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] = wrong;
                let found = read(&bytes);
                let length = |(key, value): &Pair| key.len() + value.len();
                let all: usize = found.iter().flat_map(|found| &found.pairs).map(length).sum();
                assert!(all <= bytes.len());
            }
        }
    }
}

#[test]
fn entries_that_overlap_do_not_fill_the_memory() {
    let mut bytes = sample("testr-gdbm/.testrepository/times.dbm");
    // All elements of the bucket name the whole file.
    let length = (bytes.len() as u32).to_le_bytes();
    for element in bytes[0x2000 + 112..0x3000].chunks_exact_mut(24) {
        element.fill(0);
        element[16..20].copy_from_slice(&length);
    }
    let found = gdbm::read(&bytes).unwrap();
    assert_eq!((found.pairs.len(), found.wrong), (1, Some("entries overlap")));
}

#[test]
fn content_that_is_too_long_for_a_page_is_read() {
    // Two pages of an overflow after the pages of the sample, and an item that names them.
    let mut bytes = sample("testr-ndbm/.testrepository/times.dbm.db");
    let content = "long".repeat(1500);
    let pieces = content.as_bytes().chunks(4096 - 26).zip([4u32, 0]);
    for (piece, next) in pieces {
        let mut page = vec![0; 4096];
        page[16..20].copy_from_slice(&next.to_le_bytes());
        page[22..24].copy_from_slice(&(piece.len() as u16).to_le_bytes());
        page[25] = 7;
        page[26..26 + piece.len()].copy_from_slice(piece);
        bytes.extend(page);
    }
    let page = &mut bytes[0x1000..0x2000];
    page[20..22].copy_from_slice(&2u16.to_le_bytes());
    page[26..30].copy_from_slice(&[0xf4, 0x0f, 0xf0, 0x0f]);
    page[0xff0..].copy_from_slice(b"\x010.5\x03\0\0\0\x03\0\0\0\x70\x17\0\0");
    let found = berkeley::read(&bytes).unwrap();
    assert_eq!(found.wrong, None);
    assert!(found.pairs.contains(&pair(&content, "0.5")));
}

#[test]
fn what_can_be_read_of_another_form_survives_the_conversion() {
    let (_folder, base) = folder();
    let (gdbm, _) = &forms()[0];
    for (ending, length) in [("", gdbm.len()), (".pag", gdbm.len()), (".pag", 0x2000)] {
        fs::write(with(&base, ending), &gdbm[..length]).unwrap();
        fs::write(with(&base, ".dir"), "").unwrap();
        assert_eq!(read(&base).error.is_some(), length != gdbm.len());
        update(&base, &[pair("a.one", "9.0")]).unwrap();
        let Contents { pairs, error } = read(&base);
        assert!(error.is_none() && pairs.contains(&pair("a.one", "9.0")));
        assert_eq!(pairs.len(), if length == gdbm.len() { 7 } else { 1 });
        assert!(!with(&base, ending).exists());
        fs::remove_file(with(&base, ".dat")).unwrap();
    }
}

#[test]
fn changes_in_the_log_of_a_database_are_told() {
    let (_folder, base) = folder();
    fs::write(&base, &forms()[2].0).unwrap();
    fs::write(with(&base, "-wal"), "").unwrap();
    assert!(read(&base).error.is_none());
    fs::write(with(&base, "-wal"), "x").unwrap();
    let Contents { pairs, error } = read(&base);
    assert_eq!(pairs.len(), 7);
    assert!(error.unwrap().to_string().ends_with("times.dbm-wal: the last changes are not read"));
}
