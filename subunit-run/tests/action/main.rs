//! The GitHub action in `action/`: its scripts run as a runner of GitHub runs them, with the same variables and files.
//!
//! No network and no service is needed. What only the service does (the cache, the upload of artifacts) is not tried here.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod definition;
mod gitlab;
mod history;
mod hostile;
mod inputs;
mod install;
mod matcher;
mod outcomes;
mod release;
mod runner;
