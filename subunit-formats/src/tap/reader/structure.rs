//! Lines that say which points belong together: versions, plans, names of subtests, braces.

use subunit_core::sink::{Flow, Sink};

use super::{
    At, CONTINUE, Reader,
    group::{Group, Restart},
    tree::{DEEPEST, Level},
};
use crate::tap::{
    line::Plan,
    point::{skip_reason, unescape},
    words::number,
};

impl Reader {
    pub(super) fn subtest(&mut self, at: At<'_>, name: &[u8], sink: &mut dyn Sink) -> Flow {
        let name = Some(unescape(name)).filter(|name| !name.is_empty());
        if self.groups.is_empty() && at.columns == 4 {
            self.open_document();
        }
        let Some(level) = self.level(at) else { return self.loose(at, sink) };
        let announced = matches!(level, Level::Child)
            && self.groups.last().is_some_and(|group| group.pending.is_some());
        let Ok(index) = self.enter(at, level, sink) else { return CONTINUE };
        let Some((within, parents)) = self.groups.split_last_mut() else { return CONTINUE };
        // KTAP, and TAP before 14, name a subtest on its own first line.
        let first = !within.named || matches!(level, Level::Child) && !announced;
        if let (true, Some(parent), Some(name), true) =
            (first && index > 0, parents.last(), &name, within.is_empty())
        {
            within.id = parent.inner_group(name);
            within.named = true;
        } else {
            within.pending = name;
        }
        CONTINUE
    }

    pub(super) fn open(&mut self, at: At<'_>, sink: &mut dyn Sink) -> Flow {
        if self.pending.as_ref().is_none_or(|pending| pending.indent != at.columns)
            || self.groups.len() >= DEEPEST
        {
            return self.other(at, sink);
        }
        self.open_block();
        CONTINUE
    }

    pub(super) fn close(&mut self, at: At<'_>, sink: &mut dyn Sink) -> Flow {
        let opened =
            |group: &Group| group.point.as_ref().is_some_and(|point| point.indent == at.columns);
        let Some(index) = self.groups.iter().rposition(opened) else {
            return self.other(at, sink);
        };
        let flow = self.push_held(sink);
        self.close_to(index, true, sink);
        flow
    }

    pub(super) fn version(&mut self, at: At<'_>, ktap: bool, sink: &mut dyn Sink) -> Flow {
        let Some(level) = self.level(at) else { return self.loose(at, sink) };
        if let Level::Group(index) = level
            && let Some(group) = self.groups.get_mut(index)
        {
            let blank = group.is_empty() && group.plan.is_none() && !group.versioned;
            if !blank && group.is_complete() && index == 0 {
                self.close_document(sink);
                self.open_document();
            } else if !blank {
                group.restart = Some(Restart { ktap, plan: None });
                return sink.text(at.raw);
            }
        }
        let level = self.level(at).unwrap_or(level);
        let Ok(index) = self.enter(at, level, sink) else { return CONTINUE };
        if let Some(group) = self.groups.get_mut(index) {
            group.versioned = true;
            group.ktap |= ktap;
            group.planless = ktap && index == 0;
        }
        CONTINUE
    }

    /// Takes a word on whether nothing but TAP may follow.
    pub(super) fn strict(&mut self, at: At<'_>, strict: bool, sink: &mut dyn Sink) -> Flow {
        let Some(level) = self.level(at) else { return self.loose(at, sink) };
        let Ok(index) = self.enter(at, level, sink) else { return CONTINUE };
        if let Some(group) = self.groups.get_mut(index) {
            group.strict = strict;
        }
        sink.text(at.raw)
    }

    pub(super) fn plan(&mut self, at: At<'_>, plan: Plan<'_>, sink: &mut dyn Sink) -> Flow {
        let Some(level) = self.level(at) else { return self.loose(at, sink) };
        if let Level::Group(index) = level
            && let Some(group) = self.groups.get_mut(index)
        {
            if let Some(restart) = group.restart.as_mut().filter(|restart| restart.plan.is_none()) {
                restart.plan = Some(plan.last);
                return sink.text(at.raw);
            }
            if index == 0 && group.is_complete() {
                self.close_document(sink);
                self.open_document();
            } else if group.plan.is_some() || index == 0 && group.is_no_end(plan.last) {
                group.restart = Some(Restart { ktap: group.ktap, plan: Some(plan.last) });
                return sink.text(at.raw);
            }
        }
        let level = self.level(at).unwrap_or(level);
        let Ok(index) = self.enter(at, level, sink) else { return CONTINUE };
        if let Some(group) = self.groups.get_mut(index) {
            group.plan = Some(plan.last);
            let numbers = plan.todo.split(u8::is_ascii_whitespace);
            for (number, _) in numbers.filter_map(number) {
                group.todo.insert(number);
            }
            group.skip = plan
                .comment
                .filter(|_| plan.last == 0)
                .map(|comment| unescape(skip_reason(comment).unwrap_or(comment)));
        }
        CONTINUE
    }
}
