//! Nothing but tests and measurements, which need more than one crate or a peer.
