//! What a person asks for by keys while a run is watched.

use crate::keyboard::typing::{Sequence, Stroke, Typing};

/// What a key asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    /// Which tests run now?
    Running,
    /// Which tests have failed so far?
    Failures,
    /// Pause, or go on.
    Pause,
    /// Show the output of this worker alone.
    Worker(String),
    /// Show the output of all workers.
    All,
    /// Stop the run.
    Stop,
    /// What do the keys mean?
    Help,
}

/// What the keys mean, a line each.
pub(crate) const HELP: &str = "  t    which tests run now, and for how long
  f    which tests have failed so far
  p    pause: hand out no more tests until p is pressed again
  0-9  show the output of this worker alone, and results of the others
  /    the same for a worker of any name
  Esc  show the output of all workers
  q    stop the run, as ^C does; twice: kill what runs
  ?    this help
";

/// Makes wishes of the bytes that a terminal sends for keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    sequence: Sequence,
    /// The name of a worker that is being typed.
    name: Option<Typing>,
}

impl Keys {
    /// The name of a worker that is being typed.
    pub(crate) fn name(&self) -> Option<String> {
        self.name.as_ref().map(Typing::line)
    }

    /// Takes bytes that came together: what they ask for.
    pub(crate) fn pressed(&mut self, bytes: &[u8]) -> Vec<Asked> {
        let mut asked: Vec<Asked> = bytes.iter().filter_map(|byte| self.push(*byte)).collect();
        if self.sequence.is_escape() && self.name.take().is_none() {
            asked.push(Asked::All);
        }
        asked
    }

    fn push(&mut self, byte: u8) -> Option<Asked> {
        if self.sequence.takes(byte) {
            return None;
        }
        let Some(typing) = &mut self.name else { return self.key(byte) };
        match typing.push(byte) {
            Stroke::Ignored | Stroke::Changed => None,
            Stroke::Ended => {
                self.name = None;
                None
            }
            Stroke::Entered(name) => {
                self.name = None;
                let name = name.trim();
                Some(if name.is_empty() { Asked::All } else { Asked::Worker(name.to_owned()) })
            }
        }
    }

    fn key(&mut self, byte: u8) -> Option<Asked> {
        Some(match byte {
            b't' => Asked::Running,
            b'f' => Asked::Failures,
            b'p' => Asked::Pause,
            b'0'..=b'9' => Asked::Worker(char::from(byte).to_string()),
            b'q' => Asked::Stop,
            b'?' | b'h' => Asked::Help,
            b'/' => {
                self.name = Some(Typing::default());
                return None;
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_asks_for_something() {
        let mut keys = Keys::default();
        let asked = keys.pressed(b"tfpxq?");
        let expected = [Asked::Running, Asked::Failures, Asked::Pause, Asked::Stop, Asked::Help];
        assert_eq!(asked, expected);
        assert_eq!(keys.pressed(b"3"), [Asked::Worker("3".into())]);
        assert_eq!(keys.pressed(b"\x1b"), [Asked::All]);
    }

    #[test]
    fn arrows_and_other_sequences_ask_for_nothing() {
        let mut keys = Keys::default();
        assert_eq!(keys.pressed(b"\x1b[A\x1bOq\x1b[15~"), []);
        assert_eq!(keys.pressed(b"t"), [Asked::Running]);
    }

    #[test]
    fn a_name_is_typed_after_a_slash() {
        let mut keys = Keys::default();
        assert_eq!(keys.pressed(b"/maq"), []);
        assert_eq!(keys.name().as_deref(), Some("maq"), "its letters are no keys");
        assert_eq!(keys.pressed(b"\x7fc/1\n"), [Asked::Worker("mac/1".into())]);
        assert_eq!(keys.name(), None);
        assert_eq!(keys.pressed(b"/\n"), [Asked::All]);
        for given_up in [&b"\x1b"[..], b"\x04"] {
            assert_eq!(keys.pressed(b"/"), []);
            assert_eq!((keys.pressed(given_up), keys.name()), (vec![], None));
        }
        assert_eq!(keys.pressed(b"q"), [Asked::Stop]);
    }
}
