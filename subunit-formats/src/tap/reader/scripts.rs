//! What `prove` says around the TAP of each script.

use subunit_core::{
    Status,
    sink::{Flow, Sink},
};

use super::{At, Reader, group::Group};
use crate::{
    events::emit::Outcome,
    tap::{
        point::unescape,
        prove::{self, Prove},
    },
};

impl Reader {
    /// Takes a line that is none of TAP's.
    pub(super) fn other(&mut self, at: At<'_>, sink: &mut dyn Sink) -> Flow {
        if at.columns > 0 {
            return self.loose(at, sink);
        }
        match Prove::new(at.line) {
            Some(Prove::Script(name)) => {
                if self.close_document(sink).is_break() {
                    return Flow::Break;
                }
                self.script = Some(unescape(name));
            }
            Some(Prove::Skipped(name, reason)) => {
                if self.close_document(sink).is_break() {
                    return Flow::Break;
                }
                let id = unescape(name);
                let reason = Some(reason).filter(|reason| !reason.is_empty());
                let skip = Outcome { reason, runnable: false, ..Outcome::new(&id, Status::Skip) };
                if skip.push(sink).is_break() {
                    return Flow::Break;
                }
            }
            Some(Prove::Dubious) => {
                if self.dubious(at.line, sink).is_break() {
                    return Flow::Break;
                }
            }
            None => self.foreign(at),
        }
        sink.text(at.raw)
    }

    /// The script that is open ended badly, says `line`; a failure of its own if nothing in it failed.
    fn dubious(&mut self, line: &[u8], sink: &mut dyn Sink) -> Flow {
        let Some(script) = self.script.take() else { return Flow::Continue };
        if self.push_held(sink).is_break() {
            return Flow::Break;
        }
        self.close_to(1, false, sink);
        if self.close_group(false, sink).is_some_and(|closed| closed.parts.red) {
            return Flow::Continue;
        }
        Outcome::failure(&script, &String::from_utf8_lossy(line)).push(sink)
    }

    /// Whether it is `prove`'s verdict on the script whose points have all come.
    pub(super) fn is_verdict(&self, at: At<'_>) -> bool {
        self.script.is_some()
            && prove::is_verdict(at.body)
            && self.groups.first().is_some_and(Group::is_complete)
    }
}
