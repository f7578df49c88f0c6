//! The standard streams of a command, and how things look on them.

use std::{
    io::{self, BufWriter, Read, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use crate::{
    defuse::{Defused, log_is_obeyed},
    exit::Error,
    files::same_file::refuse_standard_output,
    interrupts::Interrupts,
    style::{ColourChoice, Look, escaped},
};

/// Where a command reads and writes. Tests use buffers instead of the process's streams.
pub struct Console<'c> {
    /// What the command is called in messages: `subunit stats`, or the name of a traditional tool.
    pub name: String,
    /// Standard input, until a command takes it.
    pub stdin: Option<Box<dyn Source + 'c>>,
    /// Standard output, buffered.
    pub stdout: Box<dyn Write + 'c>,
    /// Standard error, buffered.
    pub stderr: Box<dyn Write + 'c>,
    /// How standard output shows what is written to it.
    pub stdout_look: Look,
    /// How standard error shows what is written to it.
    pub stderr_look: Look,
    /// What may ask the command to end early.
    pub interrupts: Interrupts,
    /// What there is besides the command, for those that tell of all.
    pub definitions: Definitions,
}

/// What the commands of the program are, as clap knows them. Making them takes time.
#[derive(Clone, Copy, Debug)]
pub struct Definitions {
    /// The program with its verbs.
    pub verbs: fn() -> clap::Command,
    /// The traditional tools.
    pub tools: fn() -> Vec<clap::Command>,
}

impl Default for Definitions {
    /// A program without verbs.
    fn default() -> Self {
        Self { verbs: || clap::Command::new("subunit"), tools: Vec::new }
    }
}

impl Console<'static> {
    /// The console of this process.
    ///
    /// # Errors
    ///
    /// If standard output is not to be had.
    pub fn of_process(
        name: String,
        choice: ColourChoice,
        definitions: Definitions,
    ) -> io::Result<Self> {
        Ok(Self {
            name,
            stdin: Some(Box::new(Stdin)),
            stdout_look: look(&io::stdout(), choice),
            stderr_look: look(&io::stderr(), choice),
            interrupts: Interrupts::of_process(),
            definitions,
            // Buffered here, and flushed where the input pauses; not once more at every line end.
            stdout: match closed_stdout() {
                None => Box::new(BufWriter::with_capacity(BUFFER, unbuffered_stdout()?)),
                Some(_) => Box::new(BufWriter::with_capacity(BUFFER, Closed)),
            },
            stderr: if log_is_obeyed() {
                Box::new(BufWriter::with_capacity(BUFFER, Defused::new(Stderr)))
            } else {
                Box::new(BufWriter::with_capacity(BUFFER, Stderr))
            },
        })
    }
}

impl<'c> Console<'c> {
    /// Writes a line to standard error: `subunit stats: MESSAGE`.
    ///
    /// # Errors
    ///
    /// Those of standard error.
    pub fn say(&mut self, message: impl std::fmt::Display) -> io::Result<()> {
        // Names of files and of fields are other people's text.
        let message = message.to_string();
        writeln!(self.stderr, "{}: {}", self.name, escaped(self.stderr_look, &message))
    }

    /// Whether the command is a verb, and not a traditional tool, which says what it always said.
    pub(crate) fn is_of_verb(&self) -> bool {
        self.name.starts_with("subunit ")
    }

    /// Takes standard input, to read it.
    ///
    /// # Errors
    ///
    /// If it was taken before, or is a file that this process writes to.
    pub fn take_stdin(&mut self) -> Result<Box<dyn Source + 'c>, Error> {
        let again = || {
            Error::Usage(
                "standard input can be read only once: name files for the other inputs".into(),
            )
        };
        let stdin = self.stdin.take().ok_or_else(again)?;
        refuse_standard_output("-".as_ref())?;
        Ok(stdin)
    }

    /// From now on standard output is for people: where it goes to a log that is obeyed, nobody obeys what
    /// tests print.
    pub(crate) fn show_on_stdout(&mut self) {
        if log_is_obeyed() {
            let stdout = std::mem::replace(&mut self.stdout, Box::new(io::sink()));
            self.stdout = Box::new(Defused::new(stdout));
        }
    }

    /// Flushes both outputs.
    ///
    /// # Errors
    ///
    /// Those of the outputs.
    pub fn flush(&mut self) -> io::Result<()> {
        // If both go to one place, notices come before the report.
        self.stderr.flush()?;
        self.stdout.flush()
    }
}

