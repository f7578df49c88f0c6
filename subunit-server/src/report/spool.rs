//! A stream that comes, in a file: the runner never waits for the network.

use std::{
    fs::File,
    io::{self, Read, Write as _},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long more is waited for before a piece is sent.
const GATHER: Duration = Duration::from_millis(500);
/// How long nothing may come before the server is told that the run goes on: it waits for ten minutes.
pub(super) const SILENCE: Duration = Duration::from_secs(120);
/// How long a piece is at most.
const PIECE: u64 = 4 << 20;

/// A stream of which more comes.
#[derive(Debug)]
pub(crate) struct SpooledStream {
    file: File,
    state: Mutex<SpoolState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct SpoolState {
    length: u64,
    /// When all was there.
    ended: Option<Instant>,
    failed: Option<io::Error>,
    /// Whether its end is not that of the run.
    is_cut: bool,
}

/// A piece of a stream.
#[derive(Debug)]
pub(super) struct SpooledPiece {
    pub(super) bytes: Vec<u8>,
    /// Whether the stream ends with it.
    pub(super) is_last: bool,
    /// Whether nothing more comes, though the run has not ended.
    pub(super) is_cut: bool,
    /// Whether nothing has come, and more may.
    pub(super) is_silence: bool,
}

impl SpooledStream {
    /// A stream that is put into this file, which is empty.
    pub(crate) fn new(file: File) -> Self {
        Self { file, state: Mutex::default(), changed: Condvar::new() }
    }

    /// The whole of a file.
    pub(crate) fn of_file(file: File) -> io::Result<Self> {
        let (length, ended) = (file.metadata()?.len(), Some(Instant::now()));
        let state = Mutex::new(SpoolState { length, ended, ..SpoolState::default() });
        Ok(Self { file, state, changed: Condvar::new() })
    }

    /// Takes all that comes, to the end, and then asks whether the run was cut there.
    pub(crate) fn fill(&self, mut input: impl Read, was_cut: impl FnOnce() -> bool) {
        let mut block = vec![0; 64 << 10];
        let failed = loop {
            match input.read(&mut block) {
                Ok(0) => break None,
                Ok(read) => {
                    let bytes = block.get(..read).unwrap_or_default();
                    if let Err(error) = (&self.file).write_all(bytes) {
                        break Some(error);
                    }
                    self.state().length += read as u64;
                    self.changed.notify_all();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(error),
            }
        };
        // The runner goes on, whatever becomes of its report.
        if failed.is_some() {
            let _ = io::copy(&mut input, &mut io::sink());
        }
        let is_cut = failed.is_some() || was_cut();
        let mut state = self.state();
        state.ended = Some(Instant::now());
        state.failed = failed;
        state.is_cut = is_cut;
        self.changed.notify_all();
    }

    /// Whether the file has all of a run that has ended.
    pub(crate) fn is_whole(&self) -> bool {
        let state = self.state();
        state.ended.is_some() && !state.is_cut
    }

    /// When the stream had ended, if it has.
    pub(super) fn ended(&self) -> Option<Instant> {
        self.state().ended
    }

    /// Waits until the stream has ended.
    pub(crate) fn wait_for_end(&self) {
        let state = self.state();
        drop(self.changed.wait_while(state, |state| state.ended.is_none()));
    }

    /// Waits this long, or until the stream ends meanwhile.
    pub(super) fn pause(&self, time: Duration) {
        let state = self.state();
        let had_ended = state.ended.is_some();
        let goes_on = |state: &mut SpoolState| had_ended || state.ended.is_none();
        drop(self.changed.wait_timeout_while(state, time, goes_on));
    }

    /// Waits for what comes after this place, and for a moment for more; but no longer than this for the first of it.
    pub(super) fn after(&self, place: u64, silence: Duration) -> io::Result<SpooledPiece> {
        let has_nothing = |state: &mut SpoolState| state.ended.is_none() && state.length <= place;
        let waited = self.changed.wait_timeout_while(self.state(), silence, has_nothing);
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            let bytes = Vec::new();
            return Ok(SpooledPiece { bytes, is_last: false, is_cut: false, is_silence: true });
        }
        let is_small =
            |state: &mut SpoolState| state.ended.is_none() && state.length < place + PIECE;
        let waited = self.changed.wait_timeout_while(state, GATHER, is_small);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = state.failed.take() {
            return Err(io::Error::new(error.kind(), format!("a file for the stream: {error}")));
        }
        let (end, has_ended) = (state.length.min(place + PIECE), state.ended.is_some());
        let has_all = has_ended && end == state.length;
        let (is_last, is_cut) = (has_all && !state.is_cut, has_all && state.is_cut && end <= place);
        drop(state);
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(place)).unwrap_or(0)];
        self.read(place, &mut bytes)?;
        Ok(SpooledPiece { bytes, is_last, is_cut, is_silence: false })
    }

    #[cfg(unix)]
    fn read(&self, place: u64, bytes: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, bytes, place)
    }

    /// What is written meanwhile goes to the end of what was written.
    #[cfg(not(unix))]
    fn read(&self, place: u64, bytes: &mut [u8]) -> io::Result<()> {
        use std::io::{Seek as _, SeekFrom};
        let _state = self.state();
        (&self.file).seek(SeekFrom::Start(place))?;
        (&self.file).read_exact(bytes)?;
        (&self.file).seek(SeekFrom::End(0)).map(drop)
    }

    fn state(&self) -> MutexGuard<'_, SpoolState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
