//! What do all requests share?

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use super::live::hub::LiveHub;
use crate::{
    access::rules::AccessRules, history_pool::HistoryPool, operation::observe::Observer,
    receive::inbox::RunInbox, server::CONNECTIONS,
};

/// What all requests share.
#[derive(Clone, Debug)]
pub(crate) struct WebApp {
    pub(crate) pool: HistoryPool,
    /// The runs that are being received.
    pub(crate) inbox: RunInbox,
    /// The runs that go on and are watched.
    pub(crate) live: LiveHub,
    /// The name of the store.
    pub(crate) store: String,
    /// Who may do what.
    pub(crate) rules: Arc<AccessRules>,
    /// Who notes requests.
    pub(crate) observer: Arc<Observer>,
    /// A turn for each connection.
    pub(crate) turns: Arc<Semaphore>,
    /// Becomes true when the server was asked to end: event streams end then.
    pub(crate) stop: watch::Receiver<bool>,
}

impl WebApp {
    /// The app, and what to set to true when the server is to end.
    pub(crate) fn new(
        pool: HistoryPool,
        inbox: RunInbox,
        store: String,
        rules: AccessRules,
        observer: Observer,
    ) -> (Self, watch::Sender<bool>) {
        let (sender, stop) = watch::channel(false);
        let turns = Arc::new(Semaphore::new(CONNECTIONS as usize));
        let (live, rules) = (LiveHub::default(), Arc::new(rules));
        let observer = Arc::new(observer);
        (Self { pool, inbox, live, store, rules, observer, turns, stop }, sender)
    }
}
