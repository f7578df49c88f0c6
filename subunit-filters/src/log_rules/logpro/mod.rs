//! Rules out of a file of logpro, as far as they are data.
//!
//! Such a file is a program in Scheme. `trigger`, `section` and `expect:...` with literal arguments are translated.
//! Whatever else there is gets a comment in its place, and is named.

mod scheme;

use std::{collections::HashMap, fmt::Write};

use self::scheme::{Form, read};

/// The section that is the whole log.
const WHOLE: &str = "LogFileBody";

/// A file of rules, and what it says less than the original: a line each, with the line in the original.
pub(crate) struct Imported {
    /// TOML.
    pub(crate) rules: String,
    /// What was not translated.
    pub(crate) left_out: Vec<String>,
}

/// Translates a file of logpro.
pub(crate) fn import(text: &str) -> Imported {
    let mut import = Import::default();
    for (line, form) in read(text) {
        if let Err(why) = import.top(&form) {
            let what = format!("line {line}: {why}");
            // Writing to a string does not fail.
            let _ = writeln!(import.rules, "# {what}\n");
            import.left_out.push(what);
        }
    }
    Imported { rules: import.rules, left_out: import.left_out }
}

#[derive(Default)]
struct Import {
    /// The pattern of each trigger.
    triggers: HashMap<String, String>,
    rules: String,
    left_out: Vec<String>,
}

impl Import {
    fn top(&mut self, form: &Form) -> Result<(), String> {
        let Form::List(items) = form else {
            return Err("what stands outside of all brackets is left out".to_owned());
        };
        let [Form::Symbol(name), arguments @ ..] = items.as_slice() else {
            return Err("what begins with no word is left out".to_owned());
        };
        match (name.as_str(), arguments) {
            (
                "trigger" | "trigger:non-required",
                [Form::Text(name), Form::Pattern(pattern), ..],
            ) => {
                self.triggers.insert(name.clone(), pattern.clone());
                Ok(())
            }
            ("section", [Form::Text(name), Form::Text(begin), rest @ ..]) => {
                self.section(name, begin, rest.first())
            }
            ("expect:value", arguments) => self.value(arguments),
            _ => match name.strip_prefix("expect:") {
                Some(kind) => self.expect(kind, arguments),
                None => Err(format!("({name} ...) is a program, and is left out")),
            },
        }
    }

    fn section(&mut self, name: &str, begin: &str, end: Option<&Form>) -> Result<(), String> {
        let trigger = |name: &str| {
            let found = self.triggers.get(name).cloned();
            found.ok_or_else(|| {
                format!("the section needs the trigger {name:?}, which has no literal pattern")
            })
        };
        let begin = trigger(begin)?;
        let end = match end {
            Some(Form::Text(end)) => Some(trigger(end)?),
            _ => None,
        };
        let rules = &mut self.rules;
        let _ = writeln!(rules, "[[section]]\nname = {}\nbegin = {}", quoted(name), quoted(&begin));
        if let Some(end) = end {
            let _ = writeln!(rules, "end = {}", quoted(&end));
        }
        rules.push('\n');
        Ok(())
    }

    /// `in SECTION COMPARISON NUMBER NAME PATTERNS`
    fn expect(&mut self, kind: &str, arguments: &[Form]) -> Result<(), String> {
        let (kind, has_count) = match kind {
            "required" => ("expect", true),
            "error" | "abort" => ("forbid", true),
            "warning" => ("warn", false),
            "ignore" | "note" | "skip" => (kind, false),
            "waive" | "waived" | "waiver" => {
                return Err(
                    "a waiver belongs to the rule that it is about: `waive = { until, reason }`"
                        .into(),
                );
            }
            _ => return Err(format!("(expect:{kind} ...) has no counterpart")),
        };
        let [
            Form::Symbol(place),
            sections,
            Form::Symbol(comparison),
            Form::Symbol(number),
            Form::Text(name),
            patterns,
            rest @ ..,
        ] = arguments
        else {
            return Err(computed(kind));
        };
        refuse_options(rest)?;
        let sections = self.sections(place, sections)?;
        let patterns = literal_patterns(patterns).ok_or_else(|| computed(kind))?;
        let count = count(comparison, number).ok_or_else(|| computed(kind))?;
        let rules = &mut self.rules;
        let _ = writeln!(rules, "[[rule]]\nkind = \"{kind}\"\nid = {}{sections}", quoted(name));
        let _ = writeln!(rules, "match = [{}]", patterns.join(", "));
        if has_count {
            let _ = writeln!(rules, "count = \"{count}\"");
        }
        rules.push('\n');
        Ok(())
    }

    /// `in SECTION NUMBER TOLERANCE NAME PATTERN`
    fn value(&mut self, arguments: &[Form]) -> Result<(), String> {
        let [
            Form::Symbol(place),
            sections,
            Form::Symbol(value),
            Form::Symbol(tolerance),
            Form::Text(name),
            Form::Pattern(pattern),
            rest @ ..,
        ] = arguments
        else {
            return Err(computed("value"));
        };
        refuse_options(rest)?;
        let sections = self.sections(place, sections)?;
        let bounds = match tolerance.as_str() {
            "<" | "<=" => format!("<= {value}"),
            ">" | ">=" => format!(">= {value}"),
            _ if tolerance.parse::<f64>().is_ok() => format!("{value} +- {tolerance}"),
            _ => return Err(computed("value")),
        };
        let pattern = name_first_group(pattern).ok_or("the pattern of a value needs a group")?;
        let (id, pattern) = (quoted(name), quoted(&pattern));
        let rules = &mut self.rules;
        let _ = writeln!(rules, "[[rule]]\nkind = \"value\"\nid = {id}{sections}");
        let _ = writeln!(rules, "match = [{pattern}]\nwithin = \"{bounds}\"\n");
        Ok(())
    }

