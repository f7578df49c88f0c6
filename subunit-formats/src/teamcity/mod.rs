//! TeamCity service messages, as build servers and the runners of JetBrains' editors talk:
//! `##teamcity[testStarted name='a']`. The form is described in TeamCity's documentation, under
//! "Service Messages".

mod held;
mod message;
mod read;
mod suites;
mod write;

pub use read::TeamCityReader;
pub use write::TeamCityWriter;
