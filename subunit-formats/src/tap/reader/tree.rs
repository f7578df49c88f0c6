//! The document and the subtests that are open in it: where a line belongs, what it opens and closes.

use subunit_core::{
    Status,
    sink::{Flow, Sink},
};

use super::{At, CONTINUE, Reader, group::Group, pending_point::Parts};
use crate::{
    events::emit::Outcome,
    tap::{line::Line, point::Point},
};

/// Subtests deeper than this are text.
pub(super) const DEEPEST: usize = 64;

/// Where a line of TAP belongs.
#[derive(Clone, Copy)]
pub(super) enum Level {
    /// To the group of this index.
    Group(usize),
    /// To a new group within the last one that is indented less.
    Child,
    /// To a new document.
    Document,
}

/// A subtest that its point closes.
pub(super) struct Closed {
    pub(super) id: String,
    pub(super) named: bool,
    pub(super) empty: bool,
    pub(super) parts: Parts,
}

impl Reader {
    /// Where a line belongs; `None` where its indent is none that TAP could have here.
    pub(super) fn level(&self, at: At<'_>) -> Option<Level> {
        let Some(last) = self.groups.last() else {
            return (at.columns == 0).then_some(Level::Document);
        };
        if let Some(index) = self.groups.iter().rposition(|group| group.indent == at.columns) {
            return Some(Level::Group(index));
        }
        if self.pending.as_ref().is_some_and(|pending| pending.loose) {
            return None;
        }
        let deeper = if last.ktap || self.prefix.nested {
            at.columns > 0
        } else {
            at.columns == last.indent + 4
        };
        (deeper && self.groups.len() < DEEPEST).then_some(Level::Child)
    }

    /// Goes to the group that a line belongs to, closing and opening others; its index.
    pub(super) fn enter(
        &mut self,
        at: At<'_>,
        level: Level,
        sink: &mut dyn Sink,
    ) -> Result<usize, ()> {
        // A request to stop is obeyed at the next line: what is half open would be wrong to report.
        self.push_held(sink);
        match level {
            Level::Document => self.open_document(),
            Level::Group(index) => {
                self.close_to(index + 1, false, sink);
            }
            Level::Child => {
                let keep = self.groups.iter().take_while(|group| group.indent < at.columns).count();
                self.close_to(keep, false, sink);
                self.open_child(at.columns, None);
            }
        }
        self.groups.len().checked_sub(1).ok_or(())
    }

    pub(super) fn open_document(&mut self) {
        let id = self.script.clone().unwrap_or_default();
        self.bailed = false;
        let start = self.clock.unwrap_or_default().now();
        self.groups.push(Group::new(0, id, start));
    }

    /// Opens a group within the last one, by the name that was announced, or `name`, or our own.
    pub(super) fn open_child(&mut self, indent: usize, name: Option<String>) {
        let start = self.clock.unwrap_or_default().now();
        let Some(parent) = self.groups.last_mut() else { return };
        let known = parent.pending.take().or(name);
        let named = known.is_some();
        let name = known.unwrap_or_else(|| format!("subtest {}", parent.numbers.next()));
        let mut child = Group::new(indent, parent.inner_group(&name), start);
        child.named = named;
        child.ktap = parent.ktap || self.prefix.nested;
        child.strict = parent.strict;
        self.groups.push(child);
    }

    /// Closes groups until there are `length`. `by_point`: whether the point of the last one follows,
    /// which says enough where it had no plan. Gives what is known of that last one.
    pub(super) fn close_to(
        &mut self,
        length: usize,
        by_point: bool,
        sink: &mut dyn Sink,
    ) -> Option<Closed> {
        let mut closed = None;
        while self.groups.len() > length {
            let lenient = by_point && self.groups.len() == length + 1;
            closed = self.close_group(lenient, sink);
        }
        closed
    }

