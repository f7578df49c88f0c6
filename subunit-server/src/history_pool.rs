//! How does a request ask the history? A few histories stay open, and questions run where they may wait for the disk.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use subunit_history::{History, query::StoreStamp};
use tokio::{sync::Semaphore, task};

/// How many questions are answered at the same time. Others wait their turn. Each open history has a cache of 4 MB.
const MOST: usize = 4;

/// Open histories of one store.
#[derive(Clone, Debug)]
pub(crate) struct HistoryPool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    /// Each with the file that its index was.
    idle: Mutex<Vec<(Option<u64>, History)>>,
    turns: Semaphore,
}

/// Why a question has no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The folder holds no history any more.
    NoHistory,
    /// The history cannot be read.
    History(subunit_history::Error),
    /// A function that answers has panicked, or the server ends.
    Ended,
}

impl From<subunit_history::Error> for NoAnswer {
    fn from(error: subunit_history::Error) -> Self {
        Self::History(error)
    }
}

impl HistoryPool {
    pub(crate) fn new(folder: PathBuf) -> Self {
        let (idle, turns) = (Mutex::new(Vec::new()), Semaphore::new(MOST));
        Self { shared: Arc::new(Shared { folder, idle, turns }) }
    }

    /// The folder of the history.
    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.shared.folder
    }

    /// Asks an open history.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&History) -> Result<T, NoAnswer> + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let _turn = self.shared.turns.acquire().await.map_err(|_| NoAnswer::Ended)?;
        let shared = Arc::clone(&self.shared);
        let answered = task::spawn_blocking(move || {
            let (file, history) = shared.take()?;
            let answer = question(&history);
            // One that could not answer may be of a store that was replaced: the next question opens it again.
            if answer.is_ok() {
                shared.give_back(file, history);
            }
            answer
        });
        answered.await.unwrap_or(Err(NoAnswer::Ended))
    }
}

impl Shared {
    /// A history that is open, unless its index was made anew since.
    fn take(&self) -> Result<(Option<u64>, History), NoAnswer> {
        let file = StoreStamp::of(&self.folder).map(|stamp| stamp.file);
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle.filter(|(of, _)| *of == file) {
            Some(open) => Ok(open),
            None => Ok((file, History::open(&self.folder)?.ok_or(NoAnswer::NoHistory)?)),
        }
    }

    fn give_back(&self, file: Option<u64>, history: History) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((file, history));
    }
}
