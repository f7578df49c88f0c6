//! Starts a process of a runner, and reads its results where they are.

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::{fd::AsFd, unix::fs::OpenOptionsExt},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
};

use rustix::fs::{CWD, FileType, Mode, OFlags, fcntl_getfl, fcntl_setfl, mknodat};
use subunit_core::InputReader;
use subunit_formats::{Format, auto::AutoReader};
use subunit_mux::ending::Tail;

use super::{
    invoked::Invoked,
    output::{BLOCK, is_silent, start_with_output},
    reports,
    results::{ResultWriter, without_own},
    runner_process::{RESULTS, ResultSource, RunnerProcess},
    told::ProcessTold,
};

/// How a process ended, and what it has told.
pub(super) struct ProcessEnd {
    pub(super) status: ExitStatus,
    /// The tests that have a result.
    pub(super) ended: HashSet<String>,
    /// The tests that ran when it ended.
    pub(super) running: HashSet<String>,
    /// What is no test and had begun when it ended.
    pub(super) groups: Vec<String>,
    /// Whether a failure was told that explains its exit status, also one that was not asked for.
    pub(super) is_explained: bool,
    /// The last lines that it printed.
    pub(super) tail: Tail,
}

/// Runs a process to its end.
///
/// # Errors
///
/// If it cannot be started, or results cannot be passed on.
pub(super) fn run(
    process: &RunnerProcess,
    invoked: &Invoked,
    results: &mut ResultWriter,
) -> io::Result<ProcessEnd> {
    let path = invoked.own_file("results");
    let mut command = command_of(process, &path);
    let mut told = ProcessTold::new(results, process);
    match (process.tests.as_deref(), process.source) {
        (Some([(_, id)]), ResultSource::Pipe(Format::Jsonl)) => told.expect(id),
        // It may never come to its tests.
        (_, ResultSource::Files) => {}
        (Some([(_, id)]), _) => told.begin(id),
        _ => told.begin_next(),
    }
    let started = match process.source {
        ResultSource::Output(format) => read_output(&mut command, format, &mut told),
        ResultSource::Pipe(format) => read_pipe(&mut command, &path, format, &mut told),
        ResultSource::Files => match &process.reports {
            Some(files) => reports::run(&mut command, files, &mut told),
            None => Err(io::Error::other("its reports are nowhere")),
        },
        ResultSource::Status => Err(io::Error::other("a test of its own has no results")),
    };
    let _ = fs::remove_file(&path);
    let status = started?;
    let (running, groups) = (told.running(), told.open_groups());
    if running.is_empty() {
        told.tell_of_the_run();
    }
    told.finish()?;
    let ProcessTold { ended, failures, others_failed, tail, .. } = told;
    let is_explained = failures > 0 || others_failed;
    Ok(ProcessEnd { status, ended, running, groups, is_explained, tail })
}

/// The command of a process, without what is only a worker's.
pub(super) fn command_of(process: &RunnerProcess, results: &Path) -> Command {
    let path = results.to_string_lossy();
    let words: Vec<String> =
        process.words.iter().map(|word| word.replace(RESULTS, &path)).collect();
    let mut command = super::listing::command(&words);
    without_own(&mut command);
    if let Some(folder) = &process.folder {
        command.current_dir(folder);
    }
    if matches!(process.source, ResultSource::Pipe(_)) {
        command.env(RESULTS, results);
    }
    command.envs(process.environment.iter().map(|(name, value)| (name, value)));
    command
}

fn read_output(
    command: &mut Command,
    format: Format,
    told: &mut ProcessTold<'_>,
) -> io::Result<ExitStatus> {
    let (reader, mut child) = start_with_output(command)?;
    read_all(reader, format, told)?;
    child.wait()
}

fn read_pipe(
    command: &mut Command,
    path: &Path,
    format: Format,
    told: &mut ProcessTold<'_>,
) -> io::Result<ExitStatus> {
    let (reader, writer) = named_pipe(path)?;
    let child = start_with_console(command)?;
    let waiting = thread::spawn(move || {
        let ended = child.wait();
        drop(writer);
        ended
    });
    read_all(reader, format, told)?;
    take(waiting, told)
}

/// A new pipe that processes open by its path. The second end holds it open, so that the reader waits for them.
pub(super) fn named_pipe(path: &Path) -> io::Result<(File, File)> {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
    // To open one end of a pipe waits for the other; what is open here ends the reader, whether the process
    // has opened it or not.
    let reader = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path)?;
    let writer = OpenOptions::new().write(true).open(path)?;
    fcntl_setfl(&reader, fcntl_getfl(&reader)? - OFlags::NONBLOCK)?;
    Ok((reader, writer))
}

/// A process whose console is ours. The last lines of what it says on standard error are kept.
struct WithConsole(Child);

fn start_with_console(command: &mut Command) -> io::Result<WithConsole> {
    Ok(WithConsole(command.stderr(Stdio::piped()).spawn()?))
}

impl WithConsole {
    fn wait(mut self) -> io::Result<(ExitStatus, Tail)> {
        let mut tail = Tail::default();
        let mut errors = self.0.stderr.take().ok_or_else(|| io::Error::other("no pipe"))?;
        let mut block = vec![0; BLOCK];
        loop {
            match errors.read(&mut block) {
                Ok(0) => break,
                Ok(read) => {
                    tail.take(&block[..read]);
                    // Nobody reads it any more; results are what counts.
                    let _ = io::stderr().write_all(&block[..read]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        Ok((self.0.wait()?, tail))
    }
}

fn take(
    waiting: thread::JoinHandle<io::Result<(ExitStatus, Tail)>>,
    told: &mut ProcessTold<'_>,
) -> io::Result<ExitStatus> {
    let ended = waiting.join().map_err(|_| io::Error::other("its end was not seen"))?;
    let (status, tail) = ended?;
    told.tail = tail;
    Ok(status)
}

fn read_all(
    mut input: impl Read + AsFd,
    format: Format,
    told: &mut ProcessTold<'_>,
) -> io::Result<()> {
    let mut reader = AutoReader::new(Some(format));
    loop {
        if told.counts_ends() && reader.is_waiting() && is_silent(&input) {
            reader.pause(told);
        }
        let room = &mut reader.space(BLOCK)[..BLOCK];
        match input.read(room) {
            Ok(0) => break,
            Ok(read) => {
                reader.filled(read, told);
                told.pause();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    reader.finish(told);
    Ok(())
}
