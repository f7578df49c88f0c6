//! Tests of the parser.

use super::*;

/// What was found, as text: pieces of text joined, elements as `(name attribute=value`, ends as `)`
/// or, where the element's own end did not come, `!)`.
fn parsed(input: &[u8], cut: usize) -> String {
    let (mut out, mut last) = (Vec::new(), 0);
    let mut each = |event: XmlEvent<'_>| {
        let (kind, mark, bytes): (u8, &str, Cow<'_, [u8]>) = match event {
            XmlEvent::Outside(bytes) => (1, "outside:", bytes.into()),
            XmlEvent::Text(bytes) => (2, "text:", bytes.into()),
            XmlEvent::Comment(bytes) => (3, "comment:", bytes.into()),
            XmlEvent::Start(element) => {
                let attributes =
                    element.attributes().map(|(name, value)| format!(" {name}={value}"));
                let all: String = attributes.collect();
                (0, "(", Cow::Owned(format!("{}{all}", element.name()).into_bytes()))
            }
            XmlEvent::End { closed, .. } => (0, if closed { ")" } else { "!)" }, (&b""[..]).into()),
            XmlEvent::Trouble(trouble) => {
                (4, "", Cow::Owned(format!("[{trouble:?}]").into_bytes()))
            }
        };
        if kind == 0 || kind != last {
            out.extend_from_slice(mark.as_bytes());
        }
        last = kind;
        out.extend_from_slice(&bytes);
    };
    let mut xml = Xml::new(&["r"]);
    for piece in input.chunks(cut) {
        xml.feed(piece, &mut each);
    }
    xml.finish(&mut each);
    String::from_utf8_lossy(&out).into_owned()
}

#[track_caller]
fn check(input: &[u8], expected: &str) {
    for cut in (1..=input.len().min(80)).chain([input.len()]) {
        assert_eq!(parsed(input, cut), expected, "in pieces of {cut}");
    }
}

#[test]
fn a_plain_document() {
    check(b"<?xml version='1.0'?>\n<r a='1'>x<b/>y</r>\n", "(r a=1text:x(b)text:y)");
}

#[test]
fn text_before_between_and_behind_documents_is_outside() {
    check(
        b"junk <x> & 1\n<?xml?><r/> \n more <r/>\n</r>\n",
        "outside:junk <x> & 1\n(r)outside:more (r)outside:</r>",
    );
}

#[test]
fn references_and_dangling_ampersands() {
    check(b"<r>&lt;&#27;&#x1;&no; & &</r>", "(rtext:<\u{1b}\u{1}&no; & &)");
}

#[test]
fn control_bytes_stay() {
    check(b"<r a='\x00\x1b'>\x00\x01</r>", "(r a=\0\u{1b}text:\0\u{1})");
}

#[test]
fn elements_that_are_never_closed_end_with_their_parents() {
    check(b"<r><a><b>x</a>y</r>", "(r(a(btext:x!))text:y)");
    check(b"<r>x</nope>y</r>", "(rtext:x</nope>y)");
}

#[test]
fn a_document_that_is_cut_short_ends_and_says_so() {
    check(b"<r><a>x", "(r(atext:x[Truncated]!)!)");
    check(b"<r><a b='", "(rtext:<a b='[Truncated]!)");
    check(b"<r></r", "(rtext:</r[Truncated]!)");
    check(b"<r", "outside:<r[Truncated]");
    check(b"<r><a><?xml version='1.0'?><r/>", "(r(a[Truncated]!)!)(r)");
}

#[test]
fn entities_are_refused_and_never_expanded() {
    let bomb =
        b"<!DOCTYPE r [<!ENTITY a 'x'><!ENTITY b SYSTEM 'file:///etc/passwd'>]><r>&a;&b;</r>";
    check(bomb, "[Entities](rtext:&a;&b;)");
    check(b"<!DOCTYPE r SYSTEM 'r.dtd'><r/>", "(r)");
}

