//! A list of rows in each of the formats of cliff: `stestr history list -f FORMAT`.

use std::{
    fmt,
    io::{self, Write},
};

use serde_json::Value;

/// A cell of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::traditional) enum Cell {
    /// Text.
    Text(String),
    /// True or false.
    Truth(bool),
}

/// Text as it is, truth as Python spells it.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.pad(text),
            Self::Truth(true) => f.pad("True"),
            Self::Truth(false) => f.pad("False"),
        }
    }
}

/// Rows under the names of their columns.
#[derive(Clone, Debug)]
pub(in crate::traditional) struct List {
    /// The names.
    pub(in crate::traditional) columns: Vec<&'static str>,
    /// The rows: each has a cell for each column.
    pub(in crate::traditional) rows: Vec<Vec<Cell>>,
}

/// How a list is written.
pub(in crate::traditional) type Format = fn(&List, &mut dyn Write) -> io::Result<()>;

/// The formats, by name.
pub(in crate::traditional) const FORMATS: [(&str, Format); 5] = [
    ("csv", List::write_csv),
    ("json", List::write_json),
    ("table", List::write_boxes),
    ("value", List::write_values),
    ("yaml", List::write_yaml),
];

impl List {
    /// Only these columns, in the order of the list.
    ///
    /// # Errors
    ///
    /// If none of the names is that of a column.
    pub(in crate::traditional) fn select(self, names: &[String]) -> Result<Self, String> {
        if names.is_empty() {
            return Ok(self);
        }
        let places: Vec<_> = (0..self.columns.len())
            .filter(|place| names.iter().any(|name| name == self.columns[*place]))
            .collect();
        if places.is_empty() {
            let known = self.columns.join(", ");
            return Err(format!("No column is named {}. There are: {known}.", names.join(", ")));
        }
        let columns = places.iter().map(|place| self.columns[*place]).collect();
        let keep = |row: Vec<Cell>| places.iter().filter_map(|at| row.get(*at).cloned()).collect();
        Ok(Self { columns, rows: self.rows.into_iter().map(keep).collect() })
    }

    fn write_boxes(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return writeln!(out);
        }
        let texts: Vec<Vec<_>> =
            self.rows.iter().map(|row| row.iter().map(Cell::to_string).collect()).collect();
        let width = |column: usize| {
            let cells = texts.iter().filter_map(|row| row.get(column));
            cells
                .map(|text| text.chars().count())
                .chain([self.columns[column].chars().count()])
                .max()
        };
        let widths: Vec<_> = (0..self.columns.len()).filter_map(width).collect();
        let line = widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("+");
        let row = |cells: &[&str]| {
            let filled = cells.iter().zip(&widths).map(|(cell, width)| format!(" {cell:width$} "));
            filled.collect::<Vec<_>>().join("|")
        };
        writeln!(out, "+{line}+\n|{}|\n+{line}+", row(&self.columns))?;
        for texts in &texts {
            let cells: Vec<_> = texts.iter().map(String::as_str).collect();
            writeln!(out, "|{}|", row(&cells))?;
        }
        writeln!(out, "+{line}+")
    }

    fn write_values(&self, out: &mut dyn Write) -> io::Result<()> {
        self.rows.iter().try_for_each(|row| {
            let cells: Vec<_> = row.iter().map(Cell::to_string).collect();
            writeln!(out, "{}", cells.join(" "))
        })
    }

    fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let head: Vec<_> = self.columns.iter().map(|name| quoted(name)).collect();
        writeln!(out, "{}", head.join(","))?;
        self.rows.iter().try_for_each(|row| {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => quoted(text),
                truth @ Cell::Truth(_) => truth.to_string(),
            });
            writeln!(out, "{}", cells.collect::<Vec<_>>().join(","))
        })
    }

    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "[")?;
        for (index, row) in self.rows.iter().enumerate() {
            write!(out, "{}\n  {{", if index == 0 { "" } else { "," })?;
            for (at, (name, cell)) in self.columns.iter().zip(row).enumerate() {
                let (comma, name) = (if at == 0 { "" } else { "," }, Value::from(*name));
                write!(out, "{comma}\n    {name}: {}", value_of(cell))?;
            }
            write!(out, "\n  }}")?;
        }
        writeln!(out, "{}]", if self.rows.is_empty() { "" } else { "\n" })
    }

    /// Keys are sorted, as YAML writers do.
    fn write_yaml(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return writeln!(out, "[]");
        }
        for row in &self.rows {
            let mut pairs: Vec<_> = self.columns.iter().zip(row).collect();
            pairs.sort_by_key(|(name, _)| **name);
            for (at, (name, cell)) in pairs.into_iter().enumerate() {
                let start = if at == 0 { "- " } else { "  " };
                writeln!(out, "{start}{name}: {}", scalar(cell))?;
            }
        }
        Ok(())
    }
}

