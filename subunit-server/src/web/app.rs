//! What do all requests share?

use tokio::sync::watch;

use crate::history_pool::HistoryPool;

/// What all requests share.
#[derive(Clone, Debug)]
pub(crate) struct WebApp {
    pub(crate) pool: HistoryPool,
    /// The name of the store.
    pub(crate) store: String,
    /// Becomes true when the server was asked to end: event streams end then.
    #[expect(dead_code, reason = "event streams come with live runs")]
    pub(crate) stop: watch::Receiver<bool>,
}

impl WebApp {
    /// The app, and what to set to true when the server is to end.
    pub(crate) fn new(pool: HistoryPool, store: String) -> (Self, watch::Sender<bool>) {
        let (sender, stop) = watch::channel(false);
        (Self { pool, store, stop }, sender)
    }
}
