use super::*;

fn record(files: &[(&str, &str)]) -> TestRecord {
    let file = |(name, text): &(&str, &str)| Attachment {
        name: (*name).to_owned(),
        bytes: text.as_bytes().to_vec(),
        ..Attachment::default()
    };
    let attachments = files.iter().map(file).collect();
    TestRecord { status: Some(Status::Fail), attachments, ..TestRecord::default() }
}

fn said(name: &str, text: &str) -> String {
    message(&record(&[(name, text)]))
}

#[test]
fn what_says_why_comes_first_and_output_last() {
    let names = ["stdout", "log", "reason", "empty", "traceback-1", "stderr", "failure", "a-b"];
    let mut record = record(&names.map(|name| (name, "x")));
    record.attachments[3].bytes.clear();
    let order: Vec<_> = files(&record).iter().map(|file| file.name.as_str()).collect();
    assert_eq!(order, ["failure", "traceback-1", "reason", "log", "a-b", "stdout", "stderr"]);
}

#[test]
fn content_says_what_is_text() {
    for (bytes, is_cut, expected) in [
        (&b""[..], false, true),
        (b"a\r\n\tb\x1b[31m", false, true),
        ("naïve ✓".as_bytes(), false, true),
        (b"short \x01", false, false),
        (b"a line of output with a bell at its end\x07\n", false, true),
        (b"a line in Latin-1 with one caf\xe9 in the middle\n", false, true),
        (b"PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0", false, false),
        (b"\xff\xfeu\0t\0f\0", false, false),
        (b"cut \xe2\x9c", true, true),
        (b"cut \xe2\x9c", false, false),
    ] {
        assert_eq!(is_text_bytes(bytes, is_cut), expected, "{bytes:?}");
    }
    let bytes = b"<a/>".to_vec();
    let mime_type = Some("application/xml".to_owned());
    assert!(is_text(&Attachment { bytes, mime_type, ..Attachment::default() }));
}

#[test]
fn the_message_is_the_line_that_tells() {
    for (name, text, expected) in [
        ("failure", "\n  boom \nmore", "boom"),
        ("traceback", "Traceback (most recent call last):\n  File \"a\", line 1\nE: x\n", "E: x"),
        ("traceback", "    def f():\n>   f()\nE   assert 1 == 2\nE   more", "assert 1 == 2"),
        (
            "traceback",
            "E     File \"/a.py\", line 1\nE       def f(:\nE             ^\nE   SyntaxError: bad",
            "SyntaxError: bad",
        ),
        ("traceback", "E     File \"/a.py\", line 1\nE       def f(:", "File \"/a.py\", line 1"),
        (
            "traceback",
            ">  1/0\nE   ZeroDivisionError: x\n\na.py:3: ZeroDivisionError\n\nThe above exception was \
             the direct cause of the following exception:\n\nE   KeyError: 'a'\n\na.py:4: KeyError",
            "KeyError: 'a'",
        ),
        (
            "traceback",
            "  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 1, in t\n  \
             | ExceptionGroup: eg (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    \
             | ValueError: a",
            "ExceptionGroup: eg (2 sub-exceptions)",
        ),
        ("traceback", "thread 'a' panicked at src/a.rs:7:5:\nboom\nnote: run", "boom"),
        ("traceback", "thread 'a' panicked at 'boom', src/a.rs:7:5\nnote: run", "boom"),
        ("stdout", "=== RUN   T\n    x_test.go:44: bad: 1\n--- FAIL: T (0.00s)\n", "bad: 1"),
        (
            "stdout",
            "    x_test.go:5: \n  \tError Trace:\tx:5\n  \tError:      \tNot equal\n",
            "Not equal",
        ),
        ("stdout", "panic: nil map\n\ngoroutine 1", "panic: nil map"),
        ("stdout", "all well\nTypeError: x is not a function\n", "TypeError: x is not a function"),
        ("stdout", "all\nwell\n", ""),
        ("comments", "Failed test 'x'\n", "Failed test 'x'"),
        (
            "diagnostic.yaml",
            "  operator: equal\n  expected: 2\n  actual:   3\n",
            "operator: equal, expected: 2, actual: 3",
        ),
        ("diagnostic.yaml", "name: E\nerror: 'bad: 1'\nstack: |-\n  at x", "bad: 1"),
        ("diagnostic.yaml", "error: |-\n  first\n  second\n", "first"),
        ("diagnostic.yaml", "values:\n  error: deep\nat: 'a.js:1'\n", ""),
        ("reason", "\x1b[31mred, and long enough\x1b[0m\x07", "red, and long enough␇"),
    ] {
        assert_eq!(said(name, text), expected, "{name}: {text}");
    }
    let long = said("failure", &"é".repeat(1000));
    assert_eq!(long.len(), 1024);
}

#[test]
fn few_words_are_the_message_before_many() {
    let both = record(&[("traceback", "E: long"), ("message", "brief")]);
    assert_eq!(message(&both), "brief");
    let binary = record(&[("message", "\0\x01"), ("failure", "text"), ("stdout", "Error: x")]);
    assert_eq!(message(&binary), "text");
    let empty = record(&[("message", ""), ("error", " \n"), ("comments", "why")]);
    assert_eq!(message(&empty), "why");
}

#[test]
fn what_did_not_fail_is_explained_by_its_own_words_only() {
    let mut passed = record(&[("stdout", "Error: x")]);
    passed.status = Some(Status::Success);
    assert_eq!(message(&passed), "");
    passed.status = Some(Status::UnexpectedSuccess);
    assert_eq!(message(&passed), "the test passed, and was expected to fail");
    let open = TestRecord::default();
    assert_eq!(message(&open), "no result: the test started and never ended");
}