fn value_of(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => Value::from(text.as_str()),
        Cell::Truth(truth) => Value::from(*truth),
    }
}

/// Text that would be a number, or that has special characters at its start, is quoted.
fn scalar(cell: &Cell) -> String {
    match cell {
        Cell::Truth(truth) => truth.to_string(),
        Cell::Text(text) => {
            let is_plain = text.chars().next().is_some_and(char::is_alphanumeric)
                && text.parse::<f64>().is_err()
                && !text.contains(": ");
            if is_plain { text.clone() } else { format!("'{}'", text.replace('\'', "''")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> List {
        let row = |id: &str, passed| {
            vec![
                Cell::Text(id.into()),
                Cell::Truth(passed),
                Cell::Text("0.400000s".into()),
                Cell::Text("2026-01-01 00:00:00+00:00".into()),
            ]
        };
        List {
            columns: vec!["Run ID", "Passed", "Runtime", "Date"],
            rows: vec![row("0", true), row("10", false)],
        }
    }

    fn written(list: &List, name: &str) -> String {
        let mut out = Vec::new();
        let (_, format) = FORMATS.into_iter().find(|(known, _)| *known == name).unwrap();
        format(list, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_format_has_all_rows() {
        for (format, expected) in [
            (
                "table",
                "\
+--------+--------+-----------+---------------------------+
| Run ID | Passed | Runtime   | Date                      |
+--------+--------+-----------+---------------------------+
| 0      | True   | 0.400000s | 2026-01-01 00:00:00+00:00 |
| 10     | False  | 0.400000s | 2026-01-01 00:00:00+00:00 |
+--------+--------+-----------+---------------------------+
",
            ),
            (
                "value",
                "0 True 0.400000s 2026-01-01 00:00:00+00:00\n\
                 10 False 0.400000s 2026-01-01 00:00:00+00:00\n",
            ),
            (
                "csv",
                "\"Run ID\",\"Passed\",\"Runtime\",\"Date\"\n\
                 \"0\",True,\"0.400000s\",\"2026-01-01 00:00:00+00:00\"\n\
                 \"10\",False,\"0.400000s\",\"2026-01-01 00:00:00+00:00\"\n",
            ),
            (
                "yaml",
                "- Date: 2026-01-01 00:00:00+00:00\n  Passed: true\n  Run ID: '0'\n  \
                 Runtime: 0.400000s\n\
                 - Date: 2026-01-01 00:00:00+00:00\n  Passed: false\n  Run ID: '10'\n  \
                 Runtime: 0.400000s\n",
            ),
        ] {
            assert_eq!(written(&list(), format), expected, "{format}");
        }
        let some = list().select(&["Passed".into(), "Run ID".into()]).unwrap();
        let expected = "[\n  {\n    \"Run ID\": \"0\",\n    \"Passed\": true\n  },\n  {\n    \
                        \"Run ID\": \"10\",\n    \"Passed\": false\n  }\n]\n";
        assert_eq!(written(&some, "json"), expected);
        assert!(list().select(&["Nothing".into()]).is_err());
    }

    #[test]
    fn no_rows_are_an_empty_list() {
        let none = List { rows: Vec::new(), ..list() };
        for (format, expected) in
            [("table", "\n"), ("value", ""), ("json", "[]\n"), ("yaml", "[]\n")]
        {
            assert_eq!(written(&none, format), expected, "{format}");
        }
    }
}
