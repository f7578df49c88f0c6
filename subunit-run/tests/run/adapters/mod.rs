//! Runs of projects without a configuration: which runner is found, and what its adapter does.

mod found;
#[cfg(feature = "python-tests")]
mod pytest;
mod scripts;
#[cfg(feature = "python-tests")]
mod unittest;
