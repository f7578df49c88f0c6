//! All runs of a project, in its history.

use std::{
    fs,
    io::{self, BufWriter, Read, Seek},
    path::{Path, PathBuf},
};

use subunit_core::{RouteCode, Status, run::Identities};
use subunit_history::{
    History, NewRun, RunWriter, Store, is_address,
    query::{RunRow, TestIdentity},
};

use super::{
    Memory, Recording, Times, files,
    results::{IdSet, StatusIds},
};

/// Keeps all runs of a project.
#[derive(Debug)]
pub struct KeptRuns {
    folder: PathBuf,
    warnings: Vec<String>,
    /// The named hop below which tests are looked at, if not at all.
    below: Option<String>,
}

/// What programs before the history wrote: tests that failed earlier, and the last run.
const FAILING: &str = "failing.subunit";
const LAST: &str = "last.subunit";
const KNOWN: &str = "known.subunit";

impl KeptRuns {
    /// The name of the folder in the project's.
    pub const FOLDER: &str = ".subunit";

    /// What is remembered in this folder. Runs that were killed are kept; if that fails, there is a warning. Nothing is
    /// made before the first run.
    pub fn open(folder: &Path) -> Self {
        let mut memory = Self { folder: folder.to_owned(), warnings: Vec::new(), below: None };
        if (folder.is_dir() || is_address(folder))
            && let Err(error) = memory.put_right()
        {
            memory.warnings.push(format!("not all earlier runs are known: {error}"));
        }
        memory
    }

    fn put_right(&mut self) -> io::Result<()> {
        let mut store = Store::open(&self.folder).map_err(io::Error::other)?;
        self.warnings.extend(store.take_notes());
        if is_address(&self.folder) {
            return Ok(());
        }
        // What failed before a partial run comes before that run.
        let is_partial = self.folder.join(FAILING).exists();
        for name in [FAILING, LAST] {
            let path = self.folder.join(name);
            if let Some(file) = files::open(&path)? {
                let new = NewRun { partial: is_partial, live: true, ..NewRun::default() };
                store.take(new, file).map_err(io::Error::other)?;
                files::remove(&path)?;
            }
        }
        files::remove(&self.folder.join(KNOWN))
    }

    /// Whether tests are looked at whose routes have these named hops.
    fn is_below(&self, scope: &str) -> bool {
        let first = scope.split('/').next();
        self.below.as_deref().is_none_or(|name| first == Some(name))
    }

    fn history(&self) -> io::Result<Option<History>> {
        History::open(&self.folder).map_err(io::Error::other)
    }

    /// The ids of those that fail and are wanted.
    fn failing_of(&self, is_wanted: impl Fn(&TestIdentity) -> bool) -> io::Result<Vec<String>> {
        let Some(history) = self.history()? else { return Ok(Vec::new()) };
        // One id may fail under several names.
        let mut failing = IdSet::default();
        for one in history.failing(None).map_err(io::Error::other)? {
            if is_wanted(&one.test) {
                failing.insert(&one.test.id);
            }
        }
        Ok(failing.into_vec())
    }

    /// The run that came last, or the one of this place among those of its series, from the first on.
    fn stream(
        &self,
        which: impl FnOnce(&History) -> Result<Option<RunRow>, subunit_history::Error>,
    ) -> io::Result<Option<Box<dyn Read>>> {
        let Some(history) = self.history()? else { return Ok(None) };
        let Some(run) = which(&history).map_err(io::Error::other)? else { return Ok(None) };
        let stream = history.stream(&run).map_err(io::Error::other)?;
        Ok(Some(Box::new(stream)))
    }
}

impl Memory for KeptRuns {
    fn times(&self) -> io::Result<Times> {
        let Some(history) = self.history()? else { return Ok(Times::new()) };
        Ok(history.times(None).map_err(io::Error::other)?.into_iter().collect())
    }

    fn failing(&self) -> io::Result<Vec<String>> {
        self.failing_of(|test| test.runnable && self.is_below(&test.scope))
    }

    /// What has no name in front of it may be of any runner.
    fn failing_beside_tests(&self) -> io::Result<Vec<String>> {
        let is_here = |scope: &str| scope.is_empty() || self.is_below(scope);
        self.failing_of(|test| !test.runnable && is_here(&test.scope))
    }

    fn flaky(&self) -> io::Result<Vec<String>> {
        let Some(history) = self.history()? else { return Ok(Vec::new()) };
        let flaky = history.flaky(None).map_err(io::Error::other)?.into_iter();
        Ok(flaky.map(|one| one.test.id).collect())
    }

    /// The tests that the last run listed: not all, if it was partial.
    fn listing(&self) -> io::Result<Vec<String>> {
        self.last()?
            .map_or_else(|| Ok(Vec::new()), |stream| StatusIds::read(Status::Exists, stream))
    }

    fn last(&self) -> io::Result<Option<Box<dyn Read>>> {
        self.stream(|history| history.last(None))
    }

    fn failing_run(&self) -> io::Result<Option<Box<dyn Read>>> {
        let Some(history) = self.history()? else { return Ok(None) };
        let mut stream = tempfile::tempfile()?;
        let written = history.write_failing(None, BufWriter::new(&stream));
        if written.map_err(io::Error::other)? == 0 {
            return Ok(None);
        }
        stream.rewind()?;
        Ok(Some(Box::new(stream)))
    }

    fn look_below(&mut self, name: &str) {
        self.below = Some(name.to_owned());
    }

    fn looks_at(&self, route_code: Option<RouteCode<'_>>) -> bool {
        self.is_below(Identities::default().of(route_code).map_or("", RouteCode::as_str))
    }

    fn count(&self) -> io::Result<u64> {
        let Some(history) = self.history()? else { return Ok(0) };
        Ok(history.runs(None).map_err(io::Error::other)?.len() as u64)
    }

    fn run(&self, number: u64) -> io::Result<Option<Box<dyn Read>>> {
        self.stream(|history| {
            let mut runs = history.runs(None)?;
            runs.reverse();
            Ok(usize::try_from(number).ok().and_then(|at| runs.into_iter().nth(at)))
        })
    }

    fn warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn begin(&mut self, partial: bool) -> io::Result<Box<dyn Recording + '_>> {
        if !is_address(&self.folder) {
            fs::create_dir_all(&self.folder).map_err(files::of(&self.folder))?;
        }
        let mut store = Store::open(&self.folder).map_err(io::Error::other)?;
        self.warnings.extend(store.take_notes());
        let new = NewRun { partial, live: true, series: None };
        let writer = store.begin(new).map_err(io::Error::other)?;
        Ok(Box::new(Going { store, writer }))
    }
}

/// A run that goes on.
struct Going {
    store: Store,
    writer: RunWriter,
}

impl Recording for Going {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write(bytes).map_err(io::Error::other)
    }

    fn save(&mut self) -> io::Result<()> {
        self.writer.pause().map_err(io::Error::other)
    }

    fn finish(mut self: Box<Self>) -> io::Result<Option<String>> {
        let kept = self.writer.finish(&mut self.store).map_err(io::Error::other)?;
        Ok(Some(kept.id.to_string()))
    }
}

#[cfg(test)]
mod tests;
