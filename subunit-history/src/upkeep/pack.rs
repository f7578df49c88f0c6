//! The last runs of a history in one small file, for a job that begins without a history.
//!
//! 1. A skippable frame of zstd, `0x184D2A55`: `{"pack":1,"runs":[4711,815]}`, the lengths of what follows.
//! 2. Run files. The last whole run of each series has all its tests; of the others only those tests are in it that
//!    failed or were flaky in one of them.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::reduce::{Reduction, TestSet, reduce};
use crate::{
    Error, History, OutcomeCode, Store,
    query::{RunRow, TestNames, runs},
    run_file::{self, RunHeader},
};

/// The newest version of these files that is known.
const VERSION: u64 = 1;

/// What such a file begins with.
const PACK: u32 = 0x184D_2A55;

/// The longest header that is read, in bytes.
const LONGEST: u32 = 16 << 20;

/// What stands in front.
#[derive(Debug, Deserialize, Serialize)]
struct PackHeader {
    pack: u64,
    runs: Vec<u64>,
}

/// What was packed, or unpacked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PackedRuns {
    /// How many runs are in the file.
    pub runs: u64,
    /// How many of them were new, when they were unpacked.
    pub new: u64,
    /// How long the file is, in bytes.
    pub bytes: u64,
}

/// A test that none of this number of last whole runs has is gone.
const GONE: usize = 3;

impl History {
    /// Writes the last runs of each series that is meant, at most `keep`, as one file.
    ///
    /// Memory: the stream of one run, and the packed file.
    ///
    /// # Errors
    ///
    /// If the history cannot be read. [`Error::Output`] if `output` cannot be written.
    pub fn pack(
        &self,
        keep: usize,
        is_meant: impl Fn(&RunRow) -> bool,
        mut output: impl Write,
    ) -> Result<PackedRuns, Error> {
        let mut all = runs(self.index.connection(), None).map_err(self.index.error())?;
        // Nearly all tests failed: some of them would say something else.
        all.retain(|run| run.is_kept && !run.is_infrastructure && is_meant(run));
        all.sort_by(|one, other| {
            (&one.series, one.seq, one.loaded).cmp(&(&other.series, other.seq, other.loaded))
        });
        let mut files: Vec<Vec<u8>> = Vec::new();
        for series in all.chunk_by(|one, next| one.series == next.series) {
            let last = series.get(series.len().saturating_sub(keep)..).unwrap_or_default();
            let tests = self.telling(last)?;
            let whole = last.iter().rev().find(|run| is_whole(run)).map(|run| run.id);
            for run in last {
                let all_tests = whole == Some(run.id) || run.counts.damage > 0;
                files.push(self.packed(run, &tests, all_tests)?);
            }
        }
        let header = PackHeader {
            pack: VERSION,
            runs: files.iter().map(|file| file.len() as u64).collect(),
        };
        let header = serde_json::to_vec(&header).map_err(io::Error::from);
        let header = header.and_then(|json| run_file::skippable(PACK, &json));
        let header = header.map_err(Error::Output)?;
        let mut bytes = 0;
        for part in std::iter::once(&header).chain(&files) {
            output.write_all(part).map_err(Error::Output)?;
            bytes += part.len() as u64;
        }
        output.flush().map_err(Error::Output)?;
        Ok(PackedRuns { runs: files.len() as u64, new: 0, bytes })
    }

    /// The tests that failed or were flaky in one of these runs, without those that are gone: a packed file has too few
    /// whole runs to tell.
    fn telling(&self, runs: &[RunRow]) -> Result<TestSet, Error> {
        let whole = runs.iter().enumerate().rev().filter(|(_, run)| is_whole(run));
        let last: Vec<usize> = whole.map(|(place, _)| place).take(GONE).collect();
        let is_gone = |outcomes: &[OutcomeCode]| {
            let is_absent = |place: &usize| {
                outcomes.get(*place).is_none_or(|outcome| *outcome == OutcomeCode::ABSENT)
            };
            last.len() == GONE && last.iter().all(is_absent)
        };
        let read = || {
            let mut found = self.outcomes(runs)?;
            found.retain(|(_, outcomes)| !is_gone(outcomes));
            let numbers = found.iter().map(|(test, _)| *test);
            let mut names = TestNames::of_all(self.index.connection(), numbers)?;
            let mut tests = TestSet::default();
            for (test, _) in found {
                tests.insert(names.of(test)?);
            }
            Ok(tests)
        };
        read().map_err(self.index.error())
    }

    fn packed(&self, run: &RunRow, tests: &TestSet, all_tests: bool) -> Result<Vec<u8>, Error> {
        let path = self.folder.run(&run.uuid);
        let archive = self.archive(&run.uuid)?;
        let header = archive.header().clone();
        if run.counts.damage > 0 {
            // Less of it would be judged in another way.
            return std::fs::read(&path).map_err(Error::file(&path));
        }
        let mut stream = Vec::new();
        let reduction = if all_tests { Reduction::Files(tests) } else { Reduction::Tests(tests) };
        reduce(archive.stream()?, reduction, &mut stream).map_err(Error::file(&path))?;
        let header = RunHeader {
            uuid: run.uuid.clone(),
            thinned: true,
            partial: header.partial || !all_tests,
            interrupted: run.is_interrupted,
            ..header
        };
        let mut file = Vec::new();
        run_file::write_to(&header, &stream[..], |bytes| {
            file.extend_from_slice(bytes);
            Ok(())
        })
        .map_err(Error::Output)?;
        Ok(file)
    }
}

fn is_whole(run: &RunRow) -> bool {
    !run.is_partial && !run.is_interrupted
}

impl Store {
    /// Takes the runs of a packed file in, those that are not there yet.
    ///
    /// # Errors
    ///
    /// If it is no such file, or a newer program wrote it, or a run cannot be kept; those before it are.
    pub fn unpack(&mut self, path: &Path) -> Result<PackedRuns, Error> {
        let wrong = |what: &str| Error::RunArchive { path: path.to_owned(), what: what.to_owned() };
        let mut file = File::open(path).map_err(Error::file(path))?;
        let bytes = file.metadata().map_err(Error::file(path))?.len();
        let header =
            run_file::read_skippable(&mut file, PACK, LONGEST).map_err(Error::file(path))?;
        let header = header.ok_or_else(|| wrong("not a file of `subunit history pack`"))?;
        let header: PackHeader =
            serde_json::from_slice(&header).map_err(|_| wrong("its header cannot be read"))?;
        if header.pack > VERSION {
            let (found, known) = (header.pack, VERSION);
            return Err(Error::NewerRunFile { path: path.to_owned(), found, known });
        }
        let mut unpacked = PackedRuns { bytes, ..PackedRuns::default() };
        for length in header.runs {
            let (_, is_known) = self.take_in_file((&mut file).take(length), length, path)?;
            unpacked.runs += 1;
            unpacked.new += u64::from(!is_known);
        }
        Ok(unpacked)
    }
}
