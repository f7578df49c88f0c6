//! The last run, and what is known from those before it, in `.subunit/`.
//!
//! | file | what it holds |
//! |---|---|
//! | `last.subunit` | the stream of the last run, as it came |
//! | `failing.subunit` | what was said about tests that failed earlier and did not run in the last run, which was partial |
//! | `known.subunit` | for each test when it last began and ended, and its tags |
//! | `run-*` | a run that goes on, locked by its process. What a process that was killed leaves becomes the last run when the folder is opened again |
//!
//! All are streams of packets. Whoever changes more than its own `run-*` holds a lock on the folder.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufWriter, Read, Seek, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use subunit_core::{
    Event, Packet, RouteCode, Status, Writer,
    sink::{Flow, Sink},
};

use super::{
    Memory, Recording, Times, files,
    results::{IdSet, LastResult, Remembered, StatusIds, TestSet, TestTags},
};

/// How the name of a run that goes on ends; [`FULL`] and [`PARTIAL`] tell them apart after a crash too.
const RUN: &str = "run-";
const FULL: &str = ".full";
const PARTIAL: &str = ".partial";

/// How many tests `known.subunit` holds at most: those that ran last.
const MOST_KNOWN: usize = 1_000_000;

/// Keeps the last run of a project.
#[derive(Debug)]
pub struct LastRun {
    folder: PathBuf,
    warnings: Vec<String>,
}

impl LastRun {
    /// The name of the folder in the project's.
    pub const FOLDER: &str = ".subunit";

