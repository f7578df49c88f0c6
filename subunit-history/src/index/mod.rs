//! The index: an SQLite database that can be made anew from the run files.

mod facts;
mod insert;
mod open;
mod packages;
mod replace;
mod results;
mod rollup;
mod settle;
mod state;
mod upgrade;
mod weeks;

pub(crate) use self::{
    insert::RunFacts,
    open::Index,
    results::{blocks, each_tile, results},
    rollup::{LATEST, compare, cut, rebuild},
    settle::Settled,
    state::BlockState,
    weeks::{settle, start_of, week_of},
};
