//! Streams to streams: joined, chosen from, changed, taken apart.

pub(super) mod cat;
pub(super) mod demux;
pub(super) mod filter;
pub(super) mod known_failures;
pub(super) mod merge;
pub(super) mod pattern;
pub(super) mod pending;
pub(super) mod rename;
pub(super) mod route;
pub(super) mod split;
pub(super) mod tagging;
pub(super) mod tags;
