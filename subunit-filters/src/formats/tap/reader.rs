//! Puts lines together to groups, points and what belongs to them.
//!
//! Note to the next hacker. `groups` is the document and the subtests that are open in it, outermost
//! first, by indent. `held` is the last point: it is pushed when something comes that cannot belong to
//! it. A subtest's point comes behind it (or in front, with a `{`), so a group is closed by a line of
//! lesser indent that is TAP; lines that are not never close anything. Two documents in a row look much
//! like one whose test prints TAP; `Group::restart` and `Reader::restarts` decide, and rather call a
//! green run red than the reverse.

use subunit_core::{
    Status,
    sink::{Flow, Sink},
};

use super::{
    dress::Dress,
    group::{Group, Range, Restart, join},
    held::{Held, Parts},
    line::{Line, Plan, indent, unindent},
    point::{Point, skip_reason, unescape},
    prove::{self, Prove},
};
use crate::formats::{clock::SyntheticClock, emit::Outcome};

/// Subtests deeper than this are text.
const DEEPEST: usize = 64;

/// So much of comments above a point is kept for it.
const MOST_COMMENTS: usize = 64 * 1024;

const CONTINUE: Flow = Flow::Continue(());

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    clock: Option<SyntheticClock>,
    groups: Vec<Group>,
    held: Option<Held>,
    yaml: Option<Yaml>,
    /// KTAP's comments stand above their point.
    comments: Vec<u8>,
    /// The script whose TAP it is, named by `prove`.
    script: Option<String>,
    bailed: bool,
    dress: Dress,
    /// The last piece had no line end: what comes now is the same line.
    within_line: bool,
    /// The line is the last one and has no end.
    unended: bool,
    /// Why the input cannot be whole.
    cut: Option<&'static str>,
}

/// A YAML block that is being read.
#[derive(Clone, Copy, Debug)]
struct Yaml {
    indent: usize,
    /// Whether it belongs to the held point; else it is text.
    attached: bool,
}

/// A line and what is known of it.
#[derive(Clone, Copy)]
struct At<'a> {
    raw: &'a [u8],
    columns: usize,
}

/// Where a line of TAP belongs.
#[derive(Clone, Copy)]
enum Level {
    /// To the group of this index.
    Group(usize),
    /// To a new group within the last one that is indented less.
    Child,
    /// To a new document.
    Document,
}

/// A subtest that its point closes.
struct Closed {
    id: String,
    named: bool,
    empty: bool,
    parts: Parts,
}

impl Reader {
    pub(super) fn new(clock: Option<SyntheticClock>) -> Self {
        Self {
            clock,
            groups: Vec::new(),
            held: None,
            yaml: None,
            comments: Vec::new(),
            script: None,
            bailed: false,
            dress: Dress::default(),
            within_line: false,
            unended: false,
            cut: None,
        }
    }

    /// Takes a line, its end included, or a piece of one that is too long.
    pub(super) fn line(&mut self, raw: &[u8], sink: &mut dyn Sink) -> Flow {
        let continues = std::mem::replace(&mut self.within_line, !raw.ends_with(b"\n"));
        if continues {
            return self.rest_of_line(raw, sink);
        }
        let line = raw.strip_suffix(b"\n").unwrap_or(raw);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut dress = std::mem::take(&mut self.dress);
        let (line, hidden) = dress.take_off(line);
        self.dress = dress;
        let (columns, body) = indent(line);
        let at = At { raw, columns: columns + hidden };
        if let Some(yaml) = self.yaml {
            if at.columns == yaml.indent && body.trim_ascii_end() == b"..." {
                self.yaml = None;
                return if yaml.attached { CONTINUE } else { sink.text(raw) };
            }
            if !self.ends_yaml(at, body) {
                let content = unindent(line, yaml.indent.saturating_sub(hidden));
                return self.yaml_line(yaml, raw, content, sink);
            }
            self.yaml = None;
        }
        let ktap = self.groups.last().is_some_and(|group| group.ktap);
        let line = Line::new(body, ktap);
        if self.unended && matches!(line, Line::Point(_) | Line::Plan(_)) {
            self.cut = Some("the input ends without the end of its last line, which may be cut");
        }
        self.tap(at, body, line, sink)
    }

    /// Takes the last line, which has no end and so may be cut.
    pub(super) fn last_line(&mut self, raw: &[u8], sink: &mut dyn Sink) -> Flow {
        self.unended = true;
        self.line(raw, sink)
    }

