//! Schedules are pure, so their tests run on simulated workers in simulated time.

mod partition;
mod queue;
mod rules;
mod sim;
