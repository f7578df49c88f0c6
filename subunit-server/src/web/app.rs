//! What do all requests share?

use tokio::sync::watch;

use super::live::hub::LiveHub;
use crate::history_pool::HistoryPool;

/// What all requests share.
#[derive(Clone, Debug)]
pub(crate) struct WebApp {
    pub(crate) pool: HistoryPool,
    /// The runs that go on and are watched.
    pub(crate) live: LiveHub,
    /// The name of the store.
    pub(crate) store: String,
    /// Becomes true when the server was asked to end: event streams end then.
    pub(crate) stop: watch::Receiver<bool>,
}

impl WebApp {
    /// The app, and what to set to true when the server is to end.
    pub(crate) fn new(pool: HistoryPool, store: String) -> (Self, watch::Sender<bool>) {
        let (sender, stop) = watch::channel(false);
        (Self { pool, live: LiveHub::default(), store, stop }, sender)
    }
}