    /// The input has fallen silent.
    pub(super) fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        if self.yaml.is_some() || self.held.as_ref().is_some_and(|held| held.block) {
            return CONTINUE;
        }
        self.push_held(sink)
    }

    /// The input has ended.
    pub(super) fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        if self.yaml.take().is_some() {
            self.cut = Some("the input ends within a YAML block");
        }
        self.close_document(sink)
    }

    fn rest_of_line(&mut self, raw: &[u8], sink: &mut dyn Sink) -> Flow {
        match (self.yaml, self.held.as_mut()) {
            (Some(Yaml { attached: true, .. }), Some(held)) => held.yaml_line(raw, sink),
            _ => sink.text(raw),
        }
    }

    fn yaml_line(&mut self, yaml: Yaml, raw: &[u8], content: &[u8], sink: &mut dyn Sink) -> Flow {
        match self.held.as_mut().filter(|_| yaml.attached) {
            Some(held) => {
                let mut bytes = content.to_vec();
                bytes.extend_from_slice(if raw.ends_with(b"\n") { b"\n" } else { b"" });
                held.yaml_line(&bytes, sink)
            }
            None => sink.text(raw),
        }
    }

    /// Whether a line within a YAML block is not of it but a real result, the end of the block having
    /// been lost. Some blocks run on with less indent, so only what was to come next is taken for real.
    fn ends_yaml(&self, at: At<'_>, body: &[u8]) -> bool {
        let attached = self.yaml.is_some_and(|yaml| yaml.attached);
        let Some(group) = self.groups.iter().rfind(|group| group.indent == at.columns) else {
            return false;
        };
        if self.yaml.is_some_and(|yaml| at.columns >= yaml.indent) {
            return false;
        }
        match Line::new(body, group.ktap) {
            Line::Point(point) => !attached || point.number == Some(group.numbers.next()),
            Line::Plan(plan) => {
                !attached || group.plan.is_none() && plan.last < group.numbers.next()
            }
            Line::Version { .. } | Line::BailOut(_) => true,
            _ => false,
        }
    }

    fn tap(&mut self, at: At<'_>, body: &[u8], line: Line<'_>, sink: &mut dyn Sink) -> Flow {
        self.resolve_block(at, &line);
        let fresh = self.held.as_mut().is_some_and(|held| {
            let fresh = held.fresh;
            held.fresh &= matches!(line, Line::Blank | Line::Comment(_));
            fresh
        });
        match line {
            Line::Yaml => self.begin_yaml(at, fresh, sink),
            Line::Comment(comment) => self.comment(at, comment, sink),
            Line::Subtest(name) => self.subtest(at, name, sink),
            Line::Open => self.open(at, sink),
            Line::Close => self.close(at, sink),
            Line::Version { ktap } => self.version(at, ktap, sink),
            Line::Plan(plan) => self.plan(at, plan, sink),
            Line::Point(point) => self.point(at, body, point, sink),
            Line::BailOut(reason) => self.bail_out(at, reason, sink),
            Line::Blank => sink.text(at.raw),
            Line::Other => self.other(at, sink),
        }
    }

    /// Where a line belongs; `None` where its indent is none that TAP could have here.
    fn level(&self, at: At<'_>) -> Option<Level> {
        let Some(last) = self.groups.last() else {
            return (at.columns == 0).then_some(Level::Document);
        };
        if let Some(index) = self.groups.iter().rposition(|group| group.indent == at.columns) {
            return Some(Level::Group(index));
        }
        if self.held.as_ref().is_some_and(|held| held.loose) {
            return None;
        }
        let deeper = if last.ktap || self.dress.nested {
            at.columns > 0
        } else {
            at.columns == last.indent + 4
        };
        (deeper && self.groups.len() < DEEPEST).then_some(Level::Child)
    }

    /// Goes to the group that a line belongs to, closing and opening others; its index.
    fn enter(&mut self, at: At<'_>, level: Level, sink: &mut dyn Sink) -> Result<usize, ()> {
        // A request to stop is obeyed at the next line: what is half open would be wrong to report.
        let _ = self.push_held(sink);
        match level {
            Level::Document => self.open_document(),
            Level::Group(index) => {
                let _ = self.close_to(index + 1, false, sink);
            }
            Level::Child => {
                let keep = self.groups.iter().take_while(|group| group.indent < at.columns).count();
                let _ = self.close_to(keep, false, sink);
                self.open_child(at.columns, None);
            }
        }
        self.groups.len().checked_sub(1).ok_or(())
    }

    fn open_document(&mut self) {
        let id = self.script.clone().unwrap_or_default();
        self.bailed = false;
        let start = self.clock.unwrap_or_default().now();
        self.groups.push(Group::new(0, id, start));
    }

    /// Opens a group within the last one, by the name that was announced, or `name`, or our own.
    fn open_child(&mut self, indent: usize, name: Option<String>) {
        let start = self.clock.unwrap_or_default().now();
        let Some(parent) = self.groups.last_mut() else { return };
        let known = parent.pending.take().or(name);
        let named = known.is_some();
        let name = known.unwrap_or_else(|| format!("subtest {}", parent.numbers.next()));
        let mut child = Group::new(indent, parent.inner_group(&name), start);
        child.named = named;
        child.ktap = parent.ktap || self.dress.nested;
        self.groups.push(child);
    }

    /// Closes groups until there are `length`. `by_point`: whether the point of the last one follows,
    /// which says enough where it had no plan. Gives what is known of that last one.
    fn close_to(&mut self, length: usize, by_point: bool, sink: &mut dyn Sink) -> Option<Closed> {
        let mut closed = None;
        while self.groups.len() > length {
            let lenient = by_point && self.groups.len() == length + 1;
            closed = self.close_group(lenient, sink);
        }
        closed
    }

    fn close_group(&mut self, lenient: bool, sink: &mut dyn Sink) -> Option<Closed> {
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
        let complaint = group.complaint(lenient).or_else(|| cut.map(str::to_owned));
        if let Some(complaint) = complaint.filter(|_| !self.bailed) {
            group.red = true;
            let _ = Outcome::failure(&group.inner("plan"), &complaint).push(sink);
        }
        if let Some(reason) = group.skip.take().filter(|_| self.groups.is_empty()) {
            let id = group.inner("plan");
            let reason = Some(reason.as_bytes());
            let skip = Outcome { reason, runnable: false, ..Outcome::new(&id, Status::Skip) };
            let _ = skip.push(sink);
        }
        self.flush_comments(sink);
        let parts = Parts { red: group.red, start: group.start };
        if let Some(parent) = self.groups.last_mut() {
            parent.red |= group.red;
        }
        if let Some(mut point) = group.point {
            point.group = (!group.numbers.is(1, 0)).then_some(parts);
            self.held = Some(*point);
            let _ = self.push_held(sink);
        }
        let empty = group.numbers.is(1, 0);
        Some(Closed { id: group.id, named: group.named, empty, parts })
    }

    fn close_document(&mut self, sink: &mut dyn Sink) -> Flow {
        let flow = self.push_held(sink);
        self.close_to(0, false, sink);
        self.flush_comments(sink);
        flow
    }

    fn push_held(&mut self, sink: &mut dyn Sink) -> Flow {
        match self.held.take() {
            Some(held) => held.push(self.clock.as_mut(), sink),
            None => CONTINUE,
        }
    }

    fn flush_comments(&mut self, sink: &mut dyn Sink) {
        if !self.comments.is_empty() {
            let comments = std::mem::take(&mut self.comments);
            let _ = sink.text(&comments);
        }
    }

    fn begin_yaml(&mut self, at: At<'_>, fresh: bool, sink: &mut dyn Sink) -> Flow {
        let attached = fresh && self.held.as_ref().is_some_and(|held| at.columns > held.indent);
        if !attached && (at.columns == 0 || self.groups.is_empty()) {
            return sink.text(at.raw);
        }
        self.yaml = Some(Yaml { indent: at.columns, attached });
        if attached { CONTINUE } else { sink.text(at.raw) }
    }

    fn comment(&mut self, at: At<'_>, comment: &[u8], sink: &mut dyn Sink) -> Flow {
        let comment = comment.strip_prefix(b" ").unwrap_or(comment);
        if let [document] = self.groups.as_mut_slice()
            && at.columns == 0
        {
            let announced = comment.strip_prefix(b"selftests: ").is_some();
            document.ktap |= announced || comment.starts_with(b"timeout set to ");
            if announced {
                document.pending = Some(unescape(comment));
                self.dress.armed = true;
                return sink.text(at.raw);
            }
        }
        if self.groups.last().is_some_and(|group| group.ktap) {
            let totals = memchr::memmem::find(comment, b" pass:").is_some()
                || comment.starts_with(b"Totals:");
            return if totals { sink.text(at.raw) } else { self.keep_comment(at, comment, sink) };
        }
        match self.held.as_mut().filter(|held| held.takes_comments() && !is_total(comment)) {
            Some(held) => held.comment_line(comment, sink),
            None => sink.text(at.raw),
        }
    }

    /// Keeps a comment for the point below it.
    fn keep_comment(&mut self, at: At<'_>, comment: &[u8], sink: &mut dyn Sink) -> Flow {
        if self.comments.len() + comment.len() >= MOST_COMMENTS {
            return sink.text(at.raw);
        }
        self.comments.extend_from_slice(comment);
        self.comments.push(b'\n');
        CONTINUE
    }

    fn subtest(&mut self, at: At<'_>, name: &[u8], sink: &mut dyn Sink) -> Flow {
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

    /// A point's line that ends in `{` has been held; tells by the next line whether children follow.
    fn resolve_block(&mut self, at: At<'_>, line: &Line<'_>) {
        let Some(held) = self.held.as_mut().filter(|held| held.block) else { return };
        match line {
            Line::Blank | Line::Comment(_) => {}
            Line::Yaml if at.columns < held.indent + 4 => {}
            Line::Close if at.columns == held.indent => self.open_block(),
            _ if at.columns >= held.indent + 4 => self.open_block(),
            _ => {
                held.block = false;
                if let Some(id) = held.braced_id.take() {
                    held.id = id;
                }
            }
        }
    }

    fn open_block(&mut self) {
        let Some(mut held) = self.held.take() else { return };
        held.block = false;
        let start = self.clock.unwrap_or_default().now();
        let mut group = Group::new(held.indent + 4, held.id.clone(), start);
        group.ktap = self.groups.last().is_some_and(|parent| parent.ktap);
        group.timed = held.duration.is_some();
        group.point = Some(Box::new(held));
        self.groups.push(group);
    }

    fn open(&mut self, at: At<'_>, sink: &mut dyn Sink) -> Flow {
        if self.held.as_ref().is_none_or(|held| held.indent != at.columns)
            || self.groups.len() >= DEEPEST
        {
            return self.other(at, sink);
        }
        self.open_block();
        CONTINUE
    }

    fn close(&mut self, at: At<'_>, sink: &mut dyn Sink) -> Flow {
        let opened =
            |group: &Group| group.point.as_ref().is_some_and(|point| point.indent == at.columns);
        let Some(index) = self.groups.iter().rposition(opened) else {
            return self.other(at, sink);
        };
        let flow = self.push_held(sink);
        self.close_to(index, true, sink);
        flow
    }

    fn version(&mut self, at: At<'_>, ktap: bool, sink: &mut dyn Sink) -> Flow {
        let Some(level) = self.level(at) else { return self.loose(at, sink) };
        if let Level::Group(index) = level
            && let Some(group) = self.groups.get_mut(index)
        {
            let blank = group.is_empty() && group.plan.is_none() && !group.versioned;
            if !blank && group.is_complete() && index == 0 {
                let _ = self.close_document(sink);
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
        }
        CONTINUE
    }

    fn plan(&mut self, at: At<'_>, plan: Plan<'_>, sink: &mut dyn Sink) -> Flow {
        let Some(level) = self.level(at) else { return self.loose(at, sink) };
        let range = Range { first: plan.first, last: plan.last };
        if let Level::Group(index) = level
            && let Some(group) = self.groups.get_mut(index)
        {
            if let Some(restart) = group.restart.as_mut().filter(|restart| restart.plan.is_none()) {
                restart.plan = Some(range);
                return sink.text(at.raw);
            }
            if index == 0 && group.is_complete() {
                let _ = self.close_document(sink);
                self.open_document();
            } else if group.plan.is_some() || index == 0 && group.is_no_end(range) {
                group.restart = Some(Restart { ktap: group.ktap, plan: Some(range) });
                return sink.text(at.raw);
            }
        }
        let level = self.level(at).unwrap_or(level);
        let Ok(index) = self.enter(at, level, sink) else { return CONTINUE };
        if let Some(group) = self.groups.get_mut(index) {
            group.plan = Some(range);
            group.skip = plan
                .comment
                .filter(|_| range.last < range.first)
                .map(|comment| unescape(skip_reason(comment).unwrap_or(comment)));
        }
        CONTINUE
    }

    fn point(&mut self, at: At<'_>, body: &[u8], point: Point<'_>, sink: &mut dyn Sink) -> Flow {
        let Some(level) = self.level(at) else { return self.loose(at, sink) };
        let level = match level {
            Level::Group(0) if self.is_proves(body) => {
                let flow = self.close_document(sink);
                sink.text(at.raw)?;
                return flow;
            }
            Level::Group(0) if self.restarts(&point) => {
                self.restart(sink)?;
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
        self.hold(at, point, closed, sink)?;
        flow
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
        let mut held = Held::new(id, point.status(), at.columns);
        held.duplicate = !group.numbers.insert(number);
        held.reason = point.reason();
        // Where points say how long they took, one that does not and is still to do has not run.
        if held.status == Status::UnexpectedSuccess && timed && point.duration.is_none() {
            held.status = Status::Skip;
            held.reason = format!("TODO {}", held.reason).trim_end().to_owned();
        }
        held.duration = point.duration;
        held.group = sum.map(|sum| sum.parts);
        held.block = point.block && sum.is_none();
        held.braced_id = point.name(true).filter(|_| held.block).map(|name| group.inner(&name));
        group.red |= held.status.is_failure();
        let flow = held.comments(&comments, sink);
        self.held = Some(held);
        flow
    }

    /// Whether it is `prove`'s verdict on the script whose points have all come.
    fn is_proves(&self, body: &[u8]) -> bool {
        self.script.is_some()
            && prove::is_verdict(body)
            && self.groups.first().is_some_and(Group::is_complete)
    }

    /// Whether a point of the document begins another one.
    fn restarts(&self, point: &Point<'_>) -> bool {
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

    fn restart(&mut self, sink: &mut dyn Sink) -> Flow {
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

    fn bail_out(&mut self, at: At<'_>, reason: &[u8], sink: &mut dyn Sink) -> Flow {
        if self.level(at).is_none() || self.bailed && !self.groups.is_empty() {
            return sink.text(at.raw);
        }
        self.push_held(sink)?;
        self.bailed = true;
        let document = self.groups.first_mut();
        let id = match document {
            Some(document) => {
                document.red = true;
                document.inner("bail-out")
            }
            None => join(self.script.as_deref().unwrap_or_default(), "bail-out"),
        };
        let reason = unescape(reason);
        let reason = if reason.is_empty() { "Bail out!" } else { &*reason };
        Outcome::failure(&id, reason).push(sink)
    }

    /// Takes a line that is not TAP: a comment where it stands indented below a point that takes
    /// comments, and else text.
    fn loose(&mut self, at: At<'_>, sink: &mut dyn Sink) -> Flow {
        let ktap = self.groups.last().is_some_and(|group| group.ktap);
        match self.held.as_mut().filter(|held| held.takes_comments() && !ktap) {
            Some(held) if at.columns > held.indent && at.raw.ends_with(b"\n") => {
                held.loose = true;
                held.comment_line(at.raw.trim_ascii_end(), sink)
            }
            _ => sink.text(at.raw),
        }
    }

    fn other(&mut self, at: At<'_>, sink: &mut dyn Sink) -> Flow {
        if at.columns > 0 {
            return self.loose(at, sink);
        }
        let line = at.raw.strip_suffix(b"\n").unwrap_or(at.raw);
        match Prove::new(line) {
            Some(Prove::Script(name)) => {
                self.close_document(sink)?;
                self.script = Some(unescape(name));
            }
            Some(Prove::Skipped(name, reason)) => {
                self.close_document(sink)?;
                let id = unescape(name);
                let reason = Some(reason);
                let skip = Outcome { reason, runnable: false, ..Outcome::new(&id, Status::Skip) };
                skip.push(sink)?;
            }
            Some(Prove::Dubious) if let Some(script) = self.script.take() => {
                self.push_held(sink)?;
                self.close_to(1, false, sink);
                let red = self.close_group(false, sink).is_some_and(|closed| closed.parts.red);
                if !red {
                    let reason = String::from_utf8_lossy(line);
                    Outcome::failure(&script, &reason).push(sink)?;
                }
            }
            _ => {}
        }
        sink.text(at.raw)
    }
}

/// `pass 12`, as many runners say at the end.
fn is_total(comment: &[u8]) -> bool {
    const WORDS: [&[u8]; 9] = [
        b"tests",
        b"suites",
        b"pass",
        b"fail",
        b"cancelled",
        b"skip",
        b"skipped",
        b"todo",
        b"duration_ms",
    ];
    let mut words = comment.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let (word, number) = (words.next(), words.next());
    let is_number =
        |number: &[u8]| number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    word.is_some_and(|word| WORDS.contains(&word))
        && number.is_some_and(is_number)
        && words.next().is_none()
}
