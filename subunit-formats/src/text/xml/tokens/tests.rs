//! Tests of the cutter.

use super::*;

const PLACE: Surroundings = Surroundings { inside: true, roots: &["a"] };

/// The tokens, by name and content, with pieces of text joined.
fn tokens(input: &[u8], cut: usize, place: Surroundings) -> (String, Rest) {
    let (mut tokens, mut out) = (Tokens::default(), String::new());
    let mut last = String::new();
    for mut piece in input.chunks(cut) {
        while let Some(token) = tokens.next(&mut piece, place) {
            let name = format!("{:?}", token.kind).to_lowercase();
            if name != last || !matches!(&*name, "text" | "comment" | "beyond") {
                out.push_str(&format!("|{name} "));
            }
            out.push_str(&String::from_utf8_lossy(token.bytes));
            last = name;
        }
    }
    (out, tokens.finish(place))
}

#[track_caller]
fn check(input: &str, expected: &str) {
    for cut in 1..=input.len() {
        let (found, rest) = tokens(input.as_bytes(), cut, PLACE);
        assert_eq!((found.as_str(), rest), (expected, Rest::Text(vec![])), "cut at {cut}");
    }
}

#[test]
fn cuts_markup_from_text_however_it_arrives() {
    check("x<a b='>' c=\"'>\">y</a>", "|text x|start <a b='>' c=\"'>\">|text y|end </a>");
    check("<!-- a - b -- c ---><a/>", "|comment  a - b -- c -|start <a/>");
    check("<![CDATA[a]b]]c]]]>d", "|text a]b]]c]d");
    check("<?xml v='1'?><?x?><a/>", "|declaration <?xml v='1'?>|instruction <?x?>|start <a/>");
    check("<!DOCTYPE a [<!ENTITY b '>]'>]>z", "|doctype <!DOCTYPE a [<!ENTITY b '>]'>]>|text z");
    check("a&lt;b&#10;", "|text a|reference &lt;|text b|reference &#10;");
}

#[test]
fn what_cannot_become_markup_is_text() {
    check("1 < 2 <3 <!x <![CDATX", "|text 1 < 2 <3 <!x <![CDATX");
}

#[test]
fn outside_of_all_only_a_root_begins_a_document() {
    let outside = Surroundings { inside: false, ..PLACE };
    let (found, rest) = tokens(b"<b> <a> </b> <![CDATA[x]]> <?php ?>", 3, outside);
    assert!(found.contains("|start <a>"), "{found}");
    assert!(found.starts_with("|text <b> |start <a>|text  |end </b>|text  <![CDATA[x]]> <?php"));
    assert_eq!(rest, Rest::Text(vec![]));
}

#[test]
fn what_is_left_at_the_end_is_text_only_where_no_markup_began() {
    let outside = Surroundings { inside: false, ..PLACE };
    for (input, place, markup) in [
        (&b"<"[..], outside, false),
        (b"<zz", outside, false),
        (b"<a", outside, true),
        (b"<a b='", outside, true),
        (b"<!-- ", outside, true),
        (b"&am", PLACE, false),
        (b"<", PLACE, true),
        (b"</a", PLACE, true),
        (b"<![CDATA[x", PLACE, true),
    ] {
        let rest = tokens(input, 1, place).1;
        assert_eq!(matches!(rest, Rest::Markup(_)), markup, "{rest:?}");
    }
}

#[test]
fn of_an_endless_tag_the_beginning_is_kept_and_the_rest_handed_over() {
    let mut input = b"<a b='".to_vec();
    input.resize(tag::LONGEST + 1000, b'x');
    input.extend_from_slice(b"'/>y");
    for cut in [999, 1 << 16, input.len()] {
        let (found, _) = tokens(&input, cut, PLACE);
        assert!(found.ends_with("x'/>|text y"), "{}", &found[found.len() - 20..]);
        assert_eq!(found.matches("|beyond").count(), 1);
    }
}
