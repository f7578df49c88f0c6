//! The rules of reading, R1 to R8 of ARCHITECTURE.md, over streams of packets and text with damage of all
//! kinds: as properties, and at the edges by hand.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod any_stream;
mod found;
mod hostile;
mod live;
mod nested;
mod packets;
mod pieces;
mod streams;
