//! Whether what is written for programs is as its schema says.

use std::path::Path;

use serde_json::Value;

/// A schema of `docs/schemas`.
pub(crate) fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schemas").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// What is wrong with a value by its schema: other keys than those that it names are wrong too.
pub(crate) fn check(schema: &Value, value: &Value, at: &str) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types = &schema["type"];
    let is = |name: &str| {
        types == name || types.as_array().is_some_and(|all| all.contains(&name.into()))
    };
    assert!(is(kind) || kind == "integer" && is("number"), "{at} is {kind}, not {types}");
    for (nth, item) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], item, &format!("{at}[{nth}]"));
    }
    let Some(object) = value.as_object() else { return };
    for (key, value) in object {
        let named = schema.get("properties").and_then(|named| named.get(key));
        let known = named.or_else(|| schema.get("additionalProperties"));
        let known = known.unwrap_or_else(|| panic!("{at}.{key} is in no schema"));
        check(known, value, &format!("{at}.{key}"));
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        assert!(object.contains_key(key.as_str().unwrap()), "{at} has no {key}");
    }
}
