//! The terminal of a person whose lines we edit and show.

use std::{
    io::{self, IsTerminal},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
};

/// A terminal that hands over each key and shows none of them, until this is dropped.
pub(super) struct Keyboard {
    before: Termios,
    /// Whether the process was stopped and goes on: the shell has changed the terminal meanwhile.
    continued: Arc<AtomicBool>,
}

impl Keyboard {
    /// Takes it. `None` where there is no terminal on both sides: what is typed could not be shown where the
    /// output is.
    pub(super) fn take() -> Option<Self> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return None;
        }
        let before = tcgetattr(io::stdin()).ok()?;
        let continued = Arc::<AtomicBool>::default();
        signal_hook::flag::register(signal_hook::consts::SIGCONT, Arc::clone(&continued)).ok()?;
        let keyboard = Self { before, continued };
        keyboard.set().then_some(keyboard)
    }

    /// Signals still come by their keys.
    fn set(&self) -> bool {
        let mut modes = self.before.clone();
        modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &modes).is_ok()
    }

    /// After a stop it is taken anew.
    pub(super) fn come_back(&mut self) {
        if self.continued.swap(false, Ordering::Relaxed) {
            self.set();
        }
    }

    /// How wide it is.
    pub(super) fn columns(&self) -> usize {
        match tcgetwinsize(io::stdout()) {
            Ok(size) if size.ws_col > 0 => size.ws_col.into(),
            _ => 80,
        }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        // The terminal may be gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
