//! What a run says about itself, mostly in its file [`RUN`]: where, of what, and by which command.

use std::collections::BTreeMap;

use serde_json::Value;
use subunit_core::{
    Event,
    conventions::{EXIT_STATUS, RUN, is_aside},
};

/// The file is no longer than this, in bytes.
const LONGEST: usize = 64 << 10;

/// Facts about a run. Later copies of the file add keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pending: Vec<u8>,
    known: BTreeMap<String, Value>,
}

impl Facts {
    /// Takes an event; all but pieces of the file `run` are nothing to it.
    pub(crate) fn note(&mut self, event: &Event<'_>) {
        let Some(file) = event.file.filter(|_| is_aside(event)) else { return };
        if file.name == EXIT_STATUS && event.route_code.is_none() {
            // The one command of a run that says no more of itself.
            let ended = serde_json::from_slice::<Value>(file.bytes).unwrap_or_default();
            if let Some(command @ Value::String(_)) = ended.get("command") {
                self.known.entry("command".to_owned()).or_insert_with(|| command.clone());
            }
        }
        if file.name != RUN {
            return;
        }
        if self.pending.len() + file.bytes.len() > LONGEST {
            return self.pending.clear();
        }
        self.pending.extend_from_slice(file.bytes);
        if let Ok(Value::Object(object)) = serde_json::from_slice(&self.pending) {
            for (key, value) in object {
                self.known.entry(key).or_insert(value);
            }
            self.pending.clear();
        } else if event.eof {
            self.pending.clear();
        }
    }

    /// What people want to know, by name.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        let words = |key: &str| self.known.get(key).map(words).filter(|words| !words.is_empty());
        let command = match (words("command"), words("arguments")) {
            (Some(command), Some(arguments)) => Some(format!("{command} {arguments}")),
            (command, _) => command,
        };
        let revision = words("revision").map(|revision| {
            let dirty = self.known.get("dirty") == Some(&Value::Bool(true));
            let changed = if dirty { ", with changes" } else { "" };
            match words("branch") {
                Some(branch) => format!("{revision} ({branch}{changed})"),
                None => format!("{revision}{}", changed.trim_start_matches(',')),
            }
        });
        [("command", command), ("commit", revision), ("host", words("host"))]
            .into_iter()
            .filter_map(|(name, words)| Some((name, words?)))
            .collect()
    }
}

/// A string, or a list of them.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
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
}
