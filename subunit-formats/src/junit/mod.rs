//! JUnit XML, which has no standard: every dialect in, one careful profile out.
//!
//! Ids: a test case is `classname::name`, as python-subunit's `junitxml2subunit` has it. A case
//! without the attribute `classname` is named after its suite, one with an empty `classname` by `name`
//! alone. Other ids survive a writing and reading by the attribute `subunit-id`, which
//! [`JunitWriter`] adds where class name and name do not make the id.

mod attachments;
mod case;
mod element;
mod entries;
mod escape;
mod options;
mod python;
mod python_writer;
mod reader;
mod recorded;
mod render;
mod runs;
mod spool;
mod suites;
mod values;
mod writer;

pub use attachments::AttachmentFolder;
pub(crate) use case::{Case, Push};
pub use escape::Ansi;
pub use options::JunitOptions;
pub use python::PythonJunitReader;
pub use python_writer::PythonJunitWriter;
pub use reader::JunitReader;
pub(crate) use reader::Output as SuiteOutput;
pub(crate) use values::seconds;
pub use writer::JunitWriter;
pub(crate) use writer::REPORT;

use crate::format::{Row, Signs};

/// JUnit XML.
pub(crate) const ROW: Row = Row {
    name: "junit",
    title: "JUnit XML",
    details: "Of any dialect. Times are put together from durations where the report has no others. \
              A report that was cut short is a failure. What is no XML is passed on as text.",
    examples: &[
        r#"echo '<testsuite><testcase classname="a" name="b"/></testsuite>' | subunit from-junit | subunit ls"#,
        "subunit to-junit run.subunit > run.xml; subunit from-junit run.xml | subunit stats",
    ],
    signs: Signs { roots: &["<testsuites", "<testsuite", "<testcase"], ..Signs::NONE },
    ..Row::document(|| Box::new(JunitReader::new()))
};
