//! Test points, and the end of them all, `Bail out!`.

use subunit_core::{
    Status,
    sink::{Flow, Sink},
};

use super::{
    At, CONTINUE, Reader,
    group::join,
    pending_point::PendingPoint,
    tree::{Closed, Level},
};
use crate::{
    events::emit::Outcome,
    tap::point::{Point, unescape},
};

impl Reader {
    pub(super) fn point(&mut self, at: At<'_>, point: Point<'_>, sink: &mut dyn Sink) -> Flow {
        let Some(level) = self.level(at) else { return self.loose(at, sink) };
        // What follows in comments is no more the output of the test that was announced.
        self.prefix.armed &= at.columns > 0;
        let level = match level {
            Level::Group(0) if self.is_verdict(at) => {
                let flow = self.close_document(sink);
                return sink.text(at.raw).and_then(|| flow);
            }
            Level::Group(0) if self.restarts(&point) => {
                if self.restart(sink).is_break() {
                    return Flow::Break;
                }
                Level::Group(0)
            }
            level => level,
        };
        let flow = self.push_held(sink);
        let closed = match level {
            Level::Group(index) => {
                // Two below it are closed strictly, its own child leniently.
                self.close_to(index + 1, true, sink)
            }
            _ => {
                self.enter(at, level, sink).ok();
                None
            }
        };
        self.hold(at, point, closed, sink).and_then(|| flow)
    }

    fn hold(
        &mut self,
        at: At<'_>,
        point: Point<'_>,
        closed: Option<Closed>,
        sink: &mut dyn Sink,
    ) -> Flow {
        let comments = std::mem::take(&mut self.comments);
        let timed = self.groups.iter().any(|group| group.timed);
        let Some(group) = self.groups.last_mut() else { return CONTINUE };
        let number = point.number.unwrap_or_else(|| group.numbers.next());
        let pending = group.pending.take();
        let sum = closed.as_ref().filter(|closed| !closed.empty);
        let id = match (sum, point.name(false), pending, &closed) {
            (Some(sum), ..) => sum.id.clone(),
            (_, Some(name), ..) | (_, None, Some(name), _) => group.inner(&name),
            (.., Some(closed)) if closed.named => closed.id.clone(),
            _ => group.inner(&format!("test {number}")),
        };
        group.timed |= point.duration.is_some();
        let mut pending = PendingPoint::new(id, point.status(), at.columns);
        pending.duplicate = !group.numbers.insert(number);
        group.points += 1;
        pending.reason = point.reason();
        pending.xpass = point.is_xpass();
        if point.directive.is_none() && group.todo.contains(number) {
            pending.xpass = point.ok;
            pending.status = if point.ok { pending.status } else { Status::ExpectedFailure };
        }
        // Where points say how long they took, one that does not and is still to do has not run.
        if pending.xpass && timed && point.duration.is_none() {
            pending.xpass = false;
            pending.status = Status::Skip;
            pending.reason = format!("TODO {}", pending.reason).trim_end().to_owned();
        }
        pending.duration = point.duration;
        pending.group = sum.map(|sum| sum.parts);
        pending.block = point.block && sum.is_none();
        pending.braced_id =
            point.name(true).filter(|_| pending.block).map(|name| group.inner(&name));
        group.red |= pending.status.is_failure();
        let flow = pending.comments(&comments, sink);
        self.pending = Some(pending);
        flow
    }

    pub(super) fn bail_out(&mut self, at: At<'_>, reason: &[u8], sink: &mut dyn Sink) -> Flow {
        let Some(level) = self.level(at).filter(|_| !self.bailed || self.groups.is_empty()) else {
            return self.loose(at, sink);
        };
        if self.push_held(sink).is_break() {
            return Flow::Break;
        }
        self.bailed = true;
        let group = match level {
            Level::Group(index) => self.groups.get_mut(index),
            _ => self.groups.last_mut(),
        };
        let id = match group {
            Some(group) => {
                group.red = true;
                group.inner("bail-out")
            }
            None => join(self.script.as_deref().unwrap_or_default(), "bail-out"),
        };
        let reason = unescape(reason);
        let reason = if reason.is_empty() { "Bail out!" } else { &*reason };
        Outcome::failure(&id, reason).push(sink)
    }
}
