//! `subunit load`: streams become runs of the history.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use subunit_core::{Damage, Event, MAX_LENGTH, Packet, Writer};
use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::{Filter, FromArg, Inputs, Out, TextArgs, run_returning},
};
use subunit_history::{History, KeptRun, NewRun, RunWriter, Store, query::RunRow};

use super::{
    json::{self, JsonArg, JsonRuns},
    old_stores::OldRuns,
    place::{HistoryArg, error},
    table,
    upkeep::tidy,
};

/// Keep runs in the history: files, or standard input, of any format
///
/// Each file is a run; a folder of testr, stestr or inquest holds several. A file of another history, `RUN.sub.zst`, comes with its name and its series. The very same
/// stream is kept once, if it has a name. When a run is named here, it is kept for good.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct LoadVerb {
    #[command(flatten)]
    format: FromArg,
    /// The runs, a file each, or folders such as .testrepository, .stestr or .inquest; reads standard input if none is given, or for `-`
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Say that only a selection of the tests was asked for, so that the others keep their results
    #[arg(long)]
    partial: bool,
    /// The series of the runs [default: what the stream says: its series or its branch]
    #[arg(long, value_name = "NAME")]
    series: Option<String>,
    #[command(flatten)]
    form: JsonArg,
    #[command(flatten)]
    history: HistoryArg,
}

impl Command for LoadVerb {
    const NAME: &'static str = "load";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit load run.subunit
  $ cat run.subunit | subunit load --series main

Exit status: that of the runs: 0 all passed; 1 something failed; 4 there was no test; or 2 a run could not be
kept.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut store = self.history.write(console)?;
        let files = if self.files.is_empty() { vec!["-".into()] } else { self.files.clone() };
        let mut exits = Vec::new();
        let mut rows = Vec::new();
        let old = |file: &PathBuf| file.is_dir().then(|| OldRuns::open(file)).transpose();
        let old = files.iter().map(old).collect::<Result<Vec<_>, _>>()?;
        for old in old.iter().flatten() {
            for place in 0..old.len() {
                let id = self.load_old(old.stream(place)?, &mut store)?;
                let Some(run) = self.history.read()?.run(id).map_err(error)? else { continue };
                exits.push(Exit::of(run.counts.verdict(), false));
                if !self.form.json {
                    self.tell(&run, false, console)?;
                }
                rows.push(run);
            }
        }
        for file in files.iter().filter(|file| !file.is_dir()) {
            let (id, is_known) = match self.load(file, &mut store, console) {
                Ok(Some(kept)) => kept,
                Ok(None) => break,
                Err(error) if files.len() > 1 => {
                    console.say(&error)?;
                    exits.push(Exit::Broken);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let history = self.history.read()?;
            let Some(run) = history.run(id).map_err(error)? else { continue };
            exits.push(Exit::of(run.counts.verdict(), false));
            if !self.form.json {
                self.tell(&run, is_known, console)?;
            }
            rows.push(run);
        }
        drop(store);
        if !rows.is_empty() {
            let added = |_: &History| Ok(rows.clone());
            tidy(&self.history.path(), Path::new("."), &added, console)?;
        }
        if self.form.json {
            json::write(&JsonRuns::of(&rows), console)?;
        }
        Ok(worst(&exits))
    }
}

impl LoadVerb {
    /// Keeps a run. Returns its number, and whether it was there; none if a signal has ended the reading.
    fn load(
        &self,
        file: &Path,
        store: &mut Store,
        console: &mut Console<'_>,
    ) -> Result<Option<(i64, bool)>, Error> {
        if is_run_file(file) {
            return store.import(file).map(Some).map_err(error);
        }
        let new = NewRun { series: self.series.clone(), partial: self.partial, live: false };
        let writer = store.begin(new).map_err(error)?;
        let inputs = Inputs { format: self.format, files: vec![file.to_owned()] };
        let uuid = writer.uuid().to_owned();
        let loader = Loader { writer: Some(writer), bytes: Vec::new() };
        let loaded = run_returning(loader, &inputs, TextArgs::default(), console);
        let loader = match loaded.and_then(Loader::written) {
            Ok(loader) => loader,
            Err(failure) => {
                // A file can be loaded again; a part of it would be another run.
                if file != Path::new("-") {
                    store.discard(&uuid).map_err(error)?;
                }
                return Err(failure);
            }
        };
        if console.interrupts.heard().is_some() {
            // What came is kept as interrupted, with the next opening.
            return Ok(None);
        }
        let Some(writer) = loader.writer else { return Ok(None) };
        let KeptRun { id, is_known, .. } = writer.finish(store).map_err(error)?;
        Ok(Some((id, is_known)))
    }

    /// Keeps a run of testr, stestr or inquest. Returns its number.
    fn load_old(&self, stream: Box<dyn Read>, store: &mut Store) -> Result<i64, Error> {
        let new = NewRun { series: self.series.clone(), partial: self.partial, live: false };
        Ok(store.take(new, stream).map_err(error)?.id)
    }

    fn tell(&self, run: &RunRow, is_known: bool, console: &mut Console<'_>) -> Result<(), Error> {
        let look = console.stdout_look;
        let series = subunit_filters::style::escaped(look, &run.series).to_string();
        let known = if is_known { ", known before" } else { "" };
        let summary = table::summary(run);
        writeln!(console.stdout, "@{} {series}: {summary}{known}", run.id)?;
        Ok(console.flush()?)
    }
}

/// Whether a file is of a history.
fn is_run_file(file: &Path) -> bool {
    let mut begin = [0; 4];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut begin));
    read.is_ok() && u32::from_le_bytes(begin) == 0x184D_2A53
}

/// The worst of several.
fn worst(exits: &[Exit]) -> Exit {
    let has = |wanted| exits.contains(&wanted);
    [Exit::Broken, Exit::Failed, Exit::NoTests]
        .into_iter()
        .find(|exit| has(*exit))
        .unwrap_or(Exit::Passed)
}

/// Writes what comes into the history: packets, text and damage as they are, other formats as packets.
struct Loader {
    writer: Option<RunWriter>,
    bytes: Vec<u8>,
}

impl Loader {
    /// All that came has been written.
    fn written(mut self) -> Result<Self, Error> {
        self.writer.as_mut().map_or(Ok(()), RunWriter::pause).map_err(error)?;
        Ok(self)
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.writer {
            Some(writer) => writer.write(bytes).map_err(io::Error::other),
            None => Ok(()),
        }
    }
}

impl Filter for Loader {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if let Some(packet) = packet {
            return self.take(packet.bytes());
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        Writer::with_limit(&mut bytes, MAX_LENGTH).event(event)?;
        let taken = self.take(&bytes);
        self.bytes = bytes;
        taken
    }

    fn text(&mut self, bytes: &[u8], _out: &mut Out<'_, '_>) -> io::Result<()> {
        self.take(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>, _out: &mut Out<'_, '_>) -> io::Result<()> {
        self.take(damage.bytes)
    }

    fn tick(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        match &mut self.writer {
            Some(writer) => writer.pause().map_err(io::Error::other),
            None => Ok(()),
        }
    }

    fn is_lossless(&self) -> bool {
        true
    }

    fn broken(&mut self, _reason: &str, _out: &mut Out<'_, '_>) -> io::Result<()> {
        // It is kept as interrupted, with the next opening.
        Ok(())
    }
}
