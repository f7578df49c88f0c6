//! JUnit XML as python-subunit 1.4.6 has it, for its drop-ins.

mod read;
mod write;

pub use read::PythonJunitReader;
pub use write::PythonJunitWriter;
