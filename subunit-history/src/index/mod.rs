//! The index: an SQLite database that can be made anew from the run files.

mod insert;
mod open;
mod rollup;
mod settle;
mod state;

pub(crate) use self::{
    insert::RunFacts,
    open::Index,
    rollup::{LATEST, compare, cut, rebuild},
    settle::Settled,
    state::BlockState,
};
