//! Runs one command for a report: what it writes is read as a file would be, in any format.
//!
//! All that is done at the process is in [`Process`]: it is started, takes turns, and has an output. What is
//! made of its end stands in [`status`].

#[cfg(unix)]
mod error_output;
#[cfg(unix)]
mod process;
#[cfg_attr(not(unix), expect(dead_code, reason = "nothing is run"))]
pub(crate) mod status;

#[cfg(unix)]
pub(crate) use process::Process;