    /// What is remembered of a project. A run that was killed becomes the last run; if that fails, there is
    /// a warning. Nothing is created before the first run.
    pub fn open(project: &Path) -> Self {
        let mut memory = Self { folder: project.join(Self::FOLDER), warnings: Vec::new() };
        if let Err(error) = memory.adopt() {
            memory.warnings.push(format!("a run that was killed could not be kept: {error}"));
        }
        memory
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Keeps the runs of processes that were killed, and removes what else they left.
    fn adopt(&mut self) -> io::Result<()> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Ok(()) };
        let mut left: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in entries {
            let entry = entry.map_err(files::of(&self.folder))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(RUN) || name.starts_with(files::UNFINISHED) {
                let modified = entry.metadata().and_then(|data| data.modified());
                left.push((modified.unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        let Some(_held) = files::hold(&self.folder) else { return Ok(()) };
        left.sort();
        for (_, path) in left {
            self.adopt_one(&path)?;
        }
        Ok(())
    }

    fn adopt_one(&self, path: &Path) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with(RUN) {
            return files::remove(path);
        }
        // It may be gone by now: its owner has ended it.
        let Some(file) = files::open(path)? else { return Ok(()) };
        if !files::try_lock(&file) {
            return Ok(());
        }
        if file.metadata().map_err(files::of(path))?.len() == 0 {
            return files::remove(path);
        }
        self.keep(path, name.ends_with(PARTIAL))
    }

    /// Makes a whole run the last one. The caller holds the folder. If this is interrupted anywhere, doing it
    /// again comes to the same.
    fn keep(&self, run: &Path, partial: bool) -> io::Result<()> {
        let mut told = self.read(run)?.unwrap_or_else(Remembered::new);
        let kept = if partial { self.failing_but(&mut told)? } else { TestSet::default() };
        self.keep_failing(kept)?;
        self.keep_known(told)?;
        let last = self.path("last.subunit");
        fs::rename(run, &last).map_err(files::of(&last))
    }

    /// The tests that failed and did not run in `run`.
    fn failing_but(&self, run: &mut Remembered) -> io::Result<TestSet> {
        let mut kept = TestSet::default();
        self.each_failing(|names, test_id| {
            if run.tests.find(names, test_id).is_none() {
                kept.insert(names, test_id);
            }
        })?;
        Ok(kept)
    }

    /// Calls `each` with every test that fails and can be run again: first those that did not run last.
    fn each_failing(&self, mut each: impl FnMut(Option<RouteCode<'_>>, &str)) -> io::Result<()> {
        let mut last = self.read(&self.path("last.subunit"))?.unwrap_or_else(Remembered::new);
        if let Some(earlier) = self.read(&self.path("failing.subunit"))? {
            for (names, test_id, test) in earlier.tests.iter() {
                if test.is_failing() && last.tests.find(names, test_id).is_none() {
                    each(names, test_id);
                }
            }
        }
        for (names, test_id, test) in last.tests.iter() {
            if test.is_failing() {
                each(names, test_id);
            }
        }
        Ok(())
    }

    /// Writes `failing.subunit` anew.
    fn keep_failing(&self, kept: TestSet) -> io::Result<()> {
        let path = self.path("failing.subunit");
        if kept.is_empty() {
            return files::remove(&path);
        }
        files::replace(&path, |output| self.copy(kept, output))
    }

    /// Copies what `failing.subunit` and `last.subunit` say about some tests.
    fn copy(&self, mut tests: TestSet, output: impl Write) -> io::Result<()> {
        let last = self.path("last.subunit");
        let mut writer = Writer::new(output);
        if let Some(file) = files::open(&self.path("failing.subunit"))? {
            let mut ran_since = TestSet::default();
            if let Some(last) = self.read(&last)? {
                last.tests.iter().for_each(|(names, test_id, _)| ran_since.insert(names, test_id));
            }
            let wanted = |event: &Event<'_>| tests.has(event) && !ran_since.has(event);
            subunit_core::read(file, &mut Copy { wanted, writer: &mut writer })?;
        }
        if let Some(file) = files::open(&last)? {
            let wanted = |event: &Event<'_>| tests.has(event);
            subunit_core::read(file, &mut Copy { wanted, writer: &mut writer })?;
        }
        writer.close().map(drop)
    }

    /// Writes `known.subunit` anew, with the times of a run.
    fn keep_known(&self, run: Remembered) -> io::Result<()> {
        let path = self.path("known.subunit");
        let mut run = run.tests;
        let known = self.read(&path)?.unwrap_or_else(Remembered::new).tests;
        let mut spare = (known.len() + run.len()).saturating_sub(MOST_KNOWN);
        files::replace(&path, |output| {
            let mut writer = Writer::new(output);
            for (names, test_id, test) in known.iter() {
                let ran = run.find(names, test_id).is_some_and(|test| test.times.is_some());
                if !ran && spare == 0 {
                    write_times(&mut writer, names, test_id, test)?;
                }
                spare = spare.saturating_sub(1);
            }
            run.iter().try_for_each(|(names, test_id, test)| {
                write_times(&mut writer, names, test_id, test)
            })
        })
    }

    fn read(&self, path: &Path) -> io::Result<Option<Remembered>> {
        let Some(file) = files::open(path)? else { return Ok(None) };
        Remembered::read(file).map(Some).map_err(files::of(path))
    }

    /// Makes the folder, which version control ignores.
    fn make_folder(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder).map_err(files::of(&self.folder))?;
        let ignore = self.path(".gitignore");
        if ignore.exists() {
            return Ok(());
        }
        fs::write(&ignore, "*\n").map_err(files::of(&ignore))
    }
}

/// Writes when a test began and ended, if that is known and it can be run by itself.
fn write_times<W: Write>(
    writer: &mut Writer<W>,
    route_code: Option<RouteCode<'_>>,
    test_id: &str,
    test: &LastResult,
) -> io::Result<()> {
    let Some((start, stop)) = test.times.filter(|_| test.runnable) else { return Ok(()) };
    let status = if test.failed { Status::Fail } else { Status::Success };
    for (status, timestamp) in [(Status::InProgress, start), (status, stop)] {
        let timestamp = Some(timestamp);
        let event = Event { route_code, timestamp, ..Event::status(test_id, status) };
        writer.event(&event.with_tags(&test.tags))?;
    }
    Ok(())
}

/// Copies packets unchanged, if they are wanted.
struct Copy<'a, F, W> {
    wanted: F,
    writer: &'a mut Writer<W>,
}

impl<F: FnMut(&Event<'_>) -> bool, W: Write> Sink for Copy<'_, F, W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if (self.wanted)(event) { Sink::event(self.writer, event) } else { Flow::Continue }
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        if (self.wanted)(packet.event()) {
            Sink::packet(self.writer, packet)
        } else {
            Flow::Continue
        }
    }
}

