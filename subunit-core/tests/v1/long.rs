//! Lines, details and runs longer than any buffer, and what is held back.

use subunit_core::{sink::Summary, v1::Parser};

use crate::log::{Log, hex, line_of, parse_into, parsed, records};

#[test]
fn details_longer_than_any_buffer_come_in_pieces() {
    let content = vec![b'x'; 300_000];
    let mut input = b"test: a\nsuccess: a [ multipart\nContent-Type: text/plain\nf\n".to_vec();
    input.extend_from_slice(format!("{:x}\r\n", content.len()).as_bytes());
    input.extend_from_slice(&content);
    input.extend_from_slice(b"0\r\n]\ntest: b\nsuccess: b [\n");
    input.extend_from_slice(&content);
    input.extend_from_slice(b"]\n]\n");
    let found = records(|sink| parse_into(&input, &[usize::MAX], sink));
    assert!(found == records(|sink| parse_into(&input, &[1000], sink)));
    assert!(found[0].attachment("f").unwrap().bytes == content);
    assert_eq!(found[1].attachment("message").unwrap().bytes.len(), content.len() + 2);
    let most = parsed(&input, &[usize::MAX]).events;
    assert!(
        most.iter().all(|event| event["file_bytes_hex"].as_str().unwrap_or("").len() <= 131_072)
    );
}

#[test]
fn two_hundred_thousand_tests_begun_in_each_other_all_fail_in_linear_time() {
    let mut input = b"test: outer\n".to_vec();
    for n in 0..200_000 {
        input.extend_from_slice(format!("test: t{n}\n").as_bytes());
    }
    let mut summary = Summary::new();
    parse_into(&input, &[1 << 16], &mut summary);
    assert_eq!((summary.counts().fail, summary.counts().unfinished), (200_001, 0));
}

#[test]
fn a_test_with_a_name_longer_than_a_line_may_be_is_red() {
    let name = "n".repeat(300 * 1024);
    for before in ["test: a\nsuccess: a\n", "test: a\n"] {
        let after = if before.contains("success") { "" } else { "success: a\n" };
        let input = format!("{before}test: {name}\nfailure: {name}\n{after}");
        for cut in [input.len(), 1000] {
            let mut summary = Summary::new();
            parse_into(input.as_bytes(), &[cut], &mut summary);
            let counts = summary.counts();
            assert_eq!((counts.success, counts.fail, counts.unfinished), (1, 1, 0), "{before}");
        }
    }
}

/// What has been pushed of `input` when all of it has come and the end has not.
fn so_far(input: &[u8]) -> Vec<String> {
    let mut log = Log::default();
    Parser::new().feed(input, &mut log);
    log.events.iter().map(line_of).collect()
}

#[test]
fn lines_are_held_back_no_longer_than_needed() {
    let ended = b"test: a\ntest: b\ntest: c\nsuccess: c\n";
    assert_eq!(so_far(ended), ["a inprogress"]);
    let next = [ended.as_slice(), b"test: d\n"].concat();
    assert_eq!(so_far(&next)[6..], ["c inprogress", "c success", "d inprogress"]);
    let long =
        [b"test: a\ntest: b\n".as_slice(), &[&[b'x'; 10_000][..], b"\n"].concat().repeat(120)]
            .concat();
    assert_eq!(so_far(&long)[2..4], ["a fail", "b inprogress"]);
}

#[test]
fn the_rest_of_an_endless_line_is_no_line() {
    let endless = [b'x'; 256 * 1024];
    let input = [b"test: a\nskip: a [\n", &endless[..], b"]\n]\n", &endless, b"test: b\n"].concat();
    let log = parsed(&input, &[usize::MAX]);
    assert!(log == parsed(&input, &[1000]));
    let last = log.events.last().unwrap()["file_bytes_hex"].as_str().unwrap();
    assert!(last.ends_with(&hex(b"xtest: b\n")));
    let found = records(|sink| parse_into(&input, &[usize::MAX], sink));
    assert_eq!(found.len(), 1);
    assert!(found[0].attachment("reason").unwrap().bytes.ends_with(b"x]\n"));
}

#[test]
fn endless_lines_that_were_held_back_lose_nothing() {
    let mut input =
        b"test: a\ntest: b\nskip: b [ multipart\nContent-Type: a/b\nr\n5\r\nhello".to_vec();
    input.extend_from_slice(&[b'x'; 3 << 19]);
    input.extend_from_slice(b"\n]\n");
    let log = parsed(&input, &[usize::MAX]);
    for cuts in [&[1000][..], &[1 << 18], &[7, 1 << 17]] {
        assert!(log == parsed(&input, cuts), "cut at {cuts:?}");
    }
    let text = log.events.iter().find(|event| event["test_id"].is_null()).unwrap();
    assert_eq!(text["file_bytes_hex"].as_str().unwrap().len(), 2 * ((3 << 19) + 1));
    assert_eq!(line_of(log.events.last().unwrap()), "b skip");
}
