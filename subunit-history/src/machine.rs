//! What this machine gives: random bytes, and the time.

use std::{fs::File, io::Read, path::Path};

use subunit_core::Timestamp;

use crate::Error;

/// 16 bytes that nobody can guess.
pub(crate) fn random() -> Result<[u8; 16], Error> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; 16];
    let read = File::open(source).and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(Error::file(source))?;
    Ok(bytes)
}

/// A new UUID of version 4.
pub(crate) fn new_uuid() -> Result<String, Error> {
    let random = u128::from_be_bytes(random()?);
    let version = random & !(0xf << 76) | 4 << 76;
    let hex = format!("{:032x}", version & !(3 << 62) | 2 << 62);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    Ok(parts.join("-"))
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