impl Memory for LastRun {
    fn times(&self) -> io::Result<Times> {
        let known = match self.read(&self.path("known.subunit"))? {
            Some(known) => Some(known),
            None => self.read(&self.path("last.subunit"))?,
        };
        let Some(known) = known else { return Ok(Times::new()) };
        let taken = known.tests.iter().filter_map(|(_, test_id, test)| {
            let (start, stop) = test.times.filter(|_| test.runnable)?;
            Some((test_id.to_owned(), stop.since(start)?))
        });
        Ok(taken.collect())
    }

    fn tags(&self) -> io::Result<HashMap<String, Vec<String>>> {
        let mut tags = TestTags::default();
        for name in ["known.subunit", "last.subunit"] {
            let path = self.path(name);
            if let Some(file) = files::open(&path)? {
                subunit_core::read(file, &mut tags).map_err(files::of(&path))?;
            }
        }
        Ok(tags.0)
    }

    fn failing(&self) -> io::Result<Vec<String>> {
        // One id may fail under several names.
        let mut failing = IdSet::default();
        self.each_failing(|_, test_id| failing.insert(test_id))?;
        Ok(failing.into_vec())
    }

    /// The tests that the last run listed: not all, if it was partial.
    fn listing(&self) -> io::Result<Vec<String>> {
        let last = self.path("last.subunit");
        let Some(file) = files::open(&last)? else { return Ok(Vec::new()) };
        StatusIds::read(Status::Exists, file).map_err(files::of(&last))
    }

    fn last(&self) -> io::Result<Option<Box<dyn Read>>> {
        let file = files::open(&self.path("last.subunit"))?;
        Ok(file.map(|file| Box::new(file) as Box<dyn Read>))
    }

    fn failing_run(&self) -> io::Result<Option<Box<dyn Read>>> {
        let mut tests = TestSet::default();
        self.each_failing(|names, test_id| tests.insert(names, test_id))?;
        if tests.is_empty() {
            return Ok(None);
        }
        let mut stream = tempfile::tempfile()?;
        self.copy(tests, BufWriter::new(&stream))?;
        stream.rewind()?;
        Ok(Some(Box::new(stream)))
    }

    fn warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    fn begin(&mut self, partial: bool) -> io::Result<Box<dyn Recording + '_>> {
        self.make_folder()?;
        let _held = files::hold(&self.folder);
        let suffix = if partial { PARTIAL } else { FULL };
        let (file, path) = files::unfinished(&self.folder, RUN, suffix)?
            .keep()
            .map_err(|error| files::of(&self.folder)(error.error))?;
        // Where there are no locks, nobody takes it from us either.
        files::try_lock(&file);
        Ok(Box::new(Going { memory: self, file, path, partial }))
    }
}

/// A run that goes on. Each piece is in the file before it is shown: nothing that was shown is lost.
#[derive(Debug)]
struct Going<'a> {
    memory: &'a mut LastRun,
    file: File,
    path: PathBuf,
    partial: bool,
}

impl Recording for Going<'_> {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).map_err(files::of(&self.path))
    }

    fn finish(self: Box<Self>) -> io::Result<Option<String>> {
        let _held = files::hold(&self.memory.folder);
        self.memory.keep(&self.path, self.partial)?;
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
