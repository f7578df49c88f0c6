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
pub use python::PythonJunitReader;
pub use python_writer::PythonJunitWriter;
pub use reader::JunitReader;
pub(crate) use reader::Output as SuiteOutput;
pub(crate) use values::seconds;
pub use writer::{JunitOptions, JunitWriter};
