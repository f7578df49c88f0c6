//! pytest's representation of failures, as text.

use std::fmt::Write;

use serde_json::Value;

use crate::text::json_line::Object;

/// A report's `longrepr` as pytest shows it: a string as it is, a traceback entry by entry.
pub(super) fn text(object: &Object) -> String {
    match object.0.get("longrepr") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(_)) => skip_reason(object),
        Some(repr) => structured(repr).unwrap_or_else(|| repr.to_string()),
    }
}

/// Why a test was skipped: `longrepr` is path, line and reason.
pub(super) fn skip_reason(object: &Object) -> String {
    match object.0.get("longrepr") {
        Some(Value::Array(parts)) => {
            let reason = parts.get(2).and_then(Value::as_str).unwrap_or_default();
            reason.strip_prefix("Skipped: ").unwrap_or(reason).to_owned()
        }
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    }
}

/// What tells a subtest from others of its test, as pytest shows it: ` [message] (name=value)`.
pub(super) fn context(object: &Object) -> String {
    let Some(context) = object.0.get("_subtest.context").or_else(|| object.0.get("context")) else {
        return " [subtest]".to_owned();
    };
    let mut text = String::new();
    if let Some(message) = context.get("msg").and_then(Value::as_str) {
        let _ = write!(text, " [{message}]");
    }
    let names = context.get("kwargs").and_then(Value::as_object);
    let show = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let names = names.into_iter().flatten().map(|(name, value)| format!("{name}={}", show(value)));
    let names = names.collect::<Vec<_>>().join(", ");
    if !names.is_empty() {
        let _ = write!(text, " ({names})");
    }
    if text.is_empty() { " [subtest]".to_owned() } else { text }
}

/// A chain of exceptions, or one. `None` where the form is another.
fn structured(repr: &Value) -> Option<String> {
    let mut text = String::new();
    match repr.get("chain").and_then(Value::as_array) {
        Some(chain) if !chain.is_empty() => {
            for link in chain {
                entries(link.get(0)?, &mut text)?;
                if let Some(description) = link.get(2).and_then(Value::as_str) {
                    let _ = write!(text, "\n{description}\n\n");
                }
            }
        }
        _ => entries(repr.get("reprtraceback")?, &mut text)?,
    }
    for section in repr.get("sections").and_then(Value::as_array).into_iter().flatten() {
        let part = |at| section.get(at).and_then(Value::as_str).unwrap_or_default();
        let _ = write!(text, "\n{}\n{}", part(0), part(1));
    }
    Some(text)
}

fn entries(traceback: &Value, text: &mut String) -> Option<()> {
    for entry in traceback.get("reprentries")?.as_array()? {
        let data = entry.get("data").unwrap_or(entry);
        for line in data.get("lines").and_then(Value::as_array).into_iter().flatten() {
            text.push_str(line.as_str().unwrap_or_default());
            text.push('\n');
        }
        if let Some(place) = data.get("reprfileloc").filter(|place| place.is_object()) {
            let part = |key| place.get(key).and_then(Value::as_str).unwrap_or_default();
            let line = place.get("lineno").and_then(Value::as_u64).unwrap_or_default();
            let _ = write!(text, "\n{}:{line}: {}\n", part("path"), part("message"));
        }
    }
    if let Some(extra) = traceback.get("extraline").and_then(Value::as_str) {
        text.push_str(extra);
        text.push('\n');
    }
    Some(())
}
