//! MIME types as version 1 writes them: `text/plain;charset=utf8,language=python`.

/// What a part's header says, as a MIME type: commas between parameters become semicolons.
pub(super) fn from_v1(value: &str) -> String {
    let value = value.trim();
    let Some((kind, parameters)) = value.split_once(';') else {
        return value.to_owned();
    };
    let is_parameter = |part: &str| part.split_once('=').is_some_and(|(name, _)| is_token(name));
    if parameters.contains(',') && parameters.split(',').all(is_parameter) {
        return format!("{kind};{}", parameters.replace(',', ";"));
    }
    value.to_owned()
}

/// A MIME type as a part's header: parameters unquoted, sorted, with commas between them. Anything else
/// becomes `text/plain`, and no MIME type becomes `application/octet-stream`.
///
/// With `cut`, a parameter's value ends at a comma, as it does in the reference. Otherwise a comma separates
/// two parameters only if another parameter follows.
pub(super) fn to_v1(mime: Option<&str>, cut: bool) -> String {
    let Some(mime) = mime else {
        return "application/octet-stream".to_owned();
    };
    let mut parts = mime.split(';');
    let kind = parts.next().unwrap_or_default().trim();
    let is_kind = kind.split_once('/').is_some_and(|(main, sub)| is_token(main) && is_token(sub));
    if !is_kind {
        return "text/plain".to_owned();
    }
    let mut parameters: Vec<(String, String)> = Vec::new();
    for part in parts {
        for (nth, piece) in part.split(',').enumerate() {
            match piece.split_once('=') {
                Some((name, value)) if is_token(name.trim()) && !(cut && nth > 0) => {
                    let value = value.trim().trim_matches('"');
                    parameters.push((name.trim().to_owned(), value.replace('\n', " ")));
                }
                _ => {}
            }
        }
    }
    parameters.sort();
    let parameters: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if parameters.is_empty() {
        return kind.to_owned();
    }
    format!("{kind};{}", parameters.join(","))
}

fn is_token(word: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte);
    !word.is_empty() && word.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_survive_both_ways() {
        let mime = "text/x-traceback; language=\"python\"; charset=\"utf8\"";
        let header = to_v1(Some(mime), true);
        assert_eq!(header, "text/x-traceback;charset=utf8,language=python");
        assert_eq!(from_v1(&header), "text/x-traceback;charset=utf8;language=python");
        assert_eq!(to_v1(Some(&from_v1(&header)), false), header);
    }

    #[test]
    fn a_comma_in_a_parameter_ends_it_or_starts_the_next() {
        let mime = Some("text/plain;charset=utf8,language=python");
        assert_eq!(to_v1(mime, true), "text/plain;charset=utf8");
        assert_eq!(to_v1(mime, false), "text/plain;charset=utf8,language=python");
    }

    #[test]
    fn what_is_no_mime_type() {
        assert_eq!(to_v1(None, true), "application/octet-stream");
        assert_eq!(to_v1(Some("nonsense"), true), "text/plain");
        assert_eq!(to_v1(Some("a/b\nc: d"), true), "text/plain");
        assert_eq!(from_v1(" nonsense"), "nonsense");
        assert_eq!(from_v1("text/plain;charset=a,b"), "text/plain;charset=a,b");
    }
}
