//! Which runs are being received?

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use subunit_history::{
    KeptRun, NewRun, Store,
    receive::{AWAITED, ResumedRun, RunReceiver},
};
use tokio::task;

use super::{
    counts::{ReceiveCounts, Received},
    receipt::Refusal,
};
use crate::api::api_error::ApiError;

/// How many runs are received at the same time. Each has an open file.
const MOST: usize = 400;
/// How often runs are looked for whose clients stay away.
const SWEEP: Duration = Duration::from_secs(60);

/// The runs that are being received.
#[derive(Clone, Debug)]
pub(crate) struct RunInbox {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The history: its folder, or the address of its database.
    place: PathBuf,
    /// The folder of its run files, if it is known.
    files: Option<PathBuf>,
    /// The longest stream or upload, in bytes.
    longest: u64,
    runs: Mutex<HashMap<String, InboxEntry>>,
    /// Whether runs were given up that the store does not know yet.
    has_given_up: AtomicBool,
    counts: ReceiveCounts,
    /// Runs are kept one after another: the store has one writer.
    keeping: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug)]
enum InboxEntry {
    /// A request has it.
    Busy,
    /// No request has it since then.
    Waiting(Box<RunReceiver>, Instant),
}

/// A run that one request has. It goes back when this is dropped.
#[derive(Debug)]
pub(super) struct ClaimedRun {
    inbox: RunInbox,
    uuid: String,
    /// What receives it, if anything of it was received and it has not ended.
    pub(super) receiver: Option<Box<RunReceiver>>,
}

impl RunInbox {
    /// The runs that the history in `place` receives, with its files in the folder `files`. Runs that were being received
    /// when the last server ended are there.
    pub(crate) fn start(place: &Path, files: Option<&Path>, longest: u64) -> Self {
        let mut runs = HashMap::new();
        // What cannot be read now is an error when its client comes.
        for files in files.into_iter() {
            for uuid in RunReceiver::left(files).unwrap_or_default() {
                if let Ok(ResumedRun::Ours(receiver)) = RunReceiver::resume(files, &uuid) {
                    runs.insert(uuid, InboxEntry::Waiting(receiver, Instant::now()));
                }
            }
        }
        let shared = Arc::new(Shared {
            place: place.to_owned(),
            files: files.map(Path::to_owned),
            longest,
            runs: Mutex::new(runs),
            has_given_up: AtomicBool::new(false),
            counts: ReceiveCounts::default(),
            keeping: Arc::default(),
        });
        let weak = Arc::downgrade(&shared);
        let sweeper = thread::Builder::new().name("runs received".into());
        // Without it, what clients have left is kept when the next run is.
        let _ = sweeper.spawn(move || {
            loop {
                thread::sleep(SWEEP);
                let Some(shared) = weak.upgrade() else { return };
                Self { shared }.sweep(AWAITED);
            }
        });
        Self { shared }
    }

    /// What was received since the server began.
    pub(crate) fn received(&self) -> Received {
        self.shared.counts.now(self.runs().len())
    }

    /// Where it is counted.
    pub(super) fn counts(&self) -> &ReceiveCounts {
        &self.shared.counts
    }

    /// The longest stream or upload, in bytes.
    pub(super) fn longest(&self) -> u64 {
        self.shared.longest
    }

