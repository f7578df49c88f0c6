//! Checks JSON against a schema of `docs/schemas`, more strictly than the schema asks for: no key may be there that it
//! does not name. A keyword that is not known here fails the check.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use regex::Regex;
use serde_json::Value;

/// A schema, and which of the keys that it names were seen.
pub(crate) struct Schema {
    pub(crate) root: Value,
    seen: Seen,
    /// Those that were used; to make one takes long.
    patterns: RefCell<BTreeMap<String, Regex>>,
}

/// The places in the schema of the keys that were seen.
type Seen = BTreeSet<String>;

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/schemas")
}

impl Schema {
    /// The schema of this name.
    pub(crate) fn read(name: &str) -> Self {
        let text = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
        Self::of(serde_json::from_str(&text).unwrap())
    }

    pub(crate) fn of(root: Value) -> Self {
        Self { root, seen: Seen::new(), patterns: RefCell::default() }
    }

    /// What is wrong with a value.
    pub(crate) fn check(&mut self, value: &Value) -> Result<(), String> {
        let seen = self.at("", value).map_err(|wrong| format!("{wrong} in {value}"))?;
        self.seen.extend(seen);
        Ok(())
    }

    /// Checks each line of JSON Lines; how many there are.
    pub(crate) fn check_lines(&mut self, lines: &[u8], of: &str) -> usize {
        let lines = std::str::from_utf8(lines).unwrap().lines();
        let checked = lines.map(|line| {
            let value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{of}: {line}: {error}"));
            self.check(&value).unwrap_or_else(|wrong| panic!("{of}: {wrong}"));
        });
        checked.count()
    }

    /// The keys that the schema names and that were in no value.
    pub(crate) fn unseen(&self) -> Vec<String> {
        let mut named = Vec::new();
        names(&self.root, "", &mut named);
        named.retain(|name| !self.seen.contains(name));
        named
    }

    /// Checks a value against the part of the schema at this place, a JSON pointer.
    fn at(&self, place: &str, value: &Value) -> Result<Seen, String> {
        let part = self.root.pointer(place).ok_or_else(|| format!("nothing stands at {place}"))?;
        let part = part.as_object().ok_or_else(|| format!("{place} is no schema"))?;
        let mut seen = Seen::new();
        for (keyword, wanted) in part {
            let place = format!("{place}/{keyword}");
            seen.extend(self.keyword(keyword, wanted, &place, value)?);
        }
        Ok(seen)
    }

    fn keyword(
        &self,
        keyword: &str,
        wanted: &Value,
        place: &str,
        value: &Value,
    ) -> Result<Seen, String> {
        let holds = match keyword {
            "$schema" | "title" | "description" | "$defs" => true,
            "$ref" => {
                let target = wanted.as_str().and_then(|target| target.strip_prefix('#'));
                return self
                    .at(target.ok_or_else(|| format!("{place}: a place elsewhere"))?, value);
            }
            "properties" => return self.properties(wanted, place, value),
            "items" => return self.items(place, value),
            "anyOf" | "oneOf" => return self.one_of(keyword, wanted, place, value),
            "type" => strings(wanted).any(|name| has_type(name, value)),
            "required" => match value.as_object() {
                Some(object) => strings(wanted).all(|key| object.contains_key(key)),
                None => true,
            },
            "enum" => wanted.as_array().is_some_and(|all| all.contains(value)),
            "const" => wanted == value,
            "minimum" => value.as_f64().is_none_or(|number| wanted.as_f64() <= Some(number)),
            "pattern" => value.as_str().is_none_or(|text| {
                let mut patterns = self.patterns.borrow_mut();
                let new = || Regex::new(wanted.as_str().unwrap()).unwrap();
                patterns.entry(place.to_owned()).or_insert_with(new).is_match(text)
            }),
            _ => return Err(format!("{place}: a keyword that is not known here")),
        };
        if holds { Ok(Seen::new()) } else { Err(format!("{place} does not hold for {value}")) }
    }

    /// Other keys than these are wrong.
    fn properties(&self, wanted: &Value, place: &str, value: &Value) -> Result<Seen, String> {
        let mut seen = Seen::new();
        for (key, value) in value.as_object().into_iter().flatten() {
            if wanted.get(key).is_none() {
                return Err(format!("{place} does not name `{key}`"));
            }
            let place = format!("{place}/{key}");
            seen.extend(self.at(&place, value)?);
            seen.insert(place);
        }
        Ok(seen)
    }

    fn items(&self, place: &str, value: &Value) -> Result<Seen, String> {
        let mut seen = Seen::new();
        for item in value.as_array().into_iter().flatten() {
            seen.extend(self.at(place, item)?);
        }
        Ok(seen)
    }

    fn one_of(
        &self,
        keyword: &str,
        wanted: &Value,
        place: &str,
        value: &Value,
    ) -> Result<Seen, String> {
        let count = wanted.as_array().map_or(0, Vec::len);
        let checked: Vec<_> =
            (0..count).map(|nth| self.at(&format!("{place}/{nth}"), value)).collect();
        let (held, wrong): (Vec<_>, Vec<_>) = checked.into_iter().partition(Result::is_ok);
        if held.is_empty() || keyword == "oneOf" && held.len() > 1 {
            let wrong: Vec<_> = wrong.into_iter().filter_map(Result::err).collect();
            return Err(format!("{place}: {} of {count} hold: {}", held.len(), wrong.join("; ")));
        }
        Ok(held.into_iter().flatten().flatten().collect())
    }
}

/// A string, or each of a list of them.
fn strings(value: &Value) -> impl Iterator<Item = &str> {
    let one = value.as_str().into_iter();
    one.chain(value.as_array().into_iter().flatten().filter_map(Value::as_str))
}

fn has_type(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

/// The places of all keys that a schema names.
fn names(part: &Value, place: &str, named: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match part {
        Value::Object(object) => object.iter().map(|(key, part)| (key.clone(), part)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(nth, part)| (nth.to_string(), part)).collect()
        }
        _ => return,
    };
    for (key, part) in children {
        let below = format!("{place}/{key}");
        if place.ends_with("/properties") {
            named.push(below.clone());
        }
        names(part, &below, named);
    }
}
