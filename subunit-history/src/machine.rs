//! What this machine gives: random bytes, and the time.

use std::{fs::File, io::Read, path::Path};

use subunit_core::{Timestamp, conventions};

use crate::Error;

/// Where random bytes come from.
const RANDOM: &str = "/dev/urandom";

/// 16 bytes that nobody can guess.
pub(crate) fn random() -> Result<[u8; 16], Error> {
    let source = Path::new(RANDOM);
    let mut bytes = [0; 16];
    let read = File::open(source).and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(Error::file(source))?;
    Ok(bytes)
}

/// What no other run or history is called.
pub(crate) fn new_uuid() -> Result<String, Error> {
    conventions::run_uuid().map_err(Error::file(Path::new(RANDOM)))
}

/// Microseconds since 1970, by the clock of this machine.
pub(crate) fn now() -> i64 {
    Timestamp::now().map_or(0, micros)
}

/// A point in time as microseconds since 1970.
pub(crate) fn micros(time: Timestamp) -> i64 {
    let seconds = i64::try_from(time.seconds()).unwrap_or_default();
    seconds * 1_000_000 + i64::from(time.nanoseconds() / 1000)
}
