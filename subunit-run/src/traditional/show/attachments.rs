//! The attachments of a failed test, as testtools writes them: the traceback is last and has no heading.

use std::fmt::Write;

use subunit_core::sink::{Attachment, TestRecord};

/// The attachment that explains a failure.
const TRACEBACK: &str = "traceback";

/// All attachments of a test as one text. Only the names are shown of those that are blank or not text, and
/// nothing of those that are empty.
pub(in crate::traditional) fn text_of(record: &TestRecord) -> String {
    let filled = record.attachments.iter().filter(|one| !one.bytes.is_empty());
    let mut attachments: Vec<_> = filled.collect();
    attachments.sort_by(|one, other| one.name.cmp(&other.name));
    let (texts, others): (Vec<_>, Vec<_>) = attachments.into_iter().partition(|one| is_text(one));
    let texts = texts.into_iter().map(|one| (one, String::from_utf8_lossy(&one.bytes)));
    let texts: Vec<_> = texts.map(|(one, text)| (one, text.trim().to_owned())).collect();
    let (empty, texts): (Vec<_>, Vec<_>) = texts.into_iter().partition(|(_, text)| text.is_empty());
    let mut shown = String::new();
    // Writing to a string does not fail.
    if !others.is_empty() {
        shown.push_str("Binary content:\n");
        for one in &others {
            let _ = writeln!(shown, "  {} ({})", one.name, type_of(one));
        }
    }
    if !empty.is_empty() {
        shown.push_str("Empty attachments:\n");
        for (one, _) in &empty {
            let _ = writeln!(shown, "  {}", one.name);
        }
    }
    if !shown.is_empty() && !texts.is_empty() {
        shown.push('\n');
    }
    shown.push_str(&headed(&texts));
    shown
}

/// Texts under their names; the traceback after all others.
fn headed(texts: &[(&Attachment, String)]) -> String {
    let (last, others): (Vec<_>, Vec<_>) = texts.iter().partition(|(one, _)| one.name == TRACEBACK);
    let mut blocks: Vec<_> = others.iter().map(|(one, text)| block(&one.name, text)).collect();
    if blocks.last().is_some_and(|block| !block.ends_with('\n')) {
        blocks.push(String::new());
    }
    blocks.extend(last.iter().map(|(_, text)| format!("{text}\n")));
    blocks.join("\n")
}

fn block(name: &str, text: &str) -> String {
    if text.contains('\n') {
        format!("{name}: {{{{{{\n{text}\n}}}}}}\n")
    } else {
        format!("{name}: {{{{{{{text}}}}}}}")
    }
}

/// Whether its type says that it is text. Without a type it is bytes.
pub(in crate::traditional) fn is_text(attachment: &Attachment) -> bool {
    type_of(attachment).split('/').next().is_some_and(|kind| kind.trim() == "text")
}

fn type_of(attachment: &Attachment) -> &str {
    attachment.mime_type.as_deref().unwrap_or("application/octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(attachments: &[(&str, &str, &str)]) -> String {
        let attachments = attachments.iter().map(|(name, mime_type, text)| Attachment {
            name: (*name).into(),
            mime_type: (!mime_type.is_empty()).then(|| (*mime_type).into()),
            bytes: text.as_bytes().to_vec(),
            ..Attachment::default()
        });
        text_of(&TestRecord { attachments: attachments.collect(), ..TestRecord::default() })
    }

    #[test]
    fn the_traceback_is_last_and_has_no_heading() {
        const TEXT: &str = "text/plain;charset=utf8";
        const TRACE: &str = "text/x-traceback;charset=utf8;language=python";
        for (attachments, expected) in [
            (&[][..], ""),
            (&[("traceback", TRACE, "AssertionError: no\n")], "AssertionError: no\n"),
            (&[("Parser Error", TEXT, "Short read")], "Parser Error: {{{Short read}}}\n"),
            (&[("log", TEXT, "a\nb\n")], "log: {{{\na\nb\n}}}\n"),
            (&[("traceback", TRACE, "T"), ("log", TEXT, "a")], "log: {{{a}}}\n\nT\n"),
            (&[("traceback", TRACE, "T"), ("log", TEXT, "a\nb")], "log: {{{\na\nb\n}}}\n\nT\n"),
            (&[("stdout", TEXT, " \n"), ("none", TEXT, "")], "Empty attachments:\n  stdout\n"),
            (
                &[("b", "application/json", "{}"), ("e", TEXT, " "), ("a", "", "\u{1}")],
                "Binary content:\n  a (application/octet-stream)\n  b (application/json)\n\
                 Empty attachments:\n  e\n",
            ),
            (
                &[("Packet data", "", "\u{1}"), ("Parser Error", TEXT, "Bad")],
                "Binary content:\n  Packet data (application/octet-stream)\n\n\
                 Parser Error: {{{Bad}}}\n",
            ),
        ] {
            assert_eq!(shown(attachments), expected, "{attachments:?}");
        }
    }
}
