//! Which files of results has a process written, and what do they say? Its console is passed on.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::{Duration, Instant, SystemTime},
};

use subunit_core::{
    Damage, Event, FileChunk, Status,
    sink::{Flow, Sink},
    text::ansi,
};
use subunit_formats::auto;

use super::{
    output::{BLOCK, is_silent, start_with_output},
    report_files::{LAST, ReportFiles},
    told::ProcessTold,
};

/// How often new files are looked for.
const OFTEN: Duration = Duration::from_millis(300);

/// Runs a process and reads its reports, as they come where that can be.
///
/// # Errors
///
/// If it cannot be started, or a report cannot be read.
pub(super) fn run(
    command: &mut Command,
    files: &ReportFiles,
    told: &mut ProcessTold<'_>,
) -> io::Result<ExitStatus> {
    let mut reports = Reports::new(files);
    let (mut console, mut child) = start_with_output(command)?;
    let mut last = Vec::new();
    let mut block = vec![0; BLOCK];
    let mut looked = Instant::now();
    loop {
        while files.whole.is_some() && (looked.elapsed() > OFTEN || is_silent(&console)) {
            reports.read_new(told, false)?;
            looked = Instant::now();
        }
        match console.read(&mut block) {
            Ok(0) => break,
            Ok(read) => {
                let bytes = &block[..read];
                // Nobody reads it any more; results are what counts.
                let _ = io::stdout().write_all(bytes);
                told.tail.take(bytes);
                keep_last(&mut last, bytes);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let status = child.wait()?;
    reports.read_new(told, true)?;
    let last = ansi::plain(&last);
    let names = files.cut_short.map(|names| names(&last, status.success()));
    for name in names.unwrap_or_default() {
        let _ = told.event(&Event { runnable: false, ..Event::status(&name, Status::InProgress) });
    }
    Ok(status)
}

fn keep_last(last: &mut Vec<u8>, bytes: &[u8]) {
    last.extend_from_slice(bytes);
    if last.len() > 2 * LAST {
        last.drain(..last.len() - LAST);
    }
}

/// What tells one version of a file from another.
type Version = (SystemTime, u64);

/// The files of a process, and which of them are known.
struct Reports<'f> {
    files: &'f ReportFiles,
    known: HashMap<PathBuf, Version>,
}

impl<'f> Reports<'f> {
    /// What is there by now is of an earlier run.
    fn new(files: &'f ReportFiles) -> Self {
        let mut reports = Self { files, known: HashMap::new() };
        reports.known.extend(reports.found());
        reports
    }

    fn found(&self) -> Vec<(PathBuf, Version)> {
        let mut found = Vec::new();
        for folder in &self.files.folders {
            for path in entries(folder) {
                if path.is_dir() {
                    found.extend(entries(&path).into_iter().filter_map(|path| self.fits(path)));
                } else {
                    found.extend(self.fits(path));
                }
            }
        }
        found.sort_by(|(one, (then, _)), (other, (later, _))| (then, one).cmp(&(later, other)));
        found
    }

    fn fits(&self, path: PathBuf) -> Option<(PathBuf, Version)> {
        let (begins, ends) = self.files.names;
        let name = path.file_name()?.to_str()?;
        let metadata = fs::metadata(&path).ok()?;
        let is_one = name.starts_with(begins) && name.ends_with(ends) && metadata.is_file();
        let version = (metadata.modified().ok()?, metadata.len());
        is_one.then_some((path, version))
    }

    /// Reads what is new, or is not what it was.
    fn read_new(&mut self, told: &mut ProcessTold<'_>, is_over: bool) -> io::Result<()> {
        for (path, version) in self.found() {
            let is_known = self.known.get(&path) == Some(&version);
            if is_known || !(is_over || self.is_whole(&path)) {
                continue;
            }
            let mut sink = ReportSink(told);
            let read = File::open(&path)
                .and_then(|file| auto::read(file, Some(self.files.format), &mut sink));
            let named = |error| io::Error::other(format!("{}: {error}", path.display()));
            let _ = read.map_err(named)?;
            self.known.insert(path, version);
        }
        Ok(())
    }

    fn is_whole(&self, path: &Path) -> bool {
        const END: u64 = 64;
        let end = || {
            let mut file = File::open(path)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
            let mut bytes = Vec::new();
            file.take(END).read_to_end(&mut bytes)?;
            io::Result::Ok(bytes)
        };
        let whole = self.files.whole.map(str::as_bytes);
        whole.is_some_and(|whole| end().is_ok_and(|end| end.trim_ascii_end().ends_with(whole)))
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Passes on what a report says, without properties: these hold the machine's variables, and so its secrets.
struct ReportSink<'t, 'r>(&'t mut ProcessTold<'r>);

impl Sink for ReportSink<'_, '_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let is_properties = |file: FileChunk<'_>| {
            file.name == "properties"
                || event.test_id.is_none() && file.name.ends_with(" properties")
        };
        if event.file.is_some_and(is_properties) { Flow::Continue } else { self.0.event(event) }
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.0.damage(damage)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.0.text(bytes)
    }
}
