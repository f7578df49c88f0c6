//! Changes one thing in a packet, and leaves all other bytes as they were.

mod reroute;
mod retag;
