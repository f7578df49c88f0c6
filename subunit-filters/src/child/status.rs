//! How a command ended, what that means beside its stream, and how the stream tells of it.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};
use subunit_core::{
    Event, EventBuf, FileChunk,
    conventions::{EXIT_STATUS, MIME_TYPE, is_aside},
    sink::{Counts, Verdict},
};
use subunit_formats::report::shell::quoted;
use subunit_mux::ending::{explained, in_words};

use crate::exit::Exit;

/// A command and how it ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Ended {
    /// As a shell takes it.
    pub(crate) command: String,
    /// Its exit status, unless a signal killed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit: Option<i32>,
    /// The signal that killed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signal: Option<i32>,
    /// Where it ran; stands beside the file, not in it.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub(crate) route: Option<String>,
}

impl Ended {
    /// What the stream says of it.
    pub(crate) fn file(&self) -> EventBuf {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        let file = Some(FileChunk { name: EXIT_STATUS, bytes: &bytes });
        Event { file, eof: true, mime_type: Some(MIME_TYPE), ..Event::default() }.to_buf()
    }

    /// What a stream has said; `None` where the event is about something else.
    fn of(event: &Event<'_>) -> Option<Self> {
        let file = event.file.filter(|file| file.name == EXIT_STATUS)?;
        if !is_aside(event) {
            return None;
        }
        let ended: Self = serde_json::from_slice(file.bytes).ok()?;
        let route = event.route_code.map(|route| route.as_str().to_owned());
        (ended.exit.is_some() || ended.signal.is_some()).then_some(Self { route, ..ended })
    }

    fn succeeded(&self) -> bool {
        self.exit == Some(0)
    }

    /// Whether that is a failure of its own: nothing in the stream explains it.
    pub(crate) fn is_failure(&self, counts: &Counts) -> bool {
        !self.succeeded() && !explained(counts)
    }

    /// The exit status of a report about it.
    pub(crate) fn judge(&self, verdict: Verdict, allow_empty: bool, passed_on: bool) -> Exit {
        let number = self.exit.or_else(|| Some(128 + self.signal?));
        match number.and_then(|number| u8::try_from(number).ok()) {
            Some(number @ 1..) if passed_on => Exit::Command(number),
            _ => Exit::of(verdict, allow_empty),
        }
    }
}

/// `pytest: exit status 1`
impl Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(route) = &self.route {
            write!(f, "{route}: ")?;
        }
        write!(f, "{}: {}", self.command, in_words(self.exit, self.signal))
    }
}

/// The commands whose ends a stream tells of, the first of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commands(Vec<Ended>);

impl Commands {
    const KEPT: usize = 100;

    #[inline]
    pub(crate) fn note(&mut self, event: &Event<'_>) {
        // Almost every event is of a test, and of no interest here.
        if event.test_id.is_none() {
            self.note_ended(event);
        }
    }

    #[inline(never)]
    fn note_ended(&mut self, event: &Event<'_>) {
        if self.0.len() < Self::KEPT {
            self.0.extend(Ended::of(event));
        }
    }

    pub(crate) fn ended(&self) -> &[Ended] {
        &self.0
    }
}

/// The words of a command as a shell takes them.
pub(crate) fn shell_words<'w>(words: impl IntoIterator<Item = &'w std::ffi::OsStr>) -> String {
    let words: Vec<_> = words.into_iter().map(std::ffi::OsStr::to_string_lossy).collect();
    quoted(words.iter().map(AsRef::as_ref))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(exit: Option<i32>, signal: Option<i32>) -> Ended {
        Ended { command: "make check".into(), exit, signal, route: None }
    }

    #[test]
    fn a_status_is_a_failure_where_nothing_explains_it() {
        let passed = Counts { success: 3, ..Counts::default() };
        for (end, is_failure) in
            [((Some(0), None), false), ((Some(3), None), true), ((None, Some(11)), true)]
        {
            assert_eq!(ended(end.0, end.1).is_failure(&passed), is_failure, "{end:?}");
            for explained in [
                Counts { fail: 1, ..passed },
                Counts { uxsuccess: 1, ..passed },
                Counts { damage: 1, ..passed },
            ] {
                assert!(!ended(end.0, end.1).is_failure(&explained), "{end:?}");
            }
        }
        let skipped = Counts { skip: 1, unfinished: 1, ..Counts::default() };
        assert!(ended(Some(1), None).is_failure(&skipped));
    }

    #[test]
    fn the_number_of_a_command_is_passed_on_where_that_hides_nothing() {
        let judge = |exit, signal, verdict| ended(exit, signal).judge(verdict, false, true);
        assert_eq!(judge(Some(0), None, Verdict::Passed), Exit::Passed);
        assert_eq!(judge(Some(0), None, Verdict::Failed), Exit::Failed);
        assert_eq!(judge(Some(0), None, Verdict::NoTests), Exit::NoTests);
        assert_eq!(judge(Some(5), None, Verdict::Failed), Exit::Command(5));
        assert_eq!(judge(None, Some(11), Verdict::Failed), Exit::Command(139));
        for end in [(Some(0), None), (Some(5), None), (None, Some(11))] {
            let exit = ended(end.0, end.1).judge(Verdict::Failed, false, false);
            assert_eq!(exit, Exit::Failed, "{end:?}");
        }
    }

    #[test]
    fn a_stream_tells_what_was_written() {
        for end in [ended(Some(3), None), ended(None, Some(9))] {
            let file = end.file();
            let route_code = Some(subunit_core::RouteCode::new("0/1"));
            let routed = Event { route_code, ..file.as_event() };
            let read = Ended::of(&routed).unwrap();
            assert_eq!(read, Ended { route: Some("0/1".into()), ..end });
        }
        assert_eq!(ended(None, Some(9)).to_string(), "make check: killed by signal 9 (SIGKILL)");
        let bytes = b"{\"command\":\"a\",\"exit\":1,\"later\":[]}";
        let file = Some(FileChunk { name: EXIT_STATUS, bytes });
        let event = Event { file, mime_type: Some(MIME_TYPE), ..Event::default() };
        assert!(Ended::of(&event).is_some(), "what is not known is ignored");
        assert!(Ended::of(&Event { mime_type: None, ..event }).is_none());
        assert!(Ended::of(&Event { test_id: Some("a"), ..event }).is_none());
        let empty = Some(FileChunk { name: EXIT_STATUS, bytes: b"{\"command\":\"a\"}" });
        assert!(Ended::of(&Event { file: empty, ..event }).is_none());
    }
}
