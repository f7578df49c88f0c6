//! Which protocol is spoken, and where to.
//!
//! The runner has the last word: `SUBUNIT_PROTOCOL` and `SUBUNIT_OUTPUT` are read at the first event.
//! All that is kept is in atomics. Two threads with the first event at once both do the work, and what
//! one of them found is taken; nobody waits, so that a fork in the middle leaves no lock behind.

use std::{
    ffi::{CString, c_int},
    os::unix::ffi::OsStringExt,
    sync::atomic::{AtomicI32, AtomicU64, Ordering},
};

use subunit_c_shared::{
    Errno, append_to, close, environment, identity, is_terminal, stdout_descriptor, write_stderr,
    write_stdout, write_whole,
};

/// A version of the protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    V1,
    V2,
}

impl Protocol {
    pub(crate) fn number(self) -> c_int {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }
}

/// What holds for one event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) protocol: Protocol,
    output: Output,
}

#[derive(Clone, Copy, Debug)]
enum Output {
    Stdout,
    Path(c_int),
}

/// The program's choice: 0 is none.
static CHOSEN: AtomicI32 = AtomicI32::new(0);
/// The environment's choice: 0 is not read yet, -1 is none.
static DEMANDED: AtomicI32 = AtomicI32::new(0);
/// The descriptor of `SUBUNIT_OUTPUT`.
static OUTPUT: AtomicI32 = AtomicI32::new(NOT_READ);
/// The file that the descriptor was opened for. A program that closes all its descriptors and opens
/// others would else get packets into files of its own.
static DEVICE: AtomicU64 = AtomicU64::new(0);
static INODE: AtomicU64 = AtomicU64::new(0);

const NOT_READ: c_int = -2;
const NO_PATH: c_int = -1;

/// What holds now.
pub(crate) fn settings() -> Settings {
    Settings { protocol: protocol(), output: output() }
}

/// The program's own default, for when the environment demands nothing.
pub(crate) fn set_protocol(version: c_int) {
    if matches!(version, 1 | 2) {
        CHOSEN.store(version, Ordering::Relaxed);
    }
}

fn protocol() -> Protocol {
    let demanded = match DEMANDED.load(Ordering::Relaxed) {
        0 => read_protocol(),
        known => known,
    };
    let version = if demanded > 0 { demanded } else { CHOSEN.load(Ordering::Relaxed) };
    if version == 2 { Protocol::V2 } else { Protocol::V1 }
}

fn read_protocol() -> c_int {
    let value = environment(c"SUBUNIT_PROTOCOL");
    let (demanded, known) = match value.as_deref().map(std::ffi::OsStr::as_encoded_bytes) {
        None | Some(b"") => (-1, true),
        Some(b"1") => (1, true),
        Some(b"2") => (2, true),
        Some(_) => (1, false),
    };
    let first = DEMANDED.compare_exchange(0, demanded, Ordering::Relaxed, Ordering::Relaxed);
    if first.is_ok() && !known {
        write_stderr(b"libsubunit: SUBUNIT_PROTOCOL is neither 1 nor 2; using 1\n");
    }
    first.err().unwrap_or(demanded)
}

fn output() -> Output {
    let descriptor = match OUTPUT.load(Ordering::Acquire) {
        NOT_READ => read_output(),
        known => known,
    };
    if descriptor < 0 {
        return Output::Stdout;
    }
    if identity(descriptor) == Some(opened()) {
        return Output::Path(descriptor);
    }
    // The program closed the descriptor. Ours is not to close what it has opened there since.
    let _ = OUTPUT.compare_exchange(descriptor, NOT_READ, Ordering::AcqRel, Ordering::Relaxed);
    match read_output() {
        descriptor if descriptor >= 0 => Output::Path(descriptor),
        _ => Output::Stdout,
    }
}

fn opened() -> (u64, u64) {
    (DEVICE.load(Ordering::Relaxed), INODE.load(Ordering::Relaxed))
}

fn read_output() -> c_int {
    let path = environment(c"SUBUNIT_OUTPUT").filter(|path| !path.is_empty());
    let path = path.and_then(|path| CString::new(path.into_vec()).ok());
    let opened = path.as_deref().map(append_to);
    let descriptor = match opened {
        Some(Ok(descriptor)) => descriptor,
        Some(Err(_)) | None => NO_PATH,
    };
    if let Some((device, inode)) = identity(descriptor) {
        // The same file for every thread that comes here, as they open the same path.
        DEVICE.store(device, Ordering::Relaxed);
        INODE.store(inode, Ordering::Relaxed);
    }
    match OUTPUT.compare_exchange(NOT_READ, descriptor, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {
            if opened.is_some_and(|opened| opened.is_err()) {
                write_stderr(b"libsubunit: SUBUNIT_OUTPUT cannot be opened; using stdout\n");
            }
            descriptor
        }
        Err(other) => {
            if descriptor >= 0 {
                let _ = close(descriptor);
            }
            other
        }
    }
}

impl Settings {
    /// The protocol for this event: a terminal would change the bytes of packets.
    pub(crate) fn protocol(&self) -> Protocol {
        let target = match self.output {
            Output::Stdout => stdout_descriptor(),
            Output::Path(descriptor) => Some(descriptor),
        };
        match self.protocol {
            Protocol::V2 if target.is_some_and(is_terminal) => Protocol::V1,
            protocol => protocol,
        }
    }

    /// Writes one record or packet.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Errno> {
        match self.output {
            Output::Stdout => write_stdout(bytes),
            Output::Path(descriptor) => write_whole(descriptor, bytes),
        }
    }
}
