//! Puts lines together to groups, points and what belongs to them.
//!
//! Note to the next hacker. `groups` is the document and the subtests that are open in it, outermost
//! first, by indent. `held` is the last point: it is pushed when something comes that cannot belong to
//! it. A subtest's point comes behind it (or in front, with a `{`), so a group is closed by a line of
//! lesser indent that is TAP; lines that are not never close anything. Two documents in a row look much
//! like one whose test prints TAP; `Group::restart` and `Reader::restarts` decide, and rather call a
//! green run red than the reverse.

mod tree;

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
                if !yaml.attached {
                    return sink.text(raw);
                }
                // QUnit writes a block for each assertion that failed.
                if let Some(held) = &mut self.held {
                    held.fresh = true;
                    held.blocks += 1;
                }
                return CONTINUE;
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

    fn begin_yaml(&mut self, at: At<'_>, fresh: bool, sink: &mut dyn Sink) -> Flow {
        let attached = fresh && self.held.as_ref().is_some_and(|held| at.columns > held.indent);
        if !attached && (at.columns == 0 || self.groups.is_empty()) {
            return sink.text(at.raw);
        }
        self.yaml = Some(Yaml { indent: at.columns, attached });
        match &mut self.held {
            Some(held) if attached && held.blocks > 0 => held.yaml_line(b"---\n", sink),
            _ if attached => CONTINUE,
            _ => sink.text(at.raw),
        }
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

    fn bail_out(&mut self, at: At<'_>, reason: &[u8], sink: &mut dyn Sink) -> Flow {
        let Some(level) = self.level(at).filter(|_| !self.bailed || self.groups.is_empty()) else {
            return self.loose(at, sink);
        };
        self.push_held(sink)?;
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
            Some(Prove::Dubious) => self.dubious(line, sink)?,
            None => {}
        }
        sink.text(at.raw)
    }

    /// The script that is open ended badly, says `line`; a failure of its own if nothing in it failed.
    fn dubious(&mut self, line: &[u8], sink: &mut dyn Sink) -> Flow {
        let Some(script) = self.script.take() else { return Flow::Continue(()) };
        self.push_held(sink)?;
        self.close_to(1, false, sink);
        if self.close_group(false, sink).is_some_and(|closed| closed.parts.red) {
            return Flow::Continue(());
        }
        Outcome::failure(&script, &String::from_utf8_lossy(line)).push(sink)
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
