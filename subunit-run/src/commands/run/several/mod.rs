//! What takes several runs: again and again, at each change, in two passes, to find which test makes another one fail.

mod apart;
mod at_changes;
mod isolation;
mod repeat;