const BUFFER: usize = 64 * 1024;

fn look(output: &impl anstream::stream::RawStream, choice: ColourChoice) -> Look {
    let colour = match choice {
        ColourChoice::Always => true,
        ColourChoice::Never => false,
        ColourChoice::Auto => anstream::AutoStream::choice(output) != anstream::ColorChoice::Never,
    };
    Look { colour, terminal: output.is_terminal() }
}

/// An input that may be alive.
pub trait Source: Read {
    /// Waits until there is something to read, at most `time`; whether there is. An input of which
    /// that cannot be known always seems to have something.
    fn wait(&mut self, _time: Duration) -> bool {
        true
    }

    /// Does what is due besides reading, for an input that has more to say than what is read of it, and
    /// answers signals itself. What it has to say belongs on standard error. Its [`Source::wait`] may come
    /// back before its time, for this to be done.
    fn aside(&mut self) -> Option<Vec<u8>> {
        None
    }

    /// Whether somebody has to type what is read.
    fn is_typed(&self) -> bool {
        false
    }
}

impl Source for &[u8] {}

impl Source for Box<dyn Source + '_> {
    fn wait(&mut self, time: Duration) -> bool {
        (**self).wait(time)
    }

    fn aside(&mut self) -> Option<Vec<u8>> {
        (**self).aside()
    }

    fn is_typed(&self) -> bool {
        (**self).is_typed()
    }
}

/// Standard input, past the buffer that std puts around it.
#[derive(Debug)]
struct Stdin;

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Reads of more than its buffer's size go right through the lock's reader.
        patiently(Wish::Read, &io::stdin(), || io::stdin().lock().read(buffer))
    }
}

impl Source for Stdin {
    fn is_typed(&self) -> bool {
        io::IsTerminal::is_terminal(&io::stdin())
    }

    #[cfg(unix)]
    fn wait(&mut self, time: Duration) -> bool {
        wait_for(io::stdin(), time)
    }
}

impl Source for std::fs::File {
    #[cfg(unix)]
    fn wait(&mut self, time: Duration) -> bool {
        wait_for(&*self, time)
    }
}

/// Whether standard input is a pipe, a file or the like: neither a terminal nor `/dev/null`, from
/// which nothing is to be expected.
pub fn stdin_is_a_stream() -> bool {
    #[cfg(unix)]
    {
        use std::os::{fd::AsFd, unix::fs::FileTypeExt};
        let copy = io::stdin().as_fd().try_clone_to_owned();
        let kind = copy.and_then(|copy| std::fs::File::from(copy).metadata());
        kind.is_ok_and(|kind| !kind.file_type().is_char_device())
    }
    #[cfg(not(unix))]
    {
        !io::IsTerminal::is_terminal(&io::stdin())
    }
}

#[cfg(unix)]
fn wait_for(input: impl std::os::fd::AsFd, time: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let timeout = Timespec {
        tv_sec: time.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    };
    let mut inputs = [PollFd::new(&input, PollFlags::IN)];
    // A signal is looked at by whoever waits; other errors are found by the read that follows.
    !matches!(poll(&mut inputs, Some(&timeout)), Ok(0) | Err(rustix::io::Errno::INTR))
}

