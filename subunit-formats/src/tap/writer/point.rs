//! How a test point is written: its line, its block, and the comments below it.

use std::fmt::Write as _;

use subunit_core::{
    RouteCodeBuf, Status,
    conventions::{REASON, XPASS},
};

use super::{
    name::{Name, escape},
    test::Test,
    yaml::{Block, quoted},
};

/// The end of a test, as it is told.
pub(super) struct Point<'a>(pub(super) Test<'a>);

impl Point<'_> {
    pub(super) fn write(&self, number: u64, out: &mut String) {
        let Self(test) = self;
        let name = Name::new(&test.record.test_id);
        // For harnesses `ok # TODO` is no failure, so it is none for what the runner calls one.
        let ok = matches!(test.status(), Status::Success | Status::Skip);
        out.push_str(if ok { "ok " } else { "not ok " });
        let _ = write!(out, "{number} - {}", name.text);
        let directive = self.directive();
        if let Some(directive) = directive {
            self.write_directive(directive, out);
        }
        out.push('\n');
        let mut block = Block::default();
        if !name.exact {
            block.plain("subunit_id", quoted(&test.record.test_id));
        }
        if let Some(route_code) = test.record.route_code.as_ref().map(RouteCodeBuf::as_route) {
            block.text(0, "route", route_code.as_str());
        }
        test.describe(directive.is_some(), &mut block);
        block.finish(out);
        test.comments(out);
    }

    fn directive(&self) -> Option<&'static str> {
        match self.0.status() {
            Status::Skip => Some("SKIP"),
            Status::ExpectedFailure => Some("TODO"),
            Status::Success if self.0.record.tags.as_tags().contains(XPASS) => Some("TODO"),
            _ => None,
        }
    }

    fn write_directive(&self, directive: &str, out: &mut String) {
        let reason = escape(&self.0.text(REASON).unwrap_or_default());
        let _ = write!(out, " # {directive} {}", reason.trim());
        out.truncate(out.trim_end().len());
        if out.ends_with('{') {
            // It would open a block of subtests.
            out.push('.');
        }
    }
}
