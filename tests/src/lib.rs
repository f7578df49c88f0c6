//! What the tests and measurements across the crates share: streams of known shape, and a bare floor.

pub mod corpus;
pub mod documents;
pub mod floor;
pub mod random;
