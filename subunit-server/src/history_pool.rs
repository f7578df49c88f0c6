//! How does a request ask the history? A few histories stay open, and questions run where they may wait for the disk.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use subunit_history::{History, query::StoreStamp};
use tokio::{sync::Semaphore, task};

use crate::store_place::StorePlace;

/// How many questions are answered at the same time. Others wait their turn. Each open history has a cache of 4 MB, or a
/// connection to its database.
const MOST: usize = 4;

/// Open histories of one store.
#[derive(Clone, Debug)]
pub(crate) struct HistoryPool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    place: StorePlace,
    /// Each with the file that its index was. None at the end.
    idle: Mutex<Option<Vec<IdleHistory>>>,
    turns: Arc<Semaphore>,
    failures: Mutex<Failures>,
}

/// A history, and which file its index was.
type IdleHistory = (Option<u64>, History);

/// How often the database did not answer, and what was said the last time.
#[derive(Debug, Default)]
struct Failures {
    count: u64,
    last: String,
}

/// Why a question has no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The folder holds no history any more.
    NoHistory,
    /// The database of the history does not answer; what is said of it.
    Unreachable(String),
    /// The history cannot be read.
    History(subunit_history::Error),
    /// A function that answers has panicked, or the server ends.
    Ended,
}

impl From<subunit_history::Error> for NoAnswer {
    fn from(error: subunit_history::Error) -> Self {
        if error.is_gone() { Self::Unreachable(error.to_string()) } else { Self::History(error) }
    }
}

impl HistoryPool {
    pub(crate) fn new(place: StorePlace) -> Self {
        let (idle, turns) = (Mutex::new(Some(Vec::new())), Arc::new(Semaphore::new(MOST)));
        Self { shared: Arc::new(Shared { place, idle, turns, failures: Mutex::default() }) }
    }

    /// Where the history is.
    pub(crate) fn place(&self) -> &StorePlace {
        &self.shared.place
    }

    /// Closes the histories that nobody asks, and each other one when it is answered. A connection to a database waits for its
    /// end, which panics on a thread of the asynchronous runtime: this is for the thread that has started it, after its end.
    pub(crate) fn close(&self) {
        let histories = self.shared.histories().take();
        drop(histories);
    }

    /// Asks an open history.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&History) -> Result<T, NoAnswer> + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let failures = self.shared.failures().count;
        let turn = Arc::clone(&self.shared.turns).acquire_owned().await;
        let turn = turn.map_err(|_| NoAnswer::Ended)?;
        let shared = Arc::clone(&self.shared);
        let answered = task::spawn_blocking(move || {
            // A client that goes away does not end its question: the turn is that of the question.
            let _turn = turn;
            let (file, history) = shared.take(failures)?;
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
    /// A history that is open, unless its index was made anew since, or its connection was lost. Who has waited for a turn
    /// while the database did not answer others does not wait for it again.
    fn take(&self, failures: u64) -> Result<(Option<u64>, History), NoAnswer> {
        let file = self.file();
        while let Some((of, history)) = self.idle() {
            if of == file && (!self.place.is_database() || history.stamp().is_ok()) {
                return Ok((file, history));
            }
        }
        {
            let known = self.failures();
            if known.count > failures {
                return Err(NoAnswer::Unreachable(known.last.clone()));
            }
        }
        let opened = History::open(self.place.path()).map_err(NoAnswer::from);
        if let Err(NoAnswer::Unreachable(said)) = &opened {
            let mut known = self.failures();
            known.count += 1;
            known.last.clone_from(said);
        }
        Ok((file, opened?.ok_or(NoAnswer::NoHistory)?))
    }

    /// Which file the index is. A connection to a database sees its tables by their names.
    fn file(&self) -> Option<u64> {
        let folder = self.place.files().filter(|_| !self.place.is_database())?;
        StoreStamp::of(folder).map(|stamp| stamp.file)
    }

    fn idle(&self) -> Option<IdleHistory> {
        self.histories().as_mut()?.pop()
    }

    fn histories(&self) -> MutexGuard<'_, Option<Vec<IdleHistory>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, file: Option<u64>, history: History) {
        if let Some(histories) = self.histories().as_mut() {
            histories.push((file, history));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc,
        task::{Context, Waker},
    };

    use super::*;

    #[test]
    fn a_question_keeps_its_turn_when_its_client_goes_away() {
        let folder = tempfile::tempdir().unwrap();
        drop(subunit_history::Store::open(folder.path()).unwrap());
        let pool = HistoryPool::new(StorePlace::new(folder.path().to_owned()).unwrap());
        let (go_on, wait) = mpsc::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _entered = runtime.enter();
        let mut asked = Box::pin(pool.ask(move |_| {
            let _ = wait.recv();
            Ok(())
        }));
        let _ = asked.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        drop(asked);
        assert_eq!(pool.shared.turns.available_permits(), MOST - 1);
        drop(go_on);
        let all = u32::try_from(MOST).unwrap();
        assert!(runtime.block_on(pool.shared.turns.acquire_many(all)).is_ok());
    }
}
