//! YAML blocks: what they are attached to, and where they end.

use subunit_core::sink::{Flow, Sink};

use super::{At, CONTINUE, Reader, yaml_block::Yaml};
use crate::tap::line::{Line, unindent};

impl Reader {
    pub(super) fn begin_yaml(&mut self, at: At<'_>, fresh: bool, sink: &mut dyn Sink) -> Flow {
        let attached =
            fresh && self.pending.as_ref().is_some_and(|pending| at.columns > pending.indent);
        if !attached && (at.columns == 0 || self.groups.is_empty()) {
            return sink.text(at.raw);
        }
        self.yaml = Some(Yaml { indent: at.columns, attached });
        match &mut self.pending {
            Some(pending) if attached && pending.blocks > 0 => pending.yaml_line(b"---\n", sink),
            _ if attached => CONTINUE,
            _ => sink.text(at.raw),
        }
    }

    /// Takes a line within a block; `None` where no block is open, or the line is none of it.
    pub(super) fn in_yaml(&mut self, at: At<'_>, sink: &mut dyn Sink) -> Option<Flow> {
        let yaml = self.yaml?;
        if at.columns == yaml.indent && at.body.trim_ascii_end() == b"..." {
            return Some(self.end_yaml(yaml, at, sink));
        }
        if self.ends_yaml(yaml, at) {
            self.yaml = None;
            return None;
        }
        Some(self.yaml_line(yaml, at, sink))
    }

    fn end_yaml(&mut self, yaml: Yaml, at: At<'_>, sink: &mut dyn Sink) -> Flow {
        self.yaml = None;
        if !yaml.attached {
            return sink.text(at.raw);
        }
        // QUnit writes a block for each assertion that failed.
        if let Some(pending) = &mut self.pending {
            pending.fresh = true;
            pending.blocks += 1;
        }
        CONTINUE
    }

    /// Whether a line within a YAML block is not of it but a real result, the end of the block having
    /// been lost. Some blocks run on with less indent, so only what was to come next is taken for real.
    fn ends_yaml(&self, yaml: Yaml, at: At<'_>) -> bool {
        if at.columns >= yaml.indent {
            return false;
        }
        let Some(group) = self.groups.iter().rfind(|group| group.indent == at.columns) else {
            return false;
        };
        match Line::new(at.body, group.ktap) {
            Line::Point(point) => !yaml.attached || point.number == Some(group.numbers.next()),
            Line::Plan(plan) => {
                !yaml.attached || group.plan.is_none() && plan.last < group.numbers.next()
            }
            Line::Version { .. } | Line::BailOut(_) => true,
            _ => false,
        }
    }

    fn yaml_line(&mut self, yaml: Yaml, at: At<'_>, sink: &mut dyn Sink) -> Flow {
        match self.pending.as_mut().filter(|_| yaml.attached) {
            Some(pending) => {
                let mut bytes = unindent(at.line, yaml.indent.saturating_sub(at.hidden)).to_vec();
                bytes.extend_from_slice(if at.raw.ends_with(b"\n") { b"\n" } else { b"" });
                pending.yaml_line(&bytes, sink)
            }
            None => sink.text(at.raw),
        }
    }

    /// Takes what follows of a line that came in pieces.
    pub(super) fn rest_of_line(&mut self, raw: &[u8], sink: &mut dyn Sink) -> Flow {
        match (self.yaml, self.pending.as_mut()) {
            (Some(Yaml { attached: true, .. }), Some(pending)) => pending.yaml_line(raw, sink),
            _ => sink.text(raw),
        }
    }
}
