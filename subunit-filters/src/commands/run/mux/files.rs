//! The hub at files, by nothing but reads that wait: for systems without `poll`.

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
};

use subunit_core::{Timestamp, sink::Verdict};
use subunit_mux::{Ending, Hub, Moment, Options, Outbox, Readers};

use super::names::name_of;
use crate::{console::Console, exit::Error};

/// How much is read of one file before it is the next one's turn.
const BLOCK: usize = 256 * 1024;

/// Joins files, a block of each at a time.
///
/// # Errors
///
/// If a file cannot be read, two have one name, or the output cannot be written.
pub(crate) fn run(
    paths: &[PathBuf],
    names: &[String],
    readers: &Readers,
    options: Options,
    console: &mut Console<'_>,
) -> Result<Verdict, Error> {
    let mut hub = Hub::new(options);
    let mut out = Outbox::new();
    let mut inputs = Vec::new();
    for (ordinal, path) in paths.iter().enumerate() {
        let name = name_of(names, ordinal);
        let id = hub
            .attach_reader(&name, readers.of(&name))
            .map_err(|error| Error::Usage(error.to_string()))?;
        hub.keep_times(id);
        let shown = path.display().to_string();
        let failed = |source| Error::File { name: shown.clone(), source };
        inputs.push((id, File::open(path).map_err(failed)?, shown));
    }
    while !inputs.is_empty() {
        let mut left = Vec::new();
        for (id, mut file, shown) in inputs {
            let now = Moment { time: Timestamp::now(), ..Moment::default() };
            let Some(room) = hub.space(id, BLOCK) else { continue };
            let length = match file.read(&mut room[..BLOCK]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    left.push((id, file, shown));
                    continue;
                }
                read => read.map_err(|source| Error::File { name: shown.clone(), source })?,
            };
            if length == 0 {
                hub.detach(id, Ending::Read, now, &mut out);
            } else {
                hub.filled(id, length, now, &mut out);
                left.push((id, file, shown));
            }
            console.stdout.write_all(out.as_bytes())?;
            out.clear();
            for report in hub.take_reports() {
                let route = report.route_code.unwrap_or_default();
                console.say(format_args!("{route}: {}", report.kind))?;
            }
        }
        inputs = left;
    }
    console.flush()?;
    Ok(hub.verdict())
}
