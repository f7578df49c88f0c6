//! The index: a database that can be made anew from the run files.

mod facts;
mod insert;
mod migrate;
mod open;
mod packages;
mod place;
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
    place::IndexPlace,
    results::{blocks, each_tile, results},
    rollup::{LATEST, compare, cut, rebuild},
    settle::Settled,
    state::BlockState,
    weeks::{settle, start_of, week_of},
};