#[test]
fn elements_nested_too_deep_are_text() {
    let mut input = b"<r>".repeat(DEEPEST + 2);
    input.extend_from_slice(&b"</r>".repeat(DEEPEST + 2));
    let found = parsed(&input, 7);
    assert!(found.contains("[Depth]text:<r><r></r></r>)))"), "{found}");
    assert!(!found.contains("Truncated"));
}

#[test]
fn attributes_that_cannot_be_read_are_trouble() {
    check(b"<r><a b=c d='e'/></r>", "(r[Tag](a))");
}

#[test]
fn utf16_and_single_bytes() {
    let utf16: Vec<u8> =
        "\u{feff}<r a='\u{e9}'>\u{1f600}</r>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&utf16, "(r a=\u{e9}text:\u{1f600})");
    check(b"<?xml version='1.0' encoding='ISO-8859-1'?><r a='\xe9'>\xe9</r>", "(r a=étext:é)");
}

fn little(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn big(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[test]
fn documents_in_other_encodings_follow_each_other() {
    let plain = "<?xml version='1.0'?><r a='1'>é</r>\n".as_bytes().to_vec();
    let text = "<?xml version='1.0' encoding='utf-16'?>\r\n<!-- 名前 --><r b='名'>😀</r>\r\n";
    let marked = format!("\u{feff}{text}");
    let (one, two) = ("(r a=1text:é)", "comment: 名前 (r b=名text:😀)");
    for utf16 in [little(&marked), big(&marked), little(text), big(text)] {
        check(&[&utf16[..], &plain].concat(), &format!("{two}{one}"));
        // After UTF-8 it takes the mark, with which such a document has to begin.
        if utf16 == little(&marked) || utf16 == big(&marked) {
            check(&[&plain[..], &utf16].concat(), &format!("{one}{two}"));
            let four = [&plain[..], &utf16, &utf16, &plain].concat();
            check(&four, &format!("{one}{two}{two}{one}"));
        }
        check(&[&utf16[..], &little(&marked), &big(&marked)].concat(), &format!("{two}{two}{two}"));
        let utf8 = [b"\xef\xbb\xbf", &plain[..]].concat();
        check(&[&utf16[..], &utf8].concat(), &format!("{two}{one}"));
    }
    check(&[b"junk", &little(&marked)[..]].concat(), &format!("outside:junk{two}"));
}

#[test]
fn what_only_looks_like_another_encoding_stays_text() {
    check(
        b"a\0<r/>\xff\xfe <r/>\xfe\xff",
        "outside:a\0(r)outside:\u{fffd}\u{fffd} (r)outside:\u{fffd}\u{fffd}",
    );
    check(b"<r>\xff\xfe<\0r\0/\0>\0</r>", "(rtext:\u{fffd}\u{fffd}<\0r\0/\0>\0)");
    check(b"x\0", "outside:x\0");
}

#[test]
fn single_bytes_are_what_the_declaration_says() {
    for (name, byte, expected) in [
        ("windows-1251", b'\xf2', "т"),
        ("KOI8-R", b'\xd4', "т"),
        ("iso-8859-2", b'\xb1', "ą"),
        ("ISO-8859-15", b'\xa4', "€"),
        ("windows-1252", b'\x80', "€"),
        ("us-ascii", b'\xf2', "\u{fffd}"),
        ("utf-16", b'\xf2', "\u{fffd}"),
        ("no-such", b'\xf2', "\u{fffd}"),
    ] {
        for quote in ["'", "\""] {
            let head = format!("<?xml version='1.0' encoding = {quote}{name}{quote} ?>");
            let head = head.as_bytes();
            let report = [head, b"<r a='", &[byte], b"'>", &[byte], b"</r>"].concat();
            check(&report, &format!("(r a={expected}text:{expected})"));
        }
    }
    let both = b"<?xml encoding='koi8-r'?><r>\xd4</r><r>\xd1\x82</r>";
    check(both, "(rtext:т)(rtext:т)");
    let marked = b"\xef\xbb\xbf<?xml encoding='koi8-r'?><r>\xd1\x82</r>";
    check(marked, "(rtext:т)");
}
