//! Version 1 of subunit as a format: the core's [`Parser`] reads it.

use subunit_core::{
    sink::{Flow, Sink},
    v1::Parser,
};

use crate::{
    format::{Row, Signs},
    reader::FormatReader,
};

/// Version 1 of subunit.
pub(crate) const ROW: Row = Row {
    name: "subunit-v1",
    title: "version 1 of subunit",
    examples: &[
        r"printf 'test: a\nsuccess: a\n' | subunit from-subunit-v1 | subunit ls",
        r"printf 'test: a\n' | subunit from-subunit-v1 | subunit stats",
    ],
    signs: Signs {
        begins: &[
            "test:",
            "testing:",
            "tags:",
            "time:",
            "success",
            "failure:",
            "error:",
            "skip:",
            "xfail:",
            "uxsuccess:",
        ],
        ..Signs::NONE
    },
    ..Row::new(|| Box::new(Parser::new()))
};

impl FormatReader for Parser {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        Self::feed(self, bytes, sink)
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        Self::finish(self, sink)
    }
}
