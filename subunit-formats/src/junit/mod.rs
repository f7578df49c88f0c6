//! JUnit XML, which has no standard: every dialect in, one careful profile out.
//!
//! Ids: a test case is `classname::name`, as python-subunit's `junitxml2subunit` has it. A case
//! without the attribute `classname` is named after its suite, one with an empty `classname` by `name`
//! alone. Other ids survive a writing and reading by the attribute `subunit-id`, which
//! [`JunitWriter`] adds where class name and name do not make the id.

mod escape;
mod options;
mod python;
mod read;
mod values;
mod write;

pub use escape::Ansi;
pub use options::JunitOptions;
pub use python::{PythonJunitReader, PythonJunitWriter};
pub use read::JunitReader;
pub(crate) use read::{Case, Output as SuiteOutput};
pub(crate) use values::seconds;
pub(crate) use write::REPORT;
pub use write::{AttachmentFolder, JunitWriter};

use crate::format::{Row, Signs};

/// JUnit XML.
pub(crate) const ROW: Row = Row {
    name: "junit",
    title: "JUnit XML",
    details: "Any dialect. If the report has only durations, times are computed from them. A report \
              that is cut short is a failure. Anything that is not XML is passed through as text.",
    examples: &[
        r#"echo '<testsuite><testcase classname="a" name="b"/></testsuite>' | subunit from-junit | subunit ls"#,
        "subunit to-junit run.subunit > run.xml; subunit from-junit run.xml | subunit stats",
    ],
    signs: Signs { roots: &["<testsuites", "<testsuite", "<testcase"], ..Signs::NONE },
    ..Row::document(|| Box::new(JunitReader::new()))
};