    /// The folder of the run files.
    pub(super) fn files(&self) -> Result<&Path, Refusal> {
        self.shared.files.as_deref().ok_or_else(|| {
            let message = "runs are not received here: the address of the history does not say where the run files are";
            let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "no_files", message);
            refusal.with_hint("add `&files=FOLDER` to the address")
        })
    }

    /// Takes a run for a request.
    pub(super) fn claim(&self, uuid: &str) -> Result<ClaimedRun, ApiError> {
        let mut runs = self.runs();
        let receiver = match runs.remove(uuid) {
            Some(InboxEntry::Busy) => {
                runs.insert(uuid.to_owned(), InboxEntry::Busy);
                return Err(busy());
            }
            Some(InboxEntry::Waiting(receiver, _)) => Some(receiver),
            None if runs.len() >= MOST => {
                let message = "too many runs are received at the same time";
                return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "too_many", message));
            }
            None => None,
        };
        runs.insert(uuid.to_owned(), InboxEntry::Busy);
        Ok(ClaimedRun { inbox: self.clone(), uuid: uuid.to_owned(), receiver })
    }

    /// Does something with the store, which is opened to write. Nobody else of this server does meanwhile.
    pub(super) async fn keep<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = Arc::clone(&self.shared.keeping).lock_owned().await;
        let place = self.shared.place.clone();
        blocking(move || {
            // A client that goes away does not end the work: the turn is that of the work.
            let _turn = turn;
            work(&mut Store::open(&place)?)
        })
        .await
    }

    /// Gives up runs whose clients have stayed away for this long: they are kept as interrupted.
    fn sweep(&self, patience: Duration) {
        let was_left = |entry: &InboxEntry| match entry {
            InboxEntry::Busy => false,
            InboxEntry::Waiting(_, since) => since.elapsed() > patience,
        };
        let mut runs = self.runs();
        let before = runs.len();
        runs.retain(|_, entry| !was_left(entry));
        let has_some = runs.len() < before;
        drop(runs);
        let given_up = &self.shared.has_given_up;
        if given_up.swap(false, Ordering::Relaxed) || has_some {
            // Who opens the store keeps them. If it cannot be opened, the next sweep tries it again.
            let is_open = Store::open(&self.shared.place).is_ok();
            given_up.fetch_or(!is_open, Ordering::Relaxed);
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<String, InboxEntry>> {
        self.shared.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClaimedRun {
    /// The name of the run.
    pub(super) fn uuid(&self) -> &str {
        &self.uuid
    }

    /// How much of the stream is there.
    pub(super) fn length(&self) -> u64 {
        self.receiver.as_ref().map_or(0, |receiver| receiver.length())
    }

    /// Goes on with a run that another server has begun.
    pub(super) fn resume(&mut self) -> Result<(), Refusal> {
        if self.receiver.is_none() {
            self.receiver = match RunReceiver::resume(self.inbox.files()?, &self.uuid)? {
                ResumedRun::Ours(receiver) => Some(receiver),
                ResumedRun::Missing => None,
                ResumedRun::Busy => return Err(busy().into()),
            };
        }
        Ok(())
    }

    /// Begins to receive it.
    pub(super) fn begin(&mut self, new: NewRun) -> Result<(), Refusal> {
        let begun = RunReceiver::open(self.inbox.files()?, &self.uuid, new)?;
        self.receiver = Some(Box::new(begun.ok_or_else(busy)?));
        Ok(())
    }

    /// Goes on with a run that was kept as interrupted.
    pub(super) fn go_on(
        &mut self,
        stream: subunit_history::run_file::RunStream,
    ) -> Result<(), Refusal> {
        let begun = RunReceiver::go_on(self.inbox.files()?, &self.uuid, stream)?;
        self.receiver = Some(Box::new(begun.ok_or_else(busy)?));
        Ok(())
    }

    /// The run has ended: it is kept.
    pub(super) async fn finish(self) -> Result<KeptRun, Refusal> {
        let (inbox, mut claimed) = (self.inbox.clone(), self);
        let finished = inbox.keep(move |store| {
            let Some(receiver) = &mut claimed.receiver else { return Err(busy().into()) };
            let kept = receiver.finish(store)?;
            drop(claimed.receiver.take());
            Ok(kept)
        });
        finished.await
    }
}

impl Drop for ClaimedRun {
    fn drop(&mut self) {
        let mut runs = self.inbox.runs();
        match self.receiver.take() {
            Some(receiver) => {
                let waiting = InboxEntry::Waiting(receiver, Instant::now());
                runs.insert(std::mem::take(&mut self.uuid), waiting);
            }
            None => drop(runs.remove(&self.uuid)),
        }
    }
}

fn busy() -> ApiError {
    let message = "another request has this run";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message).with_hint("ask again")
}

/// Does what waits for the disk.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Refusal::ended()))
}

#[cfg(test)]
mod tests {
    use subunit_history::History;

    use super::*;

    const ONE: &str = "0f0f0f0f-0000-4000-8000-00000000000a";

    fn inbox(folder: &Path) -> RunInbox {
        RunInbox::start(folder, Some(folder), u64::MAX)
    }

    #[test]
    fn a_run_belongs_to_one_request_and_to_the_next_server() {
        let folder = tempfile::tempdir().unwrap();
        let one = inbox(folder.path());
        let mut claimed = one.claim(ONE).unwrap();
        assert!(one.claim(ONE).is_err());
        claimed.begin(NewRun::default()).unwrap();
        claimed.receiver.as_mut().unwrap().append(b"said\n").unwrap();
        drop(claimed);
        assert_eq!(one.claim(ONE).unwrap().length(), 5);
        drop(one);
        let other = inbox(folder.path());
        assert_eq!(other.claim(ONE).unwrap().length(), 5);
        // What was begun and brought nothing is forgotten.
        let (two, three) = (ONE.replace('a', "b"), ONE.replace('a', "c"));
        drop(other.claim(&two).unwrap());
        assert_eq!(other.runs().len(), 1);
        assert_eq!(other.claim(&three).unwrap().length(), 0);
    }

    #[test]
    fn a_run_whose_client_stays_away_is_kept_as_interrupted() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = inbox(folder.path());
        let mut claimed = inbox.claim(ONE).unwrap();
        claimed.begin(NewRun::default()).unwrap();
        claimed.receiver.as_mut().unwrap().append(b"said\n").unwrap();
        // A request has it.
        inbox.sweep(Duration::ZERO);
        drop(claimed);
        inbox.sweep(AWAITED);
        assert_eq!(inbox.runs().len(), 1);
        let part = folder.path().join(format!("runs/{ONE}.part"));
        let part = std::fs::File::options().append(true).open(part).unwrap();
        part.set_modified(std::time::SystemTime::now() - AWAITED * 2).unwrap();
        // The index is no file any more: the next time it is tried again.
        let index = folder.path().join("history.db");
        let _ = std::fs::remove_file(&index);
        std::fs::create_dir(&index).unwrap();
        inbox.sweep(Duration::ZERO);
        assert_eq!(inbox.runs().len(), 0);
        std::fs::remove_dir(&index).unwrap();
        inbox.sweep(Duration::ZERO);
        let history = History::open(folder.path()).unwrap().unwrap();
        let run = history.run_named(ONE).unwrap().unwrap();
        assert!(run.is_interrupted && run.raw_bytes == 5);
    }
}
