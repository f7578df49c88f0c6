//! What do all requests share?

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use super::live::hub::LiveHub;
use crate::{
    access::rules::AccessRules, history_pool::HistoryPool, operation::observe::Observer,
    project::PROJECTS, receive::inbox::RunInbox,
};

/// What all requests of a history share.
#[derive(Clone, Debug)]
pub(crate) struct WebApp {
    /// What stands before all its addresses: nothing, or `/p/NAME`.
    pub(crate) base: String,
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
    /// A turn for each connection of the server.
    pub(crate) turns: Arc<Semaphore>,
    /// Becomes true when the server was asked to end: event streams end then.
    pub(crate) stop: watch::Receiver<bool>,
}

impl WebApp {
    /// The name of the history, if its server has several.
    pub(crate) fn project(&self) -> Option<&str> {
        self.base.strip_prefix(PROJECTS)
    }
}
