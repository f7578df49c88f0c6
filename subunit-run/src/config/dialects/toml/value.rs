//! One value of a TOML file, as what its key wants.

use std::{collections::BTreeMap, str::FromStr};

use super::source::{Access, LayerSource};
use crate::config::{
    Batch, Concurrency, Limit, Mistake, Order, Origin, python,
    regex::python_regex,
    tree::{Entry, Node, Table, Value},
};

/// A value and all that a mistake in it has to name.
pub(super) struct Setting<'a> {
    pub(super) source: &'a LayerSource,
    /// The key, with the tables it is in.
    pub(super) key: String,
    pub(super) line: usize,
    value: Value,
    /// The command that printed the value.
    printed: Option<String>,
}

impl<'a> Setting<'a> {
    /// The value of a key as it stands there.
    pub(super) fn new(source: &'a LayerSource, within: &str, entry: &Entry) -> Self {
        Self {
            source,
            key: format!("{within}{}", entry.key),
            line: entry.line,
            value: entry.node.value.clone(),
            printed: None,
        }
    }

    /// The value itself, or what its command prints: `{ command = '..' }`.
    pub(super) fn resolved(mut self, access: Access<'_>) -> Result<Self, Mistake> {
        let Some(command) = self.command()? else { return Ok(self) };
        let failed = |what| self.mistake(format!("`{command}` failed: {what}"));
        let bytes = (access.run)(&command).map_err(|error| failed(error.to_string()))?;
        let text =
            String::from_utf8(bytes).map_err(|_| failed("it printed no UTF-8".to_owned()))?;
        self.value = Value::Text(text.trim_end_matches(['\r', '\n']).to_owned());
        self.printed = Some(command);
        Ok(self)
    }

    /// The command whose output is the value.
    fn command(&self) -> Result<Option<String>, Mistake> {
        let Value::Table(table) = &self.value else { return Ok(None) };
        match table.0.as_slice() {
            [entry] if entry.key == "command" => match &entry.node.value {
                Value::Text(command) => Ok(Some(command.clone())),
                other => {
                    Err(self.mistake(format!("command must be a string, and is {}", other.kind())))
                }
            },
            _ => Ok(None),
        }
    }

    pub(super) fn mistake(&self, what: impl Into<String>) -> Mistake {
        self.source.mistake(self.line, &self.key, what)
    }

    fn wrong(&self, expected: &str) -> Mistake {
        self.mistake(format!("must be {expected}, and is {}", self.value.kind()))
    }

    pub(super) fn origin(&self) -> Origin {
        let origin = self.source.origin(self.line);
        Origin { command: self.printed.clone().or(origin.command), ..origin }
    }

    pub(super) fn text(&self) -> Result<String, Mistake> {
        match &self.value {
            Value::Text(text) if text.contains('\0') => Err(self.mistake("has a NUL in it")),
            Value::Text(text) => Ok(text.clone()),
            _ => Err(self.wrong("a string")),
        }
    }

    /// Text that another type can be made of.
    fn parsed<T: FromStr<Err = String>>(&self) -> Result<T, Mistake> {
        self.text()?.parse().map_err(|what: String| self.mistake(what))
    }

    pub(super) fn regex(&self) -> Result<String, Mistake> {
        let pattern = self.text()?;
        match python_regex(&pattern) {
            Ok(_) => Ok(pattern),
            Err(error) => Err(self.mistake(format!("`{pattern}`: {error}"))),
        }
    }

    /// Words that are regexes.
    pub(super) fn regexes(&self) -> Result<Vec<String>, Mistake> {
        let patterns = self.words()?;
        for pattern in &patterns {
            python_regex(pattern).map_err(|error| self.mistake(format!("`{pattern}`: {error}")))?;
        }
        Ok(patterns)
    }

    pub(super) fn flag(&self) -> Result<bool, Mistake> {
        match (&self.value, &self.printed) {
            (Value::Flag(flag), _) => Ok(*flag),
            (Value::Text(text), Some(_)) => python::boolean(text.trim())
                .ok_or_else(|| self.mistake(format!("`{text}` is neither true nor false"))),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// A whole number that is at least this.
    pub(super) fn number<T: TryFrom<i64>>(&self, least: i64) -> Result<T, Mistake> {
        let number = match (&self.value, &self.printed) {
            (Value::Integer(number), _) => Some(*number),
            (Value::Text(text), Some(_)) => text.trim().parse().ok(),
            (Value::Float(_), _) => None,
            _ => return Err(self.wrong("a whole number")),
        };
        let number = number.filter(|number| *number >= least && *number < i64::from(u32::MAX));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let bound =
                if least == i64::MIN { String::new() } else { format!(", {least} or more") };
            self.mistake(format!("must be a whole number{bound}"))
        })
    }