/// Standard error. Once nobody reads it any more, what is written to it is dropped: the report on
/// standard output goes on, and with it the exit status.
#[derive(Debug)]
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match patiently(Wish::Write, &io::stderr(), || io::stderr().write(bytes)) {
            Err(error) if is_gone(&error) => Ok(bytes.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Whether an error says that nobody reads any more: a pipe, or a terminal that was closed.
fn is_gone(error: &io::Error) -> bool {
    #[cfg(unix)]
    if rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::IO) {
        return true;
    }
    error.kind() == io::ErrorKind::BrokenPipe
}

/// Whether there was no standard output when the process began.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Looks whether there is a standard output; before `main`, when Rust has not opened another one yet.
#[cfg(unix)]
pub fn note_closed_stdout() {
    if rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_err() {
        CLOSED.store(true, Ordering::Relaxed);
    }
}

/// Why nothing can be written to standard output, where there was none when the process began.
pub(crate) fn closed_stdout() -> Option<io::Error> {
    CLOSED.load(Ordering::Relaxed).then(|| io::Error::other("standard output is closed"))
}

/// A standard output that is none.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        closed_stdout().map_or(Ok(0), Err)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Standard output without std's line buffer around it.
#[cfg(unix)]
#[derive(Debug)]
struct Stdout(std::fs::File);

#[cfg(unix)]
impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        patiently(Wish::Write, &self.0, || (&self.0).write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(unix)]
fn unbuffered_stdout() -> io::Result<Stdout> {
    use std::os::fd::AsFd;
    // The copy of the descriptor is closed with us; standard output itself stays open.
    Ok(Stdout(io::stdout().as_fd().try_clone_to_owned()?.into()))
}

#[cfg(not(unix))]
fn unbuffered_stdout() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}

/// What a stream is to be ready for.
#[derive(Clone, Copy, Debug)]
enum Wish {
    Read,
    Write,
}

/// Does what would block once it no longer would. Whoever shares our standard streams may have made
/// them non-blocking, for us as well.
#[cfg(unix)]
fn patiently<T>(
    wish: Wish,
    stream: &impl std::os::fd::AsFd,
    mut attempt: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    use rustix::event::{PollFd, PollFlags, poll};
    let flags = match wish {
        Wish::Read => PollFlags::IN,
        Wish::Write => PollFlags::OUT,
    };
    loop {
        match attempt() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                match poll(&mut [PollFd::new(stream, flags)], None) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            result => return result,
        }
    }
}

#[cfg(not(unix))]
fn patiently<T, S>(
    _wish: Wish,
    _stream: &S,
    mut attempt: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(terminal: bool, message: &str) -> String {
        let mut stderr = Vec::new();
        let mut console = Console {
            name: "subunit ls".into(),
            stdin: None,
            stdout: Box::new(io::sink()),
            stderr: Box::new(&mut stderr),
            stdout_look: Look::default(),
            stderr_look: Look { colour: false, terminal },
            interrupts: Interrupts::default(),
            definitions: Definitions::default(),
        };
        console.say(message).unwrap();
        drop(console);
        String::from_utf8(stderr).unwrap()
    }

    #[test]
    fn a_terminal_is_not_commanded_by_names_in_messages() {
        let message = "run\x1b[2J: not found";
        assert_eq!(said(true, message), "subunit ls: run\\u{1b}[2J: not found\n");
        assert_eq!(said(false, message), format!("subunit ls: {message}\n"));
    }

    #[cfg(unix)]
    #[test]
    fn streams_that_others_made_non_blocking_are_waited_for() {
        let (mut near, mut far) = std::os::unix::net::UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let bytes = vec![7; 4 << 20];
        let sent = bytes.clone();
        let echo = std::thread::spawn(move || {
            let mut read = vec![0; 4 << 20];
            far.read_exact(&mut read).unwrap();
            far.write_all(b"done").unwrap();
            read
        });
        let mut rest = &sent[..];
        while !rest.is_empty() {
            let descriptor = near.try_clone().unwrap();
            let written = patiently(Wish::Write, &descriptor, || near.write(rest)).unwrap();
            rest = &rest[written..];
        }
        let descriptor = near.try_clone().unwrap();
        let mut answer = [0; 4];
        let read = patiently(Wish::Read, &descriptor, || near.read(&mut answer)).unwrap();
        assert_eq!(&answer[..read], b"done");
        assert_eq!(echo.join().unwrap(), bytes);
    }
}
