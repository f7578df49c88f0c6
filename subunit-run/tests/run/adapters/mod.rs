//! Runs of projects without a configuration: which runner is found, and what its adapter does.

#[cfg(feature = "runner-tests")]
mod bazel;
#[cfg(feature = "runner-tests")]
mod behaviour;
mod cargo;
mod dotnet;
#[cfg(feature = "runner-tests")]
mod elixir;
mod found;
#[cfg(feature = "runner-tests")]
mod jvm;
#[cfg(feature = "runner-tests")]
mod playwright;
#[cfg(feature = "runner-tests")]
mod programs;
#[cfg(feature = "runner-tests")]
mod prove;
#[cfg(feature = "python-tests")]
mod pytest;
#[cfg(feature = "runner-tests")]
mod runners;
mod scripts;
#[cfg(feature = "python-tests")]
mod several;
#[cfg(feature = "python-tests")]
mod unittest;
