//! The terminal of a person whose keys we read, and what is given back of it.

use std::{
    io::{self, IsTerminal, Read},
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use nix::unistd::{getpgrp, getsid, tcgetpgrp};
use rustix::{
    io::read,
    stdio,
    termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
    },
};
use signal_hook::{
    consts::{SIGCONT, SIGQUIT, SIGTSTP},
    flag, low_level,
};
use subunit_mux::process::is_readable;

/// A terminal that hands over each key and shows none of them. It is given back when this is dropped, while the
/// process is stopped, and when a signal ends the process that nobody else catches.
pub(crate) struct Keyboard {
    modes: Arc<Mutex<Modes>>,
    /// Whether the process was stopped and goes on: the shell has changed the terminal meanwhile.
    continued: Arc<AtomicBool>,
}

struct Modes {
    before: Termios,
    /// Whether they are ours now.
    are_set: bool,
}

impl Keyboard {
    /// Takes it. `None` where there is no terminal on both sides: what is typed could not be shown where the
    /// output is.
    pub(crate) fn take() -> Option<Self> {
        let keyboard = Self::offered()?;
        let is_taken = keyboard.modes().set();
        is_taken.then_some(keyboard)
    }

    /// As [`Keyboard::take`], but it is taken only when keys are asked for, and while the process is in the
    /// foreground.
    pub(crate) fn offered() -> Option<Self> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return None;
        }
        // A signal is to be answered once, whoever had the keyboard before.
        static WATCHED: OnceLock<Option<Keyboard>> = OnceLock::new();
        let before = tcgetattr(stdio::stdin()).ok()?;
        let watched = WATCHED.get_or_init(|| Self::watched(before.clone()).ok()).as_ref()?;
        let (modes, continued) = (Arc::clone(&watched.modes), Arc::clone(&watched.continued));
        *locked(&modes) = Modes { before, are_set: false };
        Some(Self { modes, continued })
    }

    fn watched(before: Termios) -> io::Result<Self> {
        let modes = Arc::new(Mutex::new(Modes { before, are_set: false }));
        let continued = Arc::<AtomicBool>::default();
        flag::register(SIGCONT, Arc::clone(&continued))?;
        for signal in [SIGTSTP, SIGQUIT] {
            give_back_at(signal, &modes, &continued)?;
        }
        Ok(Self { modes, continued })
    }

    /// After a stop it is taken anew.
    pub(crate) fn come_back(&mut self) {
        if self.continued.swap(false, Ordering::Relaxed) {
            self.modes().set();
        }
    }

    /// The keys that were pressed since this was last asked; none in the background.
    pub(crate) fn pressed(&mut self) -> Vec<u8> {
        let continued = self.continued.swap(false, Ordering::Relaxed);
        let mut modes = self.modes();
        let is_ours = is_in_foreground();
        modes.are_set &= is_ours && !continued;
        if !is_ours || !modes.are_set && !modes.set() {
            return Vec::new();
        }
        let mut keys = vec![0; 256];
        let length = if is_readable(stdio::stdin()) {
            read(stdio::stdin(), &mut keys[..]).unwrap_or(0)
        } else {
            0
        };
        keys.truncate(length);
        keys
    }

    /// The lines that were typed since it was given back; none in the background. `^D` is the end of a line
    /// without one.
    pub(crate) fn lines(&mut self) -> Vec<u8> {
        let mut lines = vec![0; 4096];
        let is_there = is_in_foreground() && is_readable(stdio::stdin());
        let length = if is_there { read(stdio::stdin(), &mut lines[..]).unwrap_or(0) } else { 0 };
        lines.truncate(length);
        lines
    }

    /// Gives it back until keys are asked for again.
    pub(crate) fn release(&mut self) {
        self.modes().restore();
    }

    /// How wide it is.
    pub(crate) fn columns(&self) -> usize {
        match tcgetwinsize(stdio::stdout()) {
            Ok(size) if size.ws_col > 0 => size.ws_col.into(),
            _ => 80,
        }
    }

    fn modes(&self) -> MutexGuard<'_, Modes> {
        locked(&self.modes)
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.release();
    }
}

impl Modes {
    /// Signals still come by their keys.
    fn set(&mut self) -> bool {
        let mut modes = self.before.clone();
        modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        self.are_set = tcsetattr(stdio::stdin(), OptionalActions::Now, &modes).is_ok();
        self.are_set
    }

    /// In the background it is the shell's, which has its own modes.
    fn restore(&mut self) {
        if std::mem::take(&mut self.are_set) && is_in_foreground() {
            // The terminal may be gone.
            let _ = tcsetattr(stdio::stdin(), OptionalActions::Now, &self.before);
        }
    }
}

fn locked(modes: &Mutex<Modes>) -> MutexGuard<'_, Modes> {
    modes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process in the background that changes the modes, or reads, is stopped.
fn is_in_foreground() -> bool {
    tcgetpgrp(stdio::stdin()) == Ok(getpgrp())
}

/// Before the signal does what it does where nobody catches it, the terminal is given back. A thread waits for
/// that: the signal may come while nobody looks.
fn give_back_at(
    signal: i32,
    modes: &Arc<Mutex<Modes>>,
    continued: &Arc<AtomicBool>,
) -> io::Result<()> {
    let (mut reads, writes) = UnixStream::pair()?;
    low_level::pipe::register(signal, writes)?;
    let (modes, continued) = (Arc::clone(modes), Arc::clone(continued));
    let wait = move || {
        let mut byte = [0];
        while matches!(reads.read(&mut byte), Ok(1..)) {
            // Nobody takes the terminal again before the process is stopped.
            let mut modes = locked(&modes);
            modes.restore();
            if signal == SIGTSTP && nobody_could_continue() {
                continued.store(true, Ordering::Relaxed);
                continue;
            }
            let _ = low_level::emulate_default_handler(signal);
        }
    };
    thread::Builder::new().name("terminal".into()).spawn(wait)?;
    Ok(())
}

/// Whether no shell with job control has started us: then the system would not stop us either.
fn nobody_could_continue() -> bool {
    getsid(None) == Ok(getpgrp())
}