    pub(super) fn limit(&self) -> Result<Limit, Mistake> {
        let seconds = match &self.value {
            Value::Integer(seconds) => *seconds as f64,
            Value::Float(seconds) => *seconds,
            _ => return self.parsed(),
        };
        let none = "must be more than 0 seconds; `disabled` is no limit";
        Limit::seconds(seconds).ok_or_else(|| self.mistake(none))
    }

    pub(super) fn order(&self) -> Result<Order, Mistake> {
        self.parsed()
    }

    /// A number of tests, or how long they take.
    pub(super) fn batch(&self) -> Result<Batch, Mistake> {
        match &self.value {
            Value::Integer(_) => Ok(Batch::Tests(self.number(1)?)),
            _ => self.parsed(),
        }
    }

    /// A number of workers, or a command that prints it. Zero is as many as there are CPUs.
    pub(super) fn concurrency(&self) -> Result<Option<Concurrency>, Mistake> {
        if let Some(command) = self.command()? {
            return Ok(Some(Concurrency::Command(command)));
        }
        if let Value::Text(text) = &self.value {
            return Ok(Some(match text.trim().parse() {
                Ok(number) => Concurrency::Workers(number),
                Err(_) => Concurrency::Command(self.text()?),
            })
            .filter(|concurrency| *concurrency != Concurrency::Workers(0)));
        }
        let number: usize = self.number(0)?;
        Ok(Some(number).filter(|number| *number > 0).map(Concurrency::Workers))
    }

    pub(super) fn words(&self) -> Result<Vec<String>, Mistake> {
        let Value::List(nodes) = &self.value else {
            return Ok(python::split(&self.text()?).map(str::to_owned).collect());
        };
        let word = |node: &Node| match &node.value {
            Value::Text(text) => Ok(text.clone()),
            other => {
                Err(self.mistake(format!("must be a list of strings, and has {}", other.kind())))
            }
        };
        nodes.iter().map(word).collect()
    }

    /// Variables, with where each is from.
    pub(super) fn environment(
        &self,
        access: Access<'_>,
        variables: &mut BTreeMap<String, String>,
        origins: &mut BTreeMap<String, Origin>,
    ) -> Result<(), Mistake> {
        let Value::Table(table) = &self.value else { return Err(self.wrong("a table")) };
        for entry in &table.0 {
            let item =
                Setting::new(self.source, &format!("{}.", self.key), entry).resolved(access)?;
            if entry.key.is_empty() || entry.key.contains(['=', '\0']) {
                return Err(item.mistake("is no name of a variable"));
            }
            let value = match &item.value {
                Value::Integer(number) => number.to_string(),
                Value::Flag(flag) => flag.to_string(),
                _ => item.text()?,
            };
            variables.insert(entry.key.clone(), value);
            origins.insert(format!("environment.{}", entry.key), item.origin());
        }
        Ok(())
    }

    /// The tables of `[[name]]`.
    pub(super) fn tables(&self) -> Result<Vec<(usize, &Table)>, Mistake> {
        let wrong = || self.wrong(&format!("tables: [[{}]]", self.key));
        let Value::List(nodes) = &self.value else { return Err(wrong()) };
        let mut tables = Vec::with_capacity(nodes.len());
        for node in nodes {
            let Value::Table(table) = &node.value else { return Err(wrong()) };
            tables.push((node.line, table));
        }
        Ok(tables)
    }

    /// The table `[name]`.
    pub(super) fn table(&self) -> Result<&Table, Mistake> {
        match &self.value {
            Value::Table(table) => Ok(table),
            _ => Err(self.wrong(&format!("a table: [{}]", self.key))),
        }
    }

    /// The tables of `[name.X]`.
    pub(super) fn named_tables(&self) -> Result<&[Entry], Mistake> {
        match &self.value {
            Value::Table(table) => Ok(&table.0),
            _ => Err(self.wrong(&format!("tables: [{}.X]", self.key))),
        }
    }
}
