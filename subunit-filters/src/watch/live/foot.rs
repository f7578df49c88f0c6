//! The last line of a picture: what a person has asked for, and by which keys one asks.

use super::super::fit::cut;
use crate::style::{Look, Tone, escaped, toned};

/// The last line of a picture.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Foot {
    /// The name of a worker that is being typed.
    pub(crate) name: Option<String>,
    /// Why the last key did nothing.
    pub(crate) notice: Option<String>,
    /// The worker whose output alone is shown.
    pub(crate) focus: Option<String>,
    /// Whether no more tests begin.
    pub(crate) is_paused: bool,
    /// Whether the run was told to stop.
    pub(crate) is_stopping: bool,
}

impl Foot {
    pub(super) fn line(&self, width: usize, look: Look) -> String {
        let terminal = Look { terminal: true, ..look };
        let plain = |text: &str| cut(&escaped(terminal, text).to_string(), width);
        if let Some(name) = &self.name {
            return plain(&format!("worker: {name}_"));
        }
        if let Some(notice) = &self.notice {
            return toned(look, Tone::Dim, plain(notice)).to_string();
        }
        let focus = self.focus.as_ref().map(|name| format!("output of worker {name}  Esc all"));
        let stop = if self.is_stopping { "stopping  q kill" } else { "q stop" };
        let states = [
            (self.is_paused, "paused, what runs ends  p go on"),
            (self.is_stopping, stop),
            (focus.is_some(), focus.as_deref().unwrap_or_default()),
        ];
        let states =
            states.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| (Tone::Strong, words));
        let pause = (!self.is_paused).then_some("p pause");
        let stop = (!self.is_stopping).then_some(stop);
        let keys =
            [Some("t now"), Some("f failures"), pause, Some("0-9 / worker"), stop, Some("? help")];
        let keys = keys.into_iter().flatten().map(|words| (Tone::Quiet, words));
        let mut line = super::progress::FittedLine::new(width);
        states.chain(keys).for_each(|(tone, words)| line.push(&plain(words), Some(tone), look));
        line.into_text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(foot: &Foot, width: usize) -> String {
        foot.line(width, Look::default())
    }

    #[test]
    fn keys_are_named_as_far_as_they_fit() {
        let foot = Foot::default();
        assert_eq!(line(&foot, 80), "t now  f failures  p pause  0-9 / worker  q stop  ? help");
        assert_eq!(line(&foot, 30), "t now  f failures  p pause");
    }

    #[test]
    fn what_was_asked_for_stands_first() {
        let focus = Some("mac/\u{1b}1".to_owned());
        let foot = Foot { focus, is_paused: true, is_stopping: true, ..Foot::default() };
        assert_eq!(
            line(&foot, 100),
            "paused, what runs ends  p go on  stopping  q kill  output of worker mac/\\u{1b}1  Esc all  t now"
        );
        let foot = Foot { notice: Some("no worker is called 7".into()), ..foot };
        assert_eq!(line(&foot, 100), "no worker is called 7");
        let foot = Foot { name: Some("mac".into()), ..foot };
        assert_eq!(line(&foot, 100), "worker: mac_");
        assert_eq!(line(&foot, 8), "worke...");
    }
}
