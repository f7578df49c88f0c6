//! Streams to other formats, and reports.

pub(super) mod details;
pub(super) mod disk;
pub(super) mod python_time;
pub(super) mod report;
pub(super) mod to_csv;
pub(super) mod to_disk;
pub(super) mod to_html;
pub(super) mod to_jsonl;
pub(super) mod to_junit;
pub(super) mod to_markdown;
pub(super) mod to_otlp;
pub(super) mod to_pyunit;
pub(super) mod to_report;
pub(super) mod to_tap;
pub(super) mod two_to_one;
pub(super) mod writing;
