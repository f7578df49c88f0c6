//! How a test point is written: its line, its block, and the comments below it.

use std::{fmt::Write as _, time::Duration};

use subunit_core::{RouteCode, Status};

use super::{
    name::{Name, escape},
    test::Test,
    yaml::{Block, quoted},
};
use crate::formats::emit::REASON;

/// The end of a test, as it is told.
pub(super) struct Point<'a> {
    pub(super) route_code: Option<RouteCode<'a>>,
    pub(super) test_id: &'a str,
    pub(super) status: Status,
    pub(super) duration: Option<Duration>,
    pub(super) test: &'a Test,
}

impl Point<'_> {
    pub(super) fn write(&self, number: u64, out: &mut String) {
        let name = Name::new(self.test_id);
        let ok = matches!(self.status, Status::Success | Status::Skip | Status::UnexpectedSuccess);
        out.push_str(if ok { "ok " } else { "not ok " });
        let _ = write!(out, "{number} - {}", name.text);
        let directive = self.directive();
        if let Some(directive) = directive {
            self.write_directive(directive, out);
        }
        out.push('\n');
        let mut block = Block::default();
        if !name.exact {
            block.plain("subunit_id", quoted(self.test_id));
        }
        if let Some(route_code) = self.route_code {
            block.text(0, "route", route_code.as_str());
        }
        self.test.describe(self.duration, directive.is_some(), &mut block);
        block.finish(out);
        self.test.comments(out);
    }

    fn directive(&self) -> Option<&'static str> {
        match self.status {
            Status::Skip => Some("SKIP"),
            Status::ExpectedFailure | Status::UnexpectedSuccess => Some("TODO"),
            _ => None,
        }
    }

    fn write_directive(&self, directive: &str, out: &mut String) {
        let reason = escape(&self.test.text(REASON).unwrap_or_default());
        let _ = write!(out, " # {directive} {}", reason.trim());
        out.truncate(out.trim_end().len());
        if out.ends_with('{') {
            // It would open a block of subtests.
            out.push('.');
        }
    }
}
