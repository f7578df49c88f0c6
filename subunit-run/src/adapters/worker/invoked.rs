//! Which command is a worker to list or to run, and what do its processes know of each other?

use std::{
    cell::OnceCell,
    env, fs,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use super::{listing::TestListing, results::FOLDER, runner_process::RunnerProcess};
use crate::adapters::words::CommandWords;

/// How this program lists and runs the tests of a runner.
pub(crate) struct RunnerWorker {
    /// Lists tests, where that is cheap.
    pub(crate) list: Option<Lists>,
    /// The processes that run these tests, one after the other; without ids all tests.
    pub(crate) processes: Processes,
    /// Joins what its workers have covered, where that can be asked for.
    pub(crate) merge: Option<Merges>,
    /// The files of its tests, for a run that ended before its end and whose tests nobody has listed.
    pub(crate) files: Option<Files>,
    /// Tests that its last process called passed, and that did not run to their end.
    pub(crate) unfinished: Option<Unfinished>,
}

type Lists = fn(&Invoked) -> Result<TestListing, String>;
type Files = fn(&Invoked) -> Result<Vec<String>, String>;
type Unfinished = fn(&Invoked) -> io::Result<Vec<String>>;
type Merges = fn(&Invoked) -> Result<(), String>;
type Processes = fn(&Invoked, Option<&[String]>) -> Result<Vec<RunnerProcess>, String>;

impl RunnerWorker {
    /// With this listing, if there is one.
    pub(crate) const fn new(list: Option<Lists>, processes: Processes) -> Self {
        Self { list, processes, merge: None, files: None, unfinished: None }
    }
}

/// A command of a runner, as a worker of this program runs it.
pub(crate) struct Invoked {
    pub(crate) line: CommandWords,
    pub(super) runner: &'static RunnerWorker,
    folder: PathBuf,
    listing: OnceCell<Result<TestListing, String>>,
}

impl Invoked {
    pub(super) fn new(line: CommandWords, runner: &'static RunnerWorker) -> io::Result<Self> {
        let missing = || io::Error::other(format!("{FOLDER} is not set: `subunit run` sets it"));
        let folder = env::var_os(FOLDER).ok_or_else(missing)?;
        Ok(Self { line, runner, folder: folder.into(), listing: OnceCell::new() })
    }

    /// A file of the private folder of the run.
    pub(crate) fn kit(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The path of a new file, which is this process's own.
    pub(crate) fn own_file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.{}", std::process::id()))
    }

    /// The words before the runner, such as `nice`, with others after them.
    pub(crate) fn after_wrappers<'w>(
        &self,
        words: impl IntoIterator<Item = &'w str>,
    ) -> Vec<String> {
        let wrappers = self.line.wrappers().iter().cloned();
        wrappers.chain(words.into_iter().map(str::to_owned)).collect()
    }

    /// What the runner has listed in this run. One of its processes lists, and others wait for that.
    ///
    /// # Errors
    ///
    /// Why it cannot be listed.
    pub(crate) fn listing(&self) -> Result<&TestListing, String> {
        self.listing.get_or_init(|| self.list()).as_ref().map_err(Clone::clone)
    }

    fn list(&self) -> Result<TestListing, String> {
        let path = self.folder.join("listing.json");
        let lock = File::create(self.folder.join("listing.lock"));
        let lock = lock.map_err(|error| format!("{}: {error}", self.folder.display()))?;
        flock(&lock, FlockOperation::LockExclusive).map_err(|error| error.to_string())?;
        if let Ok(text) = fs::read(&path) {
            return serde_json::from_slice(&text).map_err(|error| error.to_string());
        }
        let list = self.runner.list.ok_or("its tests cannot be listed")?;
        let listing = list(self)?;
        keep(&listing, &path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(listing)
    }
}

fn keep(listing: &TestListing, path: &Path) -> io::Result<()> {
    fs::write(path, serde_json::to_vec(listing)?)
}
