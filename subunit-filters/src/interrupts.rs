//! Signals that ask a command to end before its input does.
//!
//! A report that is interrupted is still a report: of what was read so far. It says that it was
//! interrupted, which is red, and the command then ends by the signal, as its caller expects.
//!
//! One more signal, SIGUSR1, asks what is going on.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// A request to end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signal {
    /// SIGINT: by ^C, which whoever writes our input hears too.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
}

impl Signal {
    const ALL: [Self; 3] = [Self::Interrupt, Self::Terminate, Self::HangUp];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::HangUp => "SIGHUP",
        }
    }

    /// Ends the process as the signal does where nobody catches it.
    ///
    /// # Errors
    ///
    /// If there are no signals.
    #[cfg(unix)]
    pub fn end_process(self) -> io::Result<()> {
        signal_hook::low_level::emulate_default_handler(self.number())
    }

    /// There are no signals here.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(unix))]
    pub fn end_process(self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    #[cfg(unix)]
    const fn number(self) -> std::ffi::c_int {
        match self {
            Self::Interrupt => signal_hook::consts::SIGINT,
            Self::Terminate => signal_hook::consts::SIGTERM,
            Self::HangUp => signal_hook::consts::SIGHUP,
        }
    }
}

/// Hears signals, if it is that of the process and was told to.
#[derive(Clone, Debug, Default)]
pub struct Interrupts {
    of_process: bool,
    catching: bool,
    /// Which signal came: the place in [`Signal::ALL`], counted from 1.
    heard: Arc<AtomicUsize>,
    /// Whether SIGUSR1 has come.
    asked: Arc<AtomicBool>,
}

impl Interrupts {
    /// Those of the process. Until they are caught they end it, as ever.
    pub fn of_process() -> Self {
        Self { of_process: true, ..Self::default() }
    }

    /// From now on the first signal is heard, and the second one ends the process.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn catch(&mut self) -> io::Result<()> {
        if !self.of_process || self.catching {
            return Ok(());
        }
        self.catching = true;
        #[cfg(unix)]
        {
            use signal_hook::flag;
            use subunit_mux::process::hang_up_is_ignored;
            let again = Arc::default();
            for (nth, signal) in Signal::ALL.into_iter().enumerate() {
                if signal == Signal::HangUp && hang_up_is_ignored() {
                    continue;
                }
                // In this order: the first one finds that there was none before it.
                flag::register_conditional_default(signal.number(), Arc::clone(&again))?;
                flag::register(signal.number(), Arc::clone(&again))?;
                flag::register_usize(signal.number(), Arc::clone(&self.heard), nth + 1)?;
            }
        }
        Ok(())
    }

    /// From now on SIGUSR1 asks what is going on, instead of ending the process.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn hear_questions(&self) -> io::Result<()> {
        #[cfg(unix)]
        if self.of_process {
            use signal_hook::{consts::SIGUSR1, flag};
            flag::register(SIGUSR1, Arc::clone(&self.asked))?;
        }
        Ok(())
    }

    /// Whether it was asked what is going on, since this was last asked.
    pub fn take_question(&self) -> bool {
        self.asked.swap(false, Ordering::Relaxed)
    }

    /// As if SIGUSR1 had come.
    #[cfg(test)]
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Whether a signal may come.
    pub fn are_caught(&self) -> bool {
        self.catching
    }

    /// The signal that came.
    pub fn heard(&self) -> Option<Signal> {
        let nth = self.heard.load(Ordering::Relaxed).checked_sub(1)?;
        Signal::ALL.get(nth).copied()
    }

    /// As if the signal had come.
    #[cfg(any(unix, test))]
    pub fn raise(&self, signal: Signal) {
        let nth = Signal::ALL.iter().position(|known| *known == signal).unwrap_or_default();
        self.heard.store(nth + 1, Ordering::Relaxed);
    }
}
