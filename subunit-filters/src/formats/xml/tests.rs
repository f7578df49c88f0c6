//! Tests of the parser.

use super::*;

/// What was found, as text: pieces of text joined, elements as `(name attribute=value`, ends as `)`
/// or, where the element's own end did not come, `!)`.
fn parsed(input: &[u8], cut: usize) -> String {
    let (mut out, mut last) = (String::new(), 0);
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
            out.push_str(mark);
        }
        last = kind;
        out.push_str(&String::from_utf8_lossy(&bytes));
    };
    let mut xml = Xml::new(&["r"]);
    for piece in input.chunks(cut) {
        xml.feed(piece, &mut each);
    }
    xml.finish(&mut each);
    out
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
