//! Schedules are pure, so their tests run on simulated workers in simulated time.

mod batches;
mod partition;
mod queue;
mod rules;
mod shard;
mod sim;
