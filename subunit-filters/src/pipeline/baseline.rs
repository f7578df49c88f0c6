//! The run that a run is compared with: read before anything else is.

use std::{
    io::{self, Read},
    path::Path,
};

use subunit_core::{
    Damage, Event, InputReader, Packet,
    run::{Baseline, BaselineReader, FlakyTests},
    sink::{Flow, Sink},
};
use subunit_formats::{Format, auto::AutoReader};

use super::edit::Edit;
use crate::{console::Console, exit::Error, files::input::open};

/// A run to compare with: its file, and the name that its tests have in front.
pub(super) struct Earlier<'a> {
    pub(super) path: &'a Path,
    pub(super) label: Option<String>,
}

/// Reads runs that were judged as this one is, by `flaky_tests` and `edit`. What they are written in is found out, or
/// else is `format`.
///
/// # Errors
///
/// If one cannot be read, or tells of no test that ended.
pub(super) fn read(
    runs: Vec<Earlier<'_>>,
    flaky_tests: FlakyTests,
    edit: &Edit,
    format: Option<Format>,
    console: &mut Console<'_>,
) -> Result<Baseline, Error> {
    let mut baseline = BaselineReader::new(flaky_tests);
    for Earlier { path, label } in runs {
        let name = path.display();
        let (ended, damage) = (baseline.ended(), baseline.damaged());
        let mut edit = edit.clone();
        edit.set_label(label);
        let named = format.map(|_| baseline.clone());
        let as_found = BaselineReading {
            reader: AutoReader::new(None),
            edited: Edited { baseline, edit: edit.clone() },
        };
        let as_named = named.map(|baseline| BaselineReading {
            reader: AutoReader::new(format),
            edited: Edited { baseline, edit },
        });
        let mut readings: Vec<_> = [as_found].into_iter().chain(as_named).collect();
        push(path, &mut readings, console)?;
        let mut read = readings.into_iter().map(|reading| reading.edited.baseline);
        let found = read.next().unwrap_or_else(|| BaselineReader::new(flaky_tests));
        baseline = match read.next() {
            Some(named) if found.ended() == ended => named,
            _ => found,
        };
        if baseline.ended() == ended {
            return Err(Error::Usage(format!(
                "{name}: not a run to compare with: no test has finished in it"
            )));
        }
        if baseline.damaged() > damage {
            console.say(format_args!(
                "{name}: the stream is damaged: failures lost in it count as new"
            ))?;
        }
    }
    Ok(baseline.into_baseline())
}

/// A run as it is read in one way.
struct BaselineReading {
    reader: AutoReader,
    edited: Edited,
}

/// Reads one of them, once: it may be a pipe. Nothing of it is shown.
fn push(
    path: &Path,
    readings: &mut [BaselineReading],
    console: &mut Console<'_>,
) -> Result<(), Error> {
    /// How much is asked of the input at once.
    const BLOCK: usize = 64 * 1024;
    let (mut input, name) = open(path, console)?;
    let mut block = vec![0; BLOCK];
    loop {
        let bytes = match input.read(&mut block) {
            Ok(read) => block.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(Error::File { name, source }),
        };
        for BaselineReading { reader, edited } in &mut *readings {
            if bytes.is_empty() {
                reader.finish(edited);
                edited.finish();
                continue;
            }
            reader.space(BLOCK)[..bytes.len()].copy_from_slice(bytes);
            reader.filled(bytes.len(), edited);
        }
        if bytes.is_empty() {
            return Ok(());
        }
    }
}

/// Changes events as those of the run are, before they are judged.
struct Edited {
    baseline: BaselineReader,
    edit: Edit,
}

impl Sink for Edited {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let Self { baseline, edit } = self;
        if edit.is_none() || edit.is_labelled(event) {
            return baseline.event(event);
        }
        baseline.event(&edit.of(event))
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        self.event(packet.event())
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.baseline.damage(damage)
    }

    fn finish(&mut self) {
        self.baseline.finish();
    }
}
