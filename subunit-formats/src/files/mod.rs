//! Files that are made on the way to a report.

pub mod own_file;
pub mod temporary;
