//! What is a run called, and where does it stand in its series?

use std::fs::File;

use serde_json::{Map, Value};
use subunit_core::run::Counts;

use crate::{
    Error,
    contents::RunContents,
    folder::{HistoryFolder, is_uuid},
    index::Index,
    machine::{micros, now},
    run_file::{FORMAT, RunHeader},
    sql::OptionalRow,
    writer::About,
};

/// The series of runs that name none.
pub const DEFAULT_SERIES: &str = "default";

/// A run that was kept.
#[derive(Clone, Debug)]
pub struct KeptRun {
    /// Its number.
    pub id: i64,
    /// Its name, that of its file.
    pub uuid: String,
    /// Its series.
    pub series: String,
    /// What it holds; decides whether it passed.
    pub counts: Counts,
    /// Whether it was in the history before, so that nothing was added.
    pub is_known: bool,
}

/// What a run is called that has ended.
pub(crate) enum RunName {
    New(String),
    /// The history has this very stream.
    Known(KeptRun),
    /// The history has the beginning of it, or all but its end, as the run of this number and of its name.
    Longer(i64),
}

/// A run of the index.
struct KnownRun {
    id: i64,
    series: String,
    crc32: u32,
    length: i64,
    is_interrupted: bool,
}

/// The name of a run: the one that the stream has, unless another run has that. A run that was received has the name that
/// its client knows. `part` is its file, and the sum of it; `interrupted` says that its end never came.
pub(crate) fn name_of(
    index: &Index,
    folder: &HistoryFolder,
    uuid: &str,
    part: (&File, u32),
    about: &About,
    run: &Map<String, Value>,
    interrupted: bool,
) -> Result<RunName, Error> {
    let (part, crc32) = part;
    if about.received
        && let Some(known) = known(index, uuid)?
    {
        let length = part.metadata().map_or(0, |metadata| metadata.len());
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let is_longer = length > known.length && known.crc32 != crc32;
        let is_the_same = length == known.length && known.crc32 == crc32;
        let ends_now = is_the_same && known.is_interrupted && !interrupted;
        return Ok(match is_longer || ends_now {
            true => RunName::Longer(known.id),
            false => known.named(uuid),
        });
    }
    let own = run.get("uuid").and_then(Value::as_str).filter(|own| is_uuid(own));
    let Some(own) = own else { return Ok(RunName::New(uuid.to_owned())) };
    Ok(match known(index, own)? {
        Some(known) if known.crc32 == crc32 => known.named(own),
        None if !about.received && !folder.run(own).exists() => RunName::New(own.to_owned()),
        _ => RunName::New(uuid.to_owned()),
    })
}

fn known(index: &Index, uuid: &str) -> Result<Option<KnownRun>, Error> {
    let find = "SELECT r.id, s.name, r.crc32, r.raw_bytes, r.interrupted FROM run r JOIN series s ON s.id = r.series WHERE r.uuid = ?";
    let known = index.connection().query_row(find, [uuid], |row| {
        let (id, series) = (row.get(0)?, row.get(1)?);
        let (crc32, length, is_interrupted) = (row.get(2)?, row.get(3)?, row.get(4)?);
        Ok(KnownRun { id, series, crc32, length, is_interrupted })
    });
    known.optional().map_err(index.error())
}

/// What stands in front of the stream of a run.
pub(crate) fn header(
    index: &Index,
    uuid: String,
    about: &About,
    interrupted: bool,
    contents: &RunContents,
) -> Result<RunHeader, Error> {
    let About { new, begun, seq, .. } = about;
    let said = |key: &str| contents.run.get(key).and_then(Value::as_str);
    let series = new.series.as_deref().or_else(|| said("series")).or_else(|| said("branch"));
    let series = series.unwrap_or(DEFAULT_SERIES).to_owned();
    let seq = if let Some(seq) = seq {
        *seq
    } else if new.live {
        (*begun).max(latest_seq(index, &series)?.map_or(i64::MIN, |latest| latest + 1))
    } else {
        contents.start.map_or(*begun, micros)
    };
    Ok(RunHeader {
        format: FORMAT,
        uuid,
        series,
        seq,
        loaded: now(),
        partial: new.partial,
        interrupted,
        thinned: false,
        run: contents.run.clone(),
    })
}

fn latest_seq(index: &Index, series: &str) -> Result<Option<i64>, Error> {
    let latest = "SELECT max(r.seq) FROM run r JOIN series s ON s.id = r.series WHERE s.name = ?";
    index.connection().query_row(latest, [series], |row| row.get(0)).map_err(index.error())
}

impl KnownRun {
    fn named(self, uuid: &str) -> RunName {
        let Self { id, series, .. } = self;
        let (uuid, counts) = (uuid.to_owned(), Counts::default());
        RunName::Known(KeptRun { id, uuid, series, counts, is_known: true })
    }
}
