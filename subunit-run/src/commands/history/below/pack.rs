//! `subunit history pack` and `unpack`: a history in one small file.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

use subunit_core::run::counted;
use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

use crate::commands::history::{
    place::{HistoryArg, error},
    runs_arg::RunsArg,
};

/// Write the last runs into one small file, for a job that begins without a history
///
/// The last whole run of each series has all its tests; of the others those tests that failed or were flaky in one of them.
/// That is what `failing`, `flaky` and `broken` need, and the times that `subunit run` goes by. Runs in which nearly all
/// failed are left out. A file of this name is replaced. Exit status: 0; 2 it cannot be written.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct PackArgs {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Pack this number of runs of each series, the last ones
    #[arg(long, value_name = "N", default_value = "50")]
    keep: usize,
    #[command(flatten)]
    runs: RunsArg,
}

impl PackArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.runs.read()?;
        let named = |source| Error::File { name: self.file.display().to_string(), source };
        let mut new = self.file.clone().into_os_string();
        new.push(".new");
        let new = PathBuf::from(new);
        let file = File::create(&new).map_err(named)?;
        let packed =
            history.pack(self.keep, |run| self.runs.fits(&run.series), BufWriter::new(&file));
        let packed = packed.map_err(error);
        let packed = packed.and_then(|packed| {
            file.sync_data().and_then(|()| std::fs::rename(&new, &self.file)).map_err(named)?;
            Ok(packed)
        });
        if packed.is_err() {
            // What is wrong is told, this file is not.
            let _ = std::fs::remove_file(&new);
        }
        let packed = packed?;
        writeln!(console.stdout, "{}, {} bytes", counted(packed.runs, "run"), packed.bytes)?;
        Ok(Exit::Passed)
    }
}

/// Take the runs of a packed file in, those that are not there yet
///
/// Several files merge. Exit status: 0; 2 it is no such file, or a run cannot be kept.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct UnpackArgs {
    /// The files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    history: HistoryArg,
}

impl UnpackArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        // Nothing is made for a file that is not there.
        for file in &self.files {
            File::open(file)
                .map_err(|source| Error::File { name: file.display().to_string(), source })?;
        }
        let mut store = self.history.write(console)?;
        for file in &self.files {
            let unpacked = store.unpack(file).map_err(error)?;
            let runs = counted(unpacked.runs, "run");
            writeln!(console.stdout, "{runs}, {} of them new", unpacked.new)?;
        }
        Ok(Exit::Passed)
    }
}
