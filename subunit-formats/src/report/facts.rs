//! What a run says about itself, mostly in its file [`RUN`]: where, of what, and by which command.

use std::collections::BTreeMap;

use serde_json::Value;
use subunit_core::{
    Event,
    conventions::{EXIT_STATUS, RUN, is_aside},
};

use crate::report::shell::quoted;

/// The file is no longer than this, in bytes.
const LONGEST: usize = 64 << 10;

/// What belongs together: where two copies name another one first, the rest is not mixed.
const GROUPS: [&[&str]; 3] =
    [&["command", "arguments"], &["revision", "branch", "dirty"], &["host"]];

/// Facts about a run. Later copies of the file add keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pending: Vec<u8>,
    known: BTreeMap<&'static str, Value>,
}

impl Facts {
    /// Takes an event; all but pieces of the file `run` are nothing to it.
    pub(crate) fn note(&mut self, event: &Event<'_>) {
        let Some(file) = event.file.filter(|_| is_aside(event)) else { return };
        if file.name == EXIT_STATUS
            && event.route_code.is_none()
            && !self.known.contains_key("command")
        {
            // The one command of a run that says no more of itself.
            self.add(file.bytes, &GROUPS[..1]);
        }
        if file.name != RUN {
            return;
        }
        if self.pending.len() + file.bytes.len() > LONGEST {
            return self.pending.clear();
        }
        self.pending.extend_from_slice(file.bytes);
        let pending = std::mem::take(&mut self.pending);
        // What was there may be all that ever came of another copy.
        if !self.add(&pending, &GROUPS) && !self.add(file.bytes, &GROUPS) && !event.eof {
            self.pending = pending;
        }
    }

    /// Adds what is not known of these groups; whether it is an object.
    fn add(&mut self, json: &[u8], groups: &[&[&'static str]]) -> bool {
        let Ok(Value::Object(said)) = serde_json::from_slice(json) else { return false };
        for group in groups {
            let first = group.first().copied().unwrap_or_default();
            let is_another = |known: &Value| said.get(first).is_some_and(|said| said != known);
            if self.known.get(first).is_some_and(is_another) {
                continue;
            }
            for key in *group {
                if let Some(value) = said.get(*key).filter(|value| is_meant(key, value)) {
                    self.known.entry(key).or_insert_with(|| value.clone());
                }
            }
        }
        true
    }

    /// What people want to know, by name.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        let word = |key: &str| self.known.get(key).and_then(Value::as_str);
        let command = match (word("command"), self.known.get("arguments").and_then(words)) {
            (Some(program), Some(arguments)) => {
                Some(quoted([program].into_iter().chain(arguments)))
            }
            (command, _) => command.map(str::to_owned),
        };
        let revision = word("revision").map(|revision| {
            let dirty = self.known.get("dirty") == Some(&Value::Bool(true));
            let changed = if dirty { ", with changes" } else { "" };
            match word("branch") {
                Some(branch) => format!("{revision} ({branch}{changed})"),
                None => format!("{revision}{}", changed.trim_start_matches(',')),
            }
        });
        [("command", command), ("commit", revision), ("host", word("host").map(str::to_owned))]
            .into_iter()
            .filter_map(|(name, words)| Some((name, words?)))
            .collect()
    }
}

/// Whether a key can have this value.
fn is_meant(key: &str, value: &Value) -> bool {
    match key {
        "dirty" => value.is_boolean(),
        "arguments" => words(value).is_some(),
        _ => value.as_str().is_some_and(|text| !text.is_empty()),
    }
}

/// A list of strings.
fn words(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use subunit_core::{FileChunk, conventions::MIME_TYPE};

    use super::*;

    #[test]
    fn a_command_that_ended_is_named_unless_the_run_has_named_one() {
        let ended = br#"{"command":"make check","exit":2}"#;
        let event = |name, bytes| {
            let file = Some(FileChunk { name, bytes });
            Event { file, mime_type: Some(MIME_TYPE), eof: true, ..Event::default() }
        };
        let mut facts = Facts::default();
        facts.note(&event(EXIT_STATUS, ended));
        assert_eq!(facts.lines(), [("command", "make check".to_owned())]);
        let mut facts = Facts::default();
        facts.note(&event(RUN, br#"{"command":"make"}"#));
        facts.note(&event(EXIT_STATUS, ended));
        assert_eq!(facts.lines(), [("command", "make".to_owned())]);
    }

    fn facts(pieces: &[(&[u8], bool)]) -> Vec<(&'static str, String)> {
        let mut facts = Facts::default();
        for (bytes, eof) in pieces {
            let file = Some(FileChunk { name: RUN, bytes });
            facts.note(&Event { file, mime_type: Some(MIME_TYPE), eof: *eof, ..Event::default() });
        }
        facts.lines()
    }

    #[test]
    fn a_run_says_what_it_is() {
        let run = br#"{"uuid":"u","command":"pytest","arguments":["-x","t"],"host":"ci-1","revision":"abc","branch":"main","dirty":true}"#;
        let expected = [
            ("command", "pytest -x t".to_owned()),
            ("commit", "abc (main, with changes)".to_owned()),
            ("host", "ci-1".to_owned()),
        ];
        assert_eq!(facts(&[(run, true)]), expected);
        let (one, other) = run.split_at(20);
        assert_eq!(facts(&[(one, false), (other, true)]), expected);
    }

    #[test]
    fn later_copies_add_keys_and_what_is_no_object_is_passed_over() {
        let expected = [("command", "make".to_owned()), ("host", "a".to_owned())];
        let pieces: [(&[u8], bool); 4] = [
            (br#"{"host":"a","revision":7}"#, true),
            (b"[1]", true),
            (b"{", true),
            (br#"{"host":"b","command":"make"}"#, true),
        ];
        assert_eq!(facts(&pieces), expected);
        assert!(facts(&[(&vec![b' '; LONGEST + 1], true)]).is_empty());
    }

    #[test]
    fn what_was_torn_or_is_of_another_type_spoils_nothing() {
        let run = br#"{"command":"a b","arguments":["x y"],"host":"h"}"#;
        let expected = [("command", "'a b' 'x y'".to_owned()), ("host", "h".to_owned())];
        let (torn, _) = run.split_at(9);
        assert_eq!(facts(&[(torn, false), (run, true)]), expected);
        let wrong =
            br#"{"command":["a"],"arguments":[1],"host":{},"branch":7,"dirty":"no","x":null}"#;
        assert_eq!(facts(&[(wrong, true), (run, true)]), expected);
        assert!(facts(&[(b"\xff", true), (wrong, true)]).is_empty());
    }

    #[test]
    fn the_arguments_of_another_command_are_not_mixed_in() {
        let first = br#"{"command":"make","revision":"a"}"#;
        let other =
            br#"{"command":"pytest","arguments":["-x"],"revision":"b","dirty":true,"host":"h"}"#;
        let expected =
            [("command", "make".into()), ("commit", "a".into()), ("host", "h".to_owned())];
        assert_eq!(facts(&[(first, true), (other, true)]), expected);
        let same = br#"{"command":"make","arguments":["check"],"branch":"main"}"#;
        let expected = [("command", "make check".into()), ("commit", "a (main)".to_owned())];
        assert_eq!(facts(&[(first, true), (same, true)]), expected);
    }
}
