//! Puts lines together to groups, points and what belongs to them.
//!
//! Note for whoever changes this. `groups` is the document and the subtests that are open in it, outermost
//! first, by indent. `pending` is the last point: it is pushed when something comes that cannot belong to
//! it. A subtest's point comes after it (or in front, with a `{`), so a group is closed by a line of
//! lesser indent that is TAP; lines that are not never close anything. Two documents in a row look much
//! like one whose test prints TAP; `Group::restart` and `Reader::restarts` decide, and rather call a
//! green run red than the reverse.

mod comments;
mod diagnostics;
mod group;
mod line_prefix;
mod numbers;
mod pending_point;
mod points;
mod scripts;
mod structure;
mod tree;
mod yaml;
mod yaml_block;

use group::Group;
use line_prefix::LinePrefix;
pub(super) use line_prefix::is_kernel_version;
use pending_point::PendingPoint;
use subunit_core::sink::{Flow, Sink};
use yaml_block::Yaml;

use super::line::{Line, indent};
use crate::events::clock::SyntheticClock;

const CONTINUE: Flow = Flow::Continue;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    clock: Option<SyntheticClock>,
    groups: Vec<Group>,
    pending: Option<PendingPoint>,
    yaml: Option<Yaml>,
    /// KTAP's comments stand above their point.
    comments: Vec<u8>,
    /// The script whose TAP it is, named by `prove`.
    script: Option<String>,
    bailed: bool,
    prefix: LinePrefix,
    /// The last piece had no line end: what comes now is the same line.
    within_line: bool,
    /// The line is the last one and has no end.
    unended: bool,
    /// Why the input cannot be whole.
    cut: Option<&'static str>,
}

/// A line and what is known of it.
#[derive(Clone, Copy)]
struct At<'a> {
    raw: &'a [u8],
    /// Without what stands in front, and without its end.
    line: &'a [u8],
    /// Without its indent, too.
    body: &'a [u8],
    /// How far it is indented.
    columns: usize,
    /// How many of these columns stood in front.
    hidden: usize,
}

impl<'a> At<'a> {
    fn new(raw: &'a [u8], prefix: &mut LinePrefix, fresh: bool) -> Self {
        let line = raw.strip_suffix(b"\n").unwrap_or(raw);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (line, hidden) = prefix.take_off(line, fresh);
        let (columns, body) = indent(line);
        Self { raw, line, body, columns: columns + hidden, hidden }
    }
}

impl Reader {
    pub(super) fn new(clock: Option<SyntheticClock>) -> Self {
        Self {
            clock,
            groups: Vec::new(),
            pending: None,
            yaml: None,
            comments: Vec::new(),
            script: None,
            bailed: false,
            prefix: LinePrefix::default(),
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
        let at = At::new(raw, &mut self.prefix, self.groups.is_empty());
        if let Some(flow) = self.in_yaml(at, sink) {
            return flow;
        }
        let ktap = self.groups.last().is_some_and(|group| group.ktap);
        let line = Line::new(at.body, ktap);
        let may_be_cut = match line {
            // Whatever is missing of it, it cannot become `not ok`.
            Line::Point(point) => !point.ok || point.block,
            Line::Plan(_) => true,
            _ => false,
        };
        if self.unended && may_be_cut {
            self.cut = Some("the input ends without the end of its last line, which may be cut");
        }
        self.tap(at, line, sink)
    }

    /// Takes the last line, which has no end and so may be cut.
    pub(super) fn last_line(&mut self, raw: &[u8], sink: &mut dyn Sink) -> Flow {
        self.unended = true;
        self.line(raw, sink)
    }

    /// The input has fallen silent.
    pub(super) fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        if self.yaml.is_some() || self.pending.as_ref().is_some_and(|pending| pending.block) {
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

    fn tap(&mut self, at: At<'_>, line: Line<'_>, sink: &mut dyn Sink) -> Flow {
        self.resolve_block(at, &line);
        let fresh = self.pending.as_mut().is_some_and(|pending| {
            let fresh = pending.fresh;
            pending.fresh &= matches!(line, Line::Blank | Line::Comment(_));
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
            Line::Strict(strict) => self.strict(at, strict, sink),
            Line::Point(point) => self.point(at, point, sink),
            Line::BailOut(reason) => self.bail_out(at, reason, sink),
            Line::Blank => sink.text(at.raw),
            Line::Other => self.other(at, sink),
        }
    }
}
