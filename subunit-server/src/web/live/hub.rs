//! Who reads the stream of a run that goes on? One thread for each run that somebody watches.

use std::{
    collections::{HashMap, VecDeque},
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use subunit_history::query::{LiveRun, LiveStream};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task,
};

use super::progress::LiveProgress;

/// How many pages may follow runs at the same time.
const STREAMS: usize = 128;
/// How long the thread waits for more of the stream.
const PAUSE: Duration = Duration::from_millis(100);
/// How long it goes on when nobody watches: a page comes back after it was loaded, or after its connection was lost.
const LINGER: Duration = Duration::from_secs(20);
/// How often the times of tests that run are made anew while nothing comes.
const TICK: Duration = Duration::from_secs(1);
/// How many runs that have ended are remembered for pages that come back.
const ENDED: usize = 64;

/// What is known of a run that goes on.
#[derive(Debug)]
pub(super) struct LiveState {
    /// How many bytes of the stream were read.
    pub(super) offset: u64,
    /// What a page shows of it.
    pub(super) html: String,
    /// Whether it has ended.
    pub(super) is_over: bool,
    /// The name that it has in the history, if it is kept.
    pub(super) run: Option<String>,
}

type States = watch::Receiver<Option<Arc<LiveState>>>;

/// The runs that are watched.
#[derive(Clone, Debug)]
pub(crate) struct LiveHub {
    watched: Arc<Mutex<Watched>>,
    turns: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Watched {
    runs: HashMap<String, States>,
    /// Those that have ended, the oldest first.
    ended: VecDeque<String>,
}

impl Default for LiveHub {
    fn default() -> Self {
        Self { watched: Arc::default(), turns: Arc::new(Semaphore::new(STREAMS)) }
    }
}

impl LiveHub {
    /// A place among those that follow runs.
    pub(super) fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).try_acquire_owned().ok()
    }

    /// How many pages follow runs.
    pub(crate) fn followers(&self) -> usize {
        STREAMS - self.turns.available_permits()
    }

    /// What is known of a run that goes on or has just ended.
    pub(super) async fn watch(&self, folder: Option<&Path>, uuid: &str) -> Option<States> {
        if let Some(states) = self.known(uuid) {
            return Some(states);
        }
        let (hub, folder, uuid) = (self.clone(), folder?.to_owned(), uuid.to_owned());
        task::spawn_blocking(move || hub.begin(&folder, &uuid)).await.ok()?
    }

    /// One that is read, or was read to its end.
    fn known(&self, uuid: &str) -> Option<States> {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let states = watched.runs.get(uuid)?;
        let is_of_use = states.has_changed().is_ok()
            || states.borrow().as_ref().is_some_and(|state| state.is_over);
        is_of_use.then(|| states.clone())
    }

    fn begin(&self, folder: &Path, uuid: &str) -> Option<States> {
        let run = LiveRun::all(folder).ok()?.into_iter().find(|run| run.uuid == uuid)?;
        let stream = run.stream().ok()?;
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let (sender, states) = watch::channel(None);
        watched.runs.insert(uuid.to_owned(), states.clone());
        let tail =
            Tail { stream, progress: LiveProgress::default(), uuid: uuid.to_owned(), sender };
        let hub = self.clone();
        let named = thread::Builder::new().name("live run".into());
        named.spawn(move || hub.follow(tail)).ok()?;
        Some(states)
    }

    fn follow(&self, tail: Tail) {
        let uuid = tail.uuid.clone();
        let has_ended = tail.follow().unwrap_or_default();
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if !has_ended {
            watched.runs.remove(&uuid);
            return;
        }
        watched.ended.push_back(uuid);
        if watched.ended.len() > ENDED
            && let Some(oldest) = watched.ended.pop_front()
        {
            watched.runs.remove(&oldest);
        }
    }
}

/// A run that is read as it comes.
struct Tail {
    stream: LiveStream,
    progress: LiveProgress,
    uuid: String,
    sender: watch::Sender<Option<Arc<LiveState>>>,
}

impl Tail {
    /// Reads until the run has ended, or nobody watches any more. Whether it has ended.
    fn follow(mut self) -> io::Result<bool> {
        let mut last_watched = Instant::now();
        let mut last_told: Option<Instant> = None;
        loop {
            let is_over = self.stream.is_over();
            let came = self.read()?;
            if is_over {
                self.progress.finish();
                self.tell(true);
                return Ok(true);
            }
            if came > 0 || last_told.is_none_or(|told| told.elapsed() >= TICK) {
                self.tell(false);
                last_told = Some(Instant::now());
            }
            // The hub has one receiver itself.
            if self.sender.receiver_count() > 1 {
                last_watched = Instant::now();
            } else if last_watched.elapsed() > LINGER {
                return Ok(false);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Takes all that has come.
    fn read(&mut self) -> io::Result<u64> {
        let mut block = vec![0; 64 << 10];
        let mut came = 0;
        loop {
            let length = self.stream.read(&mut block)?;
            if length == 0 {
                return Ok(came);
            }
            self.progress.feed(block.get(..length).unwrap_or_default());
            came += length as u64;
        }
    }

    fn tell(&self, is_over: bool) {
        let name = || self.progress.uuid().unwrap_or(&self.uuid).to_owned();
        let run = (is_over && self.stream.is_kept()).then(name);
        let html = self.progress.html(is_over);
        let state = LiveState { offset: self.progress.offset(), html, is_over, run };
        self.sender.send_replace(Some(Arc::new(state)));
    }
}
