//! Which leaf typed lines go to.

use std::io::{self, Write};

use super::{AttachView, Target, prompt::Waits};
use crate::style::{Tone, escaped};

impl AttachView {
    /// A leaf has ended: what was begun for it is for nobody.
    pub(super) fn ended(&mut self, route: &str, out: &mut dyn Write) -> io::Result<()> {
        if self.focus.as_deref() == Some(route) {
            self.chosen = false;
        }
        self.choose();
        if self.target != Some(Target::Leaf(route.to_owned())) {
            return Ok(());
        }
        self.target = Some(Target::Ended(route.to_owned()));
        self.notice(route, Tone::Dim, "it has ended; the line you began is not sent", out)
    }

    /// Where nobody was chosen, the focus goes to the leaf that most looks as if it waited for an answer.
    pub(super) fn choose(&mut self) {
        let is_there = |route: &String| self.leaves.get(route).is_none_or(|leaf| !leaf.ended);
        let current = self.focus.take().filter(is_there);
        if self.chosen && current.is_some() {
            self.focus = current;
            return;
        }
        self.chosen = false;
        let waiting = self.leaves.iter().filter(|(_, leaf)| !leaf.ended);
        let waiting = waiting.filter_map(|(route, leaf)| Some((leaf.unfinished.waits()?, route)));
        let best = waiting.max_by_key(|(waits, _)| *waits);
        let keeps = |current: &String| {
            let Some(((waits, _), _)) = best else { return true };
            let mine = self.leaves.get(current).and_then(|leaf| leaf.unfinished.waits());
            match waits {
                Waits::Surely => false,
                _ if self.partner.as_ref() == Some(current) => true,
                Waits::Perhaps => false,
                Waits::Hardly => mine.is_some(),
            }
        };
        let kept = current.filter(keeps);
        self.focus = kept.or_else(|| best.map(|(_, route)| route.clone()));
    }

    pub(super) fn move_focus(&mut self, route: &str, out: &mut dyn Write) -> io::Result<()> {
        if route.is_empty() {
            let how = if self.chosen { "" } else { "; this follows the prompts" };
            let focus = self.focus.as_deref().unwrap_or("nobody");
            return writeln!(out, "lines go to {}{how}", escaped(self.look, focus));
        }
        match self.leaves.get(route) {
            Some(leaf) if leaf.ended => {
                return writeln!(out, "{} has ended", escaped(self.look, route));
            }
            // One that has not said anything may be there all the same.
            None => writeln!(out, "nothing from {} yet", escaped(self.look, route))?,
            Some(_) => {}
        }
        self.focus = Some(route.to_owned());
        self.chosen = true;
        Ok(())
    }
}
