//! What does a log say, for a program that does not know what a test is? A file of rules decides: `subunit from-log`.
//!
//! Sections and rules are read from TOML. Each line of the log is looked at once: which sections does it begin or end,
//! and which rule takes it? At the end of the log each rule is a result. The patterns are those of the `regex` crate:
//! linear in the length of the log.

mod bounds;
mod count;
mod file;
mod lines;
mod logpro;
mod needles;
mod options;
mod patterns;
mod reader;
mod results;
mod rules;
mod sections;
mod tally;
#[cfg(test)]
mod tests;

pub(crate) use file::parse;
pub(crate) use logpro::import;
pub(crate) use options::LogOptions;
pub(crate) use reader::LogReader;