    /// The line of the rule that says in which sections, or in which not.
    fn sections(&self, place: &str, sections: &Form) -> Result<String, String> {
        let names = match sections {
            Form::Text(name) => vec![name.as_str()],
            Form::List(items) => items.iter().filter_map(Form::as_text).collect(),
            Form::Symbol(_) | Form::Pattern(_) => return Err(computed("section")),
        };
        let key = match place {
            "in" if names.contains(&WHOLE) => return Ok(String::new()),
            "in" => "in",
            "notin" | "not-in" | "not" => "not_in",
            _ => return Err(format!("`{place}` says no place: `in` or `notin`")),
        };
        let names: Vec<_> = names.into_iter().map(quoted).collect();
        Ok(format!("\n{key} = [{}]", names.join(", ")))
    }
}

fn computed(kind: &str) -> String {
    format!("a {kind} whose arguments are not all literal is left out")
}

/// Hooks and dates stand after the pattern.
fn refuse_options(rest: &[Form]) -> Result<(), String> {
    match rest.first() {
        None => Ok(()),
        Some(Form::Symbol(option)) => {
            Err(format!("`{option}` has no counterpart: the rule is left out"))
        }
        Some(_) => Err("too many arguments: the rule is left out".to_owned()),
    }
}

/// One pattern, or a list of them.
fn literal_patterns(form: &Form) -> Option<Vec<String>> {
    match form {
        Form::Pattern(pattern) => Some(vec![quoted(pattern)]),
        Form::List(items) => {
            let items =
                items.iter().filter(|item| !matches!(item, Form::Symbol(name) if name == "list"));
            items.map(|item| item.as_pattern().map(quoted)).collect()
        }
        Form::Symbol(_) | Form::Text(_) => None,
    }
}

fn count(comparison: &str, number: &str) -> Option<String> {
    let number: u64 = number.parse().ok()?;
    Some(match comparison {
        "=" => format!("={number}"),
        ">=" => format!(">={number}"),
        "<=" => format!("<={number}"),
        ">" => format!(">={}", number.checked_add(1)?),
        "<" => format!("<={}", number.checked_sub(1)?),
        _ => return None,
    })
}

/// Gives the first group of a pattern the name `value`.
fn name_first_group(pattern: &str) -> Option<String> {
    let (mut is_escaped, mut is_class) = (false, false);
    for (at, character) in pattern.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => is_class = true,
            ']' => is_class = false,
            '(' if !is_class => {
                let (before, after) = pattern.split_at(at + 1);
                if !after.starts_with('?') {
                    return Some(format!("{before}?<value>{after}"));
                }
            }
            _ => {}
        }
    }
    None
}

/// A string of TOML: literal where that is possible, so that patterns stay as they are.
fn quoted(text: &str) -> String {
    let is_plain = !text.contains('\'') && !text.chars().any(char::is_control);
    if is_plain { format!("'{text}'") } else { toml::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log_rules::parse;

    const SIMULATION: &str = r##"
;; the header
(trigger "Init"    #/This is a header/)
(trigger "InitEnd" #/^\s*$/)
(section "Init" "Init" "InitEnd")
(expect:required in "Init" = 1 "Header" #/This is a header/)
(expect:ignore in "LogFileBody" < 99 "Comments" #/^\/\/.*error/)
(expect:error in "LogFileBody" = 0 "No errors" (list #/ERROR/ #/error/i))
(expect:warning notin "Init" = 0 "Warnings" #/WARNING/)
(expect:value in "LogFileBody" 1.9 0.1 "Voltage" #/out(?:put)?:\s*([\d.]+)v/)
(hook:first-error "mail root")
(expect:error in "LogFileBody" = 0 (conc "a" "b") #/x/)
(expect:waive in "LogFileBody" < 9 "Known" #/bug/)
"##;

    #[test]
    fn what_is_literal_is_translated_and_the_rest_is_named() {
        let imported = import(SIMULATION);
        let rules = parse("sim.toml", imported.rules.as_bytes(), false);
        let rules = rules.unwrap_or_else(|error| panic!("{error}\n{}", imported.rules));
        assert_eq!(rules.rules.len(), 5, "{}", imported.rules);
        for expected in [
            "name = 'Init'\nbegin = 'This is a header'\nend = '^\\s*$'",
            "kind = \"expect\"\nid = 'Header'\nin = ['Init']\nmatch = ['This is a header']\ncount = \"=1\"",
            "match = ['ERROR', '(?i)error']\ncount = \"=0\"",
            "kind = \"warn\"\nid = 'Warnings'\nnot_in = ['Init']",
            "match = ['out(?:put)?:\\s*(?<value>[\\d.]+)v']\nwithin = \"1.9 +- 0.1\"",
        ] {
            assert!(imported.rules.contains(expected), "{expected}\n{}", imported.rules);
        }
        let lines: Vec<_> =
            imported.left_out.iter().filter_map(|said| said.split(':').next()).collect();
        assert_eq!(lines, ["line 11", "line 12", "line 13"], "{:?}", imported.left_out);
    }

    #[test]
    fn what_is_no_scheme_is_named_and_does_not_panic() {
        for text in ["(", ")", "(((", "\"", "#/", "(expect:error", "(section)", "x", "'", "#|"] {
            assert!(parse("x", import(text).rules.as_bytes(), true).is_ok(), "{text}");
        }
    }
}
