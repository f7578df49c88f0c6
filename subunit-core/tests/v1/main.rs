//! Version 1 both ways: what the reference makes of it, and what must hold for every input.

#![allow(clippy::unwrap_used)]

mod any_input;
mod log;
mod long;
mod reading;
mod reference;
mod survival;