    pub(super) fn close_group(&mut self, lenient: bool, sink: &mut dyn Sink) -> Option<Closed> {
        let mut group = self.groups.pop()?;
        if group.plan.is_none()
            && let Some(restart) = group.restart.take()
        {
            group.plan = restart.plan;
        }
        let cut = match group.point.is_some() && !lenient {
            true => Some("its block has no end"),
            false => self.cut.filter(|_| self.groups.is_empty()),
        };
        if let Some(complaint) = group.foreign_complaint() {
            group.red = true;
            Outcome::failure(&group.inner("pragma strict"), &complaint).push(sink);
        }
        let complaint = group.complaint(lenient).or_else(|| cut.map(str::to_owned));
        if let Some(complaint) = complaint.filter(|_| !self.bailed) {
            group.red = true;
            Outcome::failure(&group.inner("plan"), &complaint).push(sink);
        }
        if let Some(reason) = group.skip.take().filter(|_| self.groups.is_empty()) {
            let id = group.inner("plan");
            let reason = Some(reason.as_bytes()).filter(|reason| !reason.is_empty());
            let skip = Outcome { reason, runnable: false, ..Outcome::new(&id, Status::Skip) };
            skip.push(sink);
        }
        self.flush_comments(sink);
        let parts = Parts { red: group.red, start: group.start };
        if let Some(parent) = self.groups.last_mut() {
            parent.red |= group.red;
        }
        if let Some(mut point) = group.point {
            point.group = (!group.numbers.is(1, 0)).then_some(parts);
            self.pending = Some(*point);
            self.push_held(sink);
        }
        let empty = group.numbers.is(1, 0);
        Some(Closed { id: group.id, named: group.named, empty, parts })
    }

    pub(super) fn close_document(&mut self, sink: &mut dyn Sink) -> Flow {
        let flow = self.push_held(sink);
        self.close_to(0, false, sink);
        self.flush_comments(sink);
        flow
    }

    pub(super) fn push_held(&mut self, sink: &mut dyn Sink) -> Flow {
        match self.pending.take() {
            Some(pending) => pending.push(self.clock.as_mut(), sink),
            None => CONTINUE,
        }
    }

    /// A point's line that ends in `{` is pending; tells by the next line whether children follow.
    pub(super) fn resolve_block(&mut self, at: At<'_>, line: &Line<'_>) {
        let Some(pending) = self.pending.as_mut().filter(|pending| pending.block) else { return };
        match line {
            Line::Blank | Line::Comment(_) => {}
            Line::Yaml if at.columns < pending.indent + 4 => {}
            Line::Close if at.columns == pending.indent => self.open_block(),
            _ if at.columns >= pending.indent + 4 => self.open_block(),
            _ => {
                pending.block = false;
                if let Some(id) = pending.braced_id.take() {
                    pending.id = id;
                }
            }
        }
    }

    pub(super) fn open_block(&mut self) {
        let Some(mut pending) = self.pending.take() else { return };
        pending.block = false;
        let start = self.clock.unwrap_or_default().now();
        let mut group = Group::new(pending.indent + 4, pending.id.clone(), start);
        group.ktap = self.groups.last().is_some_and(|parent| parent.ktap);
        group.strict = self.groups.last().is_some_and(|parent| parent.strict);
        group.timed = pending.duration.is_some();
        group.point = Some(Box::new(pending));
        self.groups.push(group);
    }

    /// Whether a point of the document begins another one.
    pub(super) fn restarts(&self, point: &Point<'_>) -> bool {
        let Some(document) = self.groups.first() else { return false };
        match point.number {
            Some(1) if document.restart.is_some() => true,
            Some(1) => {
                document.numbers.contains(1) && (document.plan.is_none() || document.is_complete())
            }
            Some(_) => false,
            None => document.restart.is_some(),
        }
    }

    pub(super) fn restart(&mut self, sink: &mut dyn Sink) -> Flow {
        let restart = self.groups.first_mut().and_then(|document| document.restart.take());
        let flow = self.close_document(sink);
        self.open_document();
        if let (Some(document), Some(restart)) = (self.groups.first_mut(), restart) {
            document.plan = restart.plan;
            document.ktap = restart.ktap;
            document.versioned = true;
        }
        flow
    }
}
