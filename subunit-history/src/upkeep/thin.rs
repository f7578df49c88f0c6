//! Runs that become smaller: what tests printed that passed goes, and what they came to stays.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
};

use super::reduce::{Reduction, TestSet, reduce};
use crate::{
    Error, FileCalls, OutcomeCode, Store,
    contents::{ContentsReader, RunContents},
    files::try_lock,
    folder::UNFINISHED,
    index::{RunFacts, Settled},
    query::{RunRow, TestNames},
    run_file::{self, RunArchive, RunHeader},
};

/// How the name of the file ends that a run is to get.
pub(crate) const THIN: &str = ".thin";

/// What became of a run that was to become smaller.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Thinned {
    /// Its file had the first length, in bytes, and has the second.
    Smaller(u64, u64),
    /// It is as it was, for this reason.
    Whole(&'static str),
}

impl Store {
    /// Makes a run smaller: text, and files of tests that neither failed nor were flaky, go. All else that the index
    /// says stays the same; a run of which that cannot be said is left as it is.
    ///
    /// # Errors
    ///
    /// If its file cannot be read, or nothing can be written.
    pub fn thin(&mut self, run: &RunRow) -> Result<Thinned, Error> {
        let path = self.folder.run(&run.uuid);
        let mut archive = RunArchive::open(&path)?;
        let header = archive.header().clone();
        if header.thinned {
            return Ok(Thinned::Whole("it is thin"));
        }
        if archive.end()?.is_none() || run.counts.damage > 0 {
            return Ok(Thinned::Whole("it is damaged"));
        }
        let before = archive.length();
        let mut whole = self.contents(&mut archive.stream()?, &path)?;
        let settled = Settled::of(&mut whole, &[]);
        let telling = self.telling(&settled)?;
        let raw_path = self.folder.of(&run.uuid, UNFINISHED);
        let raw = self.files.create(&raw_path).map_err(Error::file(&raw_path))?;
        let stream = RunArchive::open(&path)?.stream()?;
        let output =
            io::BufWriter::with_capacity(64 << 10, Called { files: &*self.files, file: &raw });
        reduce(stream, Reduction::Files(&telling), output).map_err(Error::file(&raw_path))?;
        let rewound = || (&raw).seek(SeekFrom::Start(0)).map_err(Error::file(&raw_path));
        rewound()?;
        let mut thin = self.contents(&mut &raw, &raw_path)?;
        let same = says_the_same(&whole, &settled, &mut thin);
        rewound()?;
        let thinned = match same {
            false => Ok(Thinned::Whole("less of it would say something else")),
            true => self.replace(run, before, RunHeader { thinned: true, ..header }, &raw, thin),
        };
        self.files.remove(&raw_path).map_err(Error::file(&raw_path))?;
        thinned
    }

    /// What a stream says.
    fn contents(
        &self,
        stream: &mut impl io::Read,
        path: &std::path::Path,
    ) -> Result<RunContents, Error> {
        let read = ContentsReader::new(self.index.intern()?).read(stream);
        read.map(|(contents, _)| contents).map_err(Error::file(path))
    }

    /// The tests that have something to tell.
    fn telling(&self, settled: &Settled) -> Result<TestSet, Error> {
        let tells = |outcome: OutcomeCode| outcome.is_bad() || outcome == OutcomeCode::FLAKY;
        let results = settled.results.iter().filter(|one| tells(one.outcome)).map(|one| one.test);
        let mut tests: Vec<u32> =
            results.chain(settled.attempts.iter().map(|one| one.test)).collect();
        tests.sort_unstable();
        tests.dedup();
        let read = || {
            let mut names = TestNames::of_all(self.index.connection(), tests.iter().copied())?;
            let mut telling = TestSet::default();
            for test in tests {
                telling.insert(names.of(test)?);
            }
            Ok(telling)
        };
        read().map_err(self.index.error())
    }

    /// Gives a run another file. The index knows it first; a writer that is killed before the file has its name has
    /// left it for the next opening.
    fn replace(
        &mut self,
        run: &RunRow,
        before: u64,
        header: RunHeader,
        raw: &File,
        contents: RunContents,
    ) -> Result<Thinned, Error> {
        let new = self.folder.of(&run.uuid, THIN);
        let write = || {
            let mut file = self.files.create(&new)?;
            // Others leave it alone meanwhile.
            try_lock(&file);
            let written = run_file::write(&*self.files, &header, raw, &mut file)?;
            self.files.sync(&file)?;
            Ok((written, file))
        };
        let ((end, stored), _locked) = write().map_err(Error::file(&new))?;
        if stored >= before {
            self.files.remove(&new).map_err(Error::file(&new))?;
            return Ok(Thinned::Whole("it would not be smaller"));
        }
        let facts = RunFacts { header, end, stored, id: Some(run.id) };
        self.index.replace_stream(run.id, &facts, contents)?;
        self.put_thin(&run.uuid)?;
        Ok(Thinned::Smaller(before, stored))
    }

    /// Puts the smaller file of a run in its place.
    pub(crate) fn put_thin(&self, uuid: &str) -> Result<(), Error> {
        let (new, path) = (self.folder.of(uuid, THIN), self.folder.run(uuid));
        self.files.rename(&new, &path).map_err(Error::file(&path))?;
        let runs = self.folder.runs();
        self.files.sync_folder(&runs).map_err(Error::file(&runs))
    }
}

/// Whether the index says the same of both, but for how much was written.
fn says_the_same(whole: &RunContents, settled: &Settled, thin: &mut RunContents) -> bool {
    let messages = |contents: &RunContents| -> Vec<_> {
        let message = |place: u32| contents.fingerprints.get(place as usize).cloned();
        let failure =
            |one: &crate::contents::FailedResult| (one.test, one.outcome, message(one.fingerprint));
        contents.failures.iter().map(failure).collect()
    };
    let other = Settled::of(thin, &[]);
    let mut counts = whole.counts.clone();
    counts.events = thin.counts.events;
    counts.text_bytes = thin.counts.text_bytes;
    counts == thin.counts
        && settled.results == other.results
        && settled.attempts == other.attempts
        && (whole.start, whole.elapsed) == (thin.start, thin.elapsed)
        && whole.run == thin.run
        && whole.metrics == thin.metrics
        && (&whole.environment, &whole.configuration) == (&thin.environment, &thin.configuration)
        && (&whole.inputs, &whole.installed) == (&thin.inputs, &thin.installed)
        && messages(whole) == messages(thin)
}

/// Writes to a file by the calls that tests let fail.
struct Called<'f> {
    files: &'f dyn FileCalls,
    file: &'f File,
}

impl Write for Called<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.file.try_clone()?;
        self.files.write(&mut file, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
