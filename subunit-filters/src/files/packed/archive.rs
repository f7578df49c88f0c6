//! What an archive is, and what may be wrong with it.

/// What is wrong with an archive.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Fault {
    Early,
    Damaged,
    /// It cannot be unpacked, for this reason.
    Refused(String),
}

/// Unpacks one archive after the other.
pub(super) trait Archive {
    /// Unpacks the next bytes, some 128 KiB at most, to the end of `plain`, which is empty; how many bytes of `packed`
    /// are done with. It takes more of them to go on where that is none and nothing was unpacked.
    fn unpack(&mut self, packed: &[u8], plain: &mut Vec<u8>) -> Result<usize, Fault>;

    /// No more comes: what is held back is given by what unpacks nothing more.
    fn let_go(&mut self) {}

    /// Whether the archive may end here.
    fn is_whole(&self) -> bool;
}
