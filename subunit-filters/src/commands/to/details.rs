//! The attachments of a test as one text, in the order and with the brackets of testtools.

use std::collections::BTreeMap;

use subunit_core::sink::{Attachment, TestRecord};

/// The text of all attachments: types of binary ones, names of blank ones, then the text of the others by
/// name, and the traceback at the end.
pub(in crate::commands) fn text(record: &TestRecord) -> String {
    let (mut binary, mut blank) = (String::new(), String::new());
    let mut texts: Vec<String> = Vec::new();
    let mut traceback = None;
    // A file without any content is none to the reference.
    let mut files: Vec<&Attachment> =
        record.attachments.iter().filter(|file| !file.bytes.is_empty()).collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    for file in files {
        let (name, kind) = (&file.name, Kind::of(file.mime_type.as_deref()));
        if kind.main != "text" {
            binary += &format!("  {name} ({kind})\n");
            continue;
        }
        let content = kind.decode(&file.bytes);
        match content.trim() {
            "" => blank += &format!("  {name}\n"),
            content if name == "traceback" => traceback = Some(format!("{content}\n")),
            content if content.contains('\n') => {
                texts.push(format!("{name}: {{{{{{\n{content}\n}}}}}}\n"));
            }
            content => texts.push(format!("{name}: {{{{{{{content}}}}}}}")),
        }
    }
    if record.omitted > 0 {
        texts.push(format!("({} bytes of attachments were left out)", record.omitted));
    }
    put_together(&binary, &blank, texts, traceback)
}

fn put_together(
    binary: &str,
    blank: &str,
    mut texts: Vec<String>,
    traceback: Option<String>,
) -> String {
    if texts.last().is_some_and(|last| !last.ends_with('\n')) {
        texts.push(String::new());
    }
    texts.extend(traceback);
    let mut all = String::new();
    for (title, names) in [("Binary content:\n", binary), ("Empty attachments:\n", blank)] {
        if !names.is_empty() {
            all += title;
            all += names;
        }
    }
    if !all.is_empty() && !texts.is_empty() {
        all.push('\n');
    }
    all + &texts.join("\n")
}

/// The text of an attachment, whatever its type: what cannot be decoded is replaced.
pub(in crate::commands) fn content(file: &Attachment) -> String {
    Kind::of(file.mime_type.as_deref()).decode(&file.bytes)
}

/// The type of an attachment.
struct Kind {
    main: String,
    sub: String,
    parameters: BTreeMap<String, String>,
}

impl Kind {
    /// What is no type is `text/plain`, none at all `application/octet-stream`.
    fn of(mime_type: Option<&str>) -> Self {
        let mime_type = mime_type.unwrap_or("application/octet-stream");
        let mut parts = mime_type.split(';');
        let kind = parts.next().unwrap_or_default().trim();
        let Some((main, sub)) = kind.split_once('/') else {
            return Self::of(Some("text/plain"));
        };
        // A comma ends a value: some writers have it where a semicolon belongs.
        let parameter = |part: &str| {
            let (name, value) = part.split_once('=')?;
            let value = value.split(',').next()?.trim().trim_matches('"');
            Some((name.trim().to_lowercase(), value.to_owned()))
        };
        let parameters = parts.filter_map(parameter).collect();
        Self { main: main.to_lowercase(), sub: sub.to_lowercase(), parameters }
    }

    /// Text without a charset that is not UTF-8 is Latin-1, as in HTTP.
    fn decode(&self, bytes: &[u8]) -> String {
        let charset = self.parameters.get("charset").map(|name| name.to_lowercase());
        let latin1 = match charset.as_deref() {
            Some("latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1") => true,
            Some(_) => false,
            None => std::str::from_utf8(bytes).is_err(),
        };
        if latin1 {
            return bytes.iter().map(|byte| char::from(*byte)).collect();
        }
        String::from_utf8_lossy(bytes).into_owned()
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.main, self.sub)?;
        self.parameters.iter().try_for_each(|(name, value)| write!(f, "; {name}=\"{value}\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, mime_type: Option<&str>, bytes: &[u8]) -> Attachment {
        let (name, mime_type) = (name.to_owned(), mime_type.map(str::to_owned));
        Attachment { name, mime_type, bytes: bytes.to_vec(), ..Attachment::default() }
    }

    #[test]
    fn attachments_have_the_order_and_the_brackets_of_testtools() {
        let plain = Some("text/plain;charset=utf8");
        let attachments = vec![
            file("traceback", Some("text/x-traceback; charset=\"utf8\""), b"tb 1\ntb 2\n"),
            file("log", plain, b"one\ntwo\n"),
            file("blank", plain, b" \n"),
            file("raw", None, b"\x00"),
            file("bad", plain, b"a\xffb"),
            file("latin", Some("text/plain"), b"\xe9"),
        ];
        let record = TestRecord { attachments, ..TestRecord::default() };
        assert_eq!(
            text(&record),
            "Binary content:\n  raw (application/octet-stream)\nEmpty attachments:\n  blank\n\n\
             bad: {{{a\u{fffd}b}}}\nlatin: {{{é}}}\nlog: {{{\none\ntwo\n}}}\n\ntb 1\ntb 2\n"
        );
        assert_eq!(text(&TestRecord::default()), "");
    }
}
