//! The same packet with something else in it, and all other bytes as they were.

mod reroute;
mod retag;
