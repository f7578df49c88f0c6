//! What the XML reports of .NET have in common: elements that are test cases, with parts in them that are
//! files, in containers that can fail by themselves.

mod definitions;
mod dialect;
mod held;
pub mod nunit;
mod open;
mod reader;
pub mod trx;
pub mod xunit;
