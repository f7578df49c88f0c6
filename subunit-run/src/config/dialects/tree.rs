//! A TOML document as values that know their lines.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::config::Mistake;

/// A value, and the line it is in.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::config) struct Node {
    pub(in crate::config) line: usize,
    pub(in crate::config) value: Value,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::config) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Flag(bool),
    List(Vec<Node>),
    Table(Table),
    Date,
}

/// The keys of a table, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::config) struct Table(pub(in crate::config) Vec<Entry>);

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::config) struct Entry {
    pub(in crate::config) key: String,
    /// The line of the key.
    pub(in crate::config) line: usize,
    pub(in crate::config) node: Node,
}

impl Value {
    /// What kind of value it is.
    pub(in crate::config) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Flag(_) => "a boolean",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Date => "a date",
        }
    }
}

impl Table {
    pub(in crate::config) fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }

    /// The table at this key, if there is one.
    pub(in crate::config) fn table(&self, key: &str) -> Option<&Self> {
        match &self.get(key)?.node.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }
}

/// Reads a document. `file` is what errors call it.
pub(in crate::config) fn parse(file: &str, bytes: &[u8]) -> Result<Table, Mistake> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = line_of(&bytes[..error.valid_up_to()]);
        Mistake::new(file, line, "", "is not UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match DeTable::parse(text) {
        Ok(table) => Ok(table_of(table.get_ref(), &Lines::new(text))),
        Err(error) => {
            let what = error.message().lines().collect::<Vec<_>>().join("; ");
            let line = error.span().map(|span| line_of(&text.as_bytes()[..span.start]));
            Err(Mistake { file: file.to_owned(), line, key: String::new(), what })
        }
    }
}

fn line_of(before: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', before).count() + 1
}

/// Where the lines of a text end.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(memchr::memchr_iter(b'\n', text.as_bytes()).collect())
    }

    fn of(&self, span: Range<usize>) -> usize {
        self.0.partition_point(|end| *end < span.start) + 1
    }
}

fn table_of(table: &DeTable<'_>, lines: &Lines) -> Table {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let line = lines.of(key.span());
            let entry = Entry { key: key.get_ref().to_string(), line, node: node_of(value, lines) };
            (key.span().start, entry)
        })
        .collect();
    entries.sort_by_key(|(start, _)| *start);
    Table(entries.into_iter().map(|(_, entry)| entry).collect())
}

fn node_of(value: &Spanned<DeValue<'_>>, lines: &Lines) -> Node {
    let line = lines.of(value.span());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => {
            // One that is too large for a number is none that any key takes.
            let number = i64::from_str_radix(integer.as_str(), integer.radix());
            Value::Integer(number.unwrap_or(i64::MAX))
        }
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(array) => Value::List(array.iter().map(|v| node_of(v, lines)).collect()),
        DeValue::Table(table) => Value::Table(table_of(table, lines)),
    };
    Node { line, value }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_know_their_lines() {
        let text = b"a = 1_0\n[t]\nb = [\n 'x',\n]\nc.d = true\n[[l]]\ne = 1.5\n[[l]]\n";
        let table = parse("x", text).unwrap();
        let line = |key| table.get(key).unwrap().line;
        assert_eq!((line("a"), line("t")), (1, 2));
        assert_eq!(table.get("a").unwrap().node.value, Value::Integer(10));
        let t = table.table("t").unwrap();
        assert_eq!(t.get("b").unwrap().line, 3);
        let Value::List(items) = &t.get("b").unwrap().node.value else { panic!() };
        assert_eq!(items[0], Node { line: 4, value: Value::Text("x".to_owned()) });
        assert_eq!(t.table("c").unwrap().get("d").unwrap().line, 6);
        let Value::List(items) = &table.get("l").unwrap().node.value else { panic!() };
        assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [7, 9]);
    }

    #[test]
    fn mistakes_name_the_line() {
        for (text, expected) in [
            (&b"a = 1\nb = \n"[..], "x.toml:2: "),
            (b"a = 1\na = 2\n", "x.toml:2: duplicate key"),
            (b"a = 1\n\xff", "x.toml:2: is not UTF-8"),
        ] {
            let mistake = parse("x.toml", text).unwrap_err().to_string();
            assert!(mistake.starts_with(expected), "{mistake}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "([ab]|[.=\\[\\]{}\"'#\n ,0-9é\\\\-]){0,40}", bytes in any::<Vec<u8>>()) {
            let _ = parse("x", text.as_bytes());
            let _ = parse("x", &bytes);
        }
    }
}
