//! The command lines of the traditional names: tables of options, and what was given of them. Options may
//! stand anywhere and be cut short while they mean one only, as in Python's two parsers.

mod given;
mod instead;
mod manual;
mod option;
mod scan;

pub(super) use self::{
    given::Given,
    instead::Instead,
    manual::manual,
    option::{Opt, Takes, flag, text},
    scan::{Misuse, scan},
};
