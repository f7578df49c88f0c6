//! Text that tests print: what of it terminals, browsers and readers of logs would obey instead of showing.

pub mod ansi;
pub mod controls;
